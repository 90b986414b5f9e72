import { scaleSkips } from './addSkips.js';
import type { Remedy } from './remedy.js';

/** Skips whose branches are scaled by 1/√L, so that L of them add up to a bounded growth; adds the skips where there are none. */
export const scaledResidual: Remedy = {
  id: 'scaledResidual',
  about: {
    does: 'Skips whose branches are scaled by 1/√L, so that L of them add up to a bounded growth; adds the skips where there are none.',
    formula: 'y = x + F(x) / √L: growth (1 + 1/L)^L → e instead of 2^L',
    source: 'Hanin & Rolnick 2018, arXiv:1803.01719; De & Smith 2020, arXiv:2002.10444',
  },
  treats: ['exploding', 'nonFinite', 'shattered', 'vanishing', 'rankCollapse'],
  effort: 3,
  apply: scaleSkips,
};

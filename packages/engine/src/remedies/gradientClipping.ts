import type { Remedy } from './remedy.js';

/** Scales the whole gradient down to norm 1 where it is larger: no step can blow the network up. */
export const gradientClipping: Remedy = {
  id: 'gradientClipping',
  about: {
    does: 'Scales the whole gradient down to norm 1 where it is larger: no step can blow the network up.',
    formula: 'g ← g · min(1, 1 / ‖g‖)',
    source: 'Pascanu et al. 2013, arXiv:1211.5063, algorithm 1',
  },
  treats: ['exploding', 'nonFinite', 'learningRateTooHigh', 'oscillation', 'deadUnits', 'saturation'],
  effort: 1,
  apply: (spec) =>
    spec.clip?.norm !== undefined && spec.clip.norm <= 1
      ? { reason: 'alreadySo', names: { what: 'clip.norm ≤ 1' } }
      : { ...spec, clip: { norm: 1 } },
};

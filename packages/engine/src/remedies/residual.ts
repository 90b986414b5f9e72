import { addSkips } from './addSkips.js';
import type { Remedy } from './remedy.js';

/** A skip around every hidden layer (or block) that keeps its input’s shape: the gradient has a path with factor 1. */
export const residual: Remedy = {
  id: 'residual',
  about: {
    does: 'A skip around every hidden layer (or block) that keeps its input’s shape: the gradient has a path with factor 1.',
    formula: '∂(x + F(x))/∂x = 1 + F′',
    source: 'He et al. 2015, arXiv:1512.03385',
  },
  treats: ['vanishing', 'forwardDecay', 'deadUnits', 'shattered', 'rankCollapse'],
  effort: 3,
  apply: addSkips,
};

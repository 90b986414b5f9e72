import * as v from 'valibot';
import { optional, real } from '../core/options.js';
import { constantFill } from '../core/parameters.js';
import { preluOp } from '../ops/prelu.js';
import { featureAxis } from '../ops/softmax.js';
import type { Activation } from './activation.js';

const options = {
  slope: optional(real(), 0.25),
  perChannel: optional(v.boolean(), false),
};

/** y = x above 0, else slope · x with a learnt slope. */
export const prelu: Activation<typeof options> = {
  id: 'prelu',
  about: {
    does: 'A leaky ReLU that learns its slope.',
    formula: 'y = x if x > 0, else a x; a is trained, starting at slope',
    shapes:
      'one a for all, or (perChannel) one for each feature: channels of an image, the last axis otherwise',
    gradient: 'da = Σ dy x over x ≤ 0; no unit can die while a ≠ 0.',
    source: 'He et al. 2015, arXiv:1502.01852',
  },
  options,
  f: (x, { slope }) => (x > 0 ? x : slope * x),
  slope: (x, { slope }) => (x > 0 ? 1 : slope),
  kinks: [0],
  maxSlope: 1,
  gain: Math.SQRT2,
  init: 'heNormal',
  apply: (x, { slope, perChannel }, scope) => {
    const axis = featureAxis(x.shape);
    const a = scope.parameter('slope', [perChannel ? x.shape[axis]! : 1], { fill: constantFill(slope) });
    return scope.apply(preluOp, [x, a], { axis });
  },
};

import { check } from '../core/errors.js';
import { optional, positive, real, share } from '../core/options.js';
import { optimizer } from './optimizer.js';
import * as v from 'valibot';

/** w ← w − lr v, v ← momentum v + (1 − dampening)(g + weightDecay w); PyTorch's `SGD`. */
export const sgd = optimizer({
  id: 'sgd',
  about: {
    does: 'A step against the gradient, optionally with momentum.',
    formula: 'v ← μ v + g,  w ← w − lr v',
    gradient: 'The step is proportional to the gradient: where it vanishes, nothing is learnt.',
    source: 'Robbins & Monro 1951; Sutskever et al. 2013; PyTorch SGD',
  },
  options: {
    lr: optional(positive(), 0.1),
    momentum: optional(share(), 0),
    dampening: optional(real(0, 1), 0),
    nesterov: optional(v.boolean(), false),
    weightDecay: optional(real(0), 0),
  },
  complete: (options) => {
    const { nesterov, momentum, dampening } = options;
    check(
      !nesterov || (momentum > 0 && dampening === 0),
      'SPEC',
      `nesterov needs momentum above 0 and no dampening, got momentum ${momentum} and dampening ${dampening}`,
    );
    return options;
  },
  buffers: ({ momentum }) => (momentum > 0 ? 1 : 0),
  prepare: (k, { size, value, grad, buffers }, { momentum, dampening, nesterov, weightDecay }) => {
    const velocity = buffers[0] ?? 0;
    return (lr, step) => {
      k.sgdStep(
        size,
        value,
        grad,
        velocity,
        lr,
        momentum,
        dampening,
        weightDecay,
        nesterov ? 1 : 0,
        step === 1 ? 1 : 0,
      );
    };
  },
});

import { forkOp } from '../core/elementwise.js';
import { EngineError } from '../core/errors.js';
import { count, optional } from '../core/options.js';
import { placeOf } from '../core/tape.js';
import { drawFor } from '../run/data.js';
import { measure } from './measure.js';
import { withSensitivity } from './sensitivity.js';

/** Which lengths of path through a residual network carry its gradient. */
export const pathLength = measure({
  id: 'pathLength',
  about: {
    does: 'A residual network is a sum over paths, each going through a branch or past it at every skip: which lengths carry the gradient?',
    formula: 'w_k = C(n, k) · E‖g along a path through k of n branches‖; effective length = Σ k w_k / Σ w_k',
    gradient:
      'Mostly short paths carry it: a deep residual network behaves like an ensemble of shallow ones.',
    source: 'Veit et al. 2016, arXiv:1605.06431, §4.3',
  },
  options: { samples: optional(count(1, 1000), 8), paths: optional(count(1, 1000), 8) },
  take: (run, { samples, paths }) =>
    withSensitivity(run, samples, (sensitivity) => {
      const { records } = sensitivity.tape.graph;
      const forks = records.flatMap(({ op }, index) => (op === forkOp ? [index] : []));
      const n = forks.length;
      if (n === 0) throw new EngineError('SPEC', 'the network has no skip: there is only one path');
      const { arena } = run;
      const { kernels } = arena;
      sensitivity.load(run.samples.test.length > 0 ? run.samples.test : run.samples.train);
      sensitivity.forward();
      const { output } = sensitivity.sizes;
      const draw = drawFor(arena, run.spec.seed, 'measure');
      const direction = draw.normal('pathLength', samples * output);
      const slots = new Map(forks.map((index, slot) => [index, slot]));
      const norms = Array.from({ length: n + 1 }, (_, k) => {
        let sum = 0;
        const count = k === 0 || k === n ? 1 : paths; // all or none: only one path
        for (let p = 0; p < count; p++) {
          const through = chosen(draw.uniform(`path ${k} ${p}`, n, 0, 1), k);
          const gradient = sensitivity.backward(direction, {
            afterForward: () => undefined,
            beforeBackward: (index) => {
              const slot = slots.get(index);
              if (slot === undefined) return;
              // Here the skip's share is in x's gradient, the branch's in the fork's: one of them is dropped.
              const { inputs, outputs } = records[index]!;
              const dropped = placeOf(through.has(slot) ? inputs[0]! : outputs[0]!);
              kernels.fill(dropped.size, dropped.grad, 0);
            },
            afterBackward: () => undefined,
          });
          sum += Math.sqrt(gradient.reduce((total, value) => total + value * value, 0)) / count;
        }
        return sum;
      });
      let ways = 1; // C(n, k)
      const weights = norms.map((norm, k) => {
        if (k > 0) ways = (ways * (n - k + 1)) / k;
        return ways * norm;
      });
      const total = weights.reduce((a, b) => a + b, 0);
      const effective = weights.reduce((sum, weight, k) => sum + k * weight, 0) / total;
      return {
        numbers: { effective, branches: n },
        series: { norm: norms, share: weights.map((weight) => weight / total) },
      };
    }),
});

/** The places of the k smallest of `draws`: a random choice of k. */
function chosen(draws: Float32Array, k: number): Set<number> {
  const order = Array.from(draws.keys()).sort((a, b) => draws[a]! - draws[b]! || a - b);
  return new Set(order.slice(0, k));
}

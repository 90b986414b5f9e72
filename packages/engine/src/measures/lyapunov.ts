import { EngineError } from '../core/errors.js';
import { count, optional } from '../core/options.js';
import { drawFor } from '../run/data.js';
import { measure } from './measure.js';
import { withSensitivity } from './sensitivity.js';

const SUMS = 8; // doubles that the stats kernel writes
/** Share of the sequence at its end that is left out: there the direction has not yet turned to the dominant one. */
const SETTLING = 0.25;

/** The largest Lyapunov exponent of a recurrent layer, from the growth of the gradient back through time. */
export const lyapunov = measure({
  id: 'lyapunov',
  about: {
    does: 'How fast two nearby states of a recurrent layer part (or meet), and how fast the gradient grows (or fades) back through time.',
    formula: 'λ = 1/k ln(‖∂L/∂hₜ₋ₖ‖ / ‖∂L/∂hₜ‖), L = ⟨h_T, v⟩ for random v: per step, mean over samples',
    gradient:
      'λ < 0: it vanishes by e^λ a step; λ > 0: it explodes, and the dynamics are chaotic; λ ≈ 0: it lasts.',
    source: 'Engelken et al. 2020, arXiv:2006.02427; Vogt et al. 2020, arXiv:2006.14123',
  },
  options: { samples: optional(count(1, 1000), 16) },
  take: (run, { samples }) => {
    const site = run.sites.findIndex(({ time }) => time.length > 0);
    if (site < 0)
      throw new EngineError('SPEC', 'the network has no recurrent layer; only those walk through time');
    return withSensitivity(
      run,
      samples,
      (sensitivity) => {
        const { arena } = run;
        const { kernels } = arena;
        // Walks of the last layer, forwards: its states (hidden, and cell where there is one) together.
        const all = sensitivity.network.sites[site]!.time.filter(({ reverse }) => !reverse);
        const last = all.at(-1)!;
        const taps = all.filter(({ record }) => record === last.record);
        const index = sensitivity.tape.graph.records.indexOf(last.record);
        const { steps, size } = last;
        const sums = arena.alloc(8 * SUMS);
        const squares = new Float64Array(steps);
        sensitivity.load(run.samples.test.length > 0 ? run.samples.test : run.samples.train);
        sensitivity.forward();
        const { output } = sensitivity.sizes;
        const direction = drawFor(arena, run.spec.seed, 'measure').normal('lyapunov', samples * output);
        sensitivity.backward(direction, {
          afterForward: () => undefined,
          beforeBackward: () => undefined,
          afterBackward: (at) => {
            if (at !== index) return;
            for (const { record, gradient } of taps) {
              for (let t = 0; t < steps; t++) {
                kernels.stats(size, record.keep[gradient]! + 4 * size * t, sums);
                squares[t] = squares[t]! + arena.f64[(sums >> 3) + 2]!;
              }
            }
          },
        });
        const norms = Array.from(squares, Math.sqrt);
        const until = Math.max(1, Math.floor(steps * (1 - SETTLING)));
        const [first, end] = [norms[0]!, norms[until - 1]!];
        const exponent = until > 1 && first > 0 && end > 0 ? Math.log(first / end) / (until - 1) : NaN;
        return {
          numbers: {
            exponent,
            factorPerStep: Math.exp(exponent),
            decades: Math.log10(norms[0]! / norms[steps - 1]!),
          },
          series: { gradientNorm: norms },
        };
      },
      // Laid on the layer's last state, not on the network's output.
      (sites) => sites[site]!.time.findLast(({ reverse }) => !reverse)!.record.outputs[1]!,
    );
  },
});

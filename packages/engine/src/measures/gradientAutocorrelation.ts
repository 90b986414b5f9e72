import { EngineError } from '../core/errors.js';
import { count, optional } from '../core/options.js';
import { sizeOf } from '../core/shape.js';
import { ownerOf } from '../core/tensor.js';
import { drawFor } from '../run/data.js';
import { measure } from './measure.js';
import { withSensitivity } from './sensitivity.js';

/** How alike the gradients at neighbouring inputs are, along the line between two samples. */
export const gradientAutocorrelation = measure({
  id: 'gradientAutocorrelation',
  about: {
    does: 'Walks from one sample to another and asks how alike the input’s gradients at neighbouring points are.',
    formula:
      'acf(k) = E[g(s)·g(s+k)] / E[g(s)·g(s)] of the centred gradients of ⟨y, v⟩ along x(s) = (1−s) x₀ + s x₁',
    gradient:
      'Falling to 0 at the first lag: shattered, like white noise; in deep plain networks it falls with 2⁻ᴸ, with skips with 1/√L.',
    source: 'Balduzzi et al. 2017, arXiv:1702.08591',
  },
  options: { points: optional(count(8, 1024), 128), lags: optional(count(1, 512), 15) },
  take: (run, { points, lags }) =>
    withSensitivity(run, points, (sensitivity) => {
      const { network } = sensitivity;
      if (ownerOf(network.input).dtype !== 'f32') {
        throw new EngineError('SPEC', 'the input holds ids: there is no line between two of them');
      }
      const width = sizeOf(network.input.shape) / points;
      const rows = run.samples.test.length > 1 ? run.samples.test : run.samples.train;
      const stride = run.samples.strides?.x ?? width;
      const sample = (i: number) => run.samples.x.subarray(rows[i]! * stride, rows[i]! * stride + width);
      const [a, b] = [sample(0), sample(rows.length - 1)];
      const line = new Float32Array(points * width);
      for (let p = 0; p < points; p++) {
        const s = p / (points - 1);
        for (let i = 0; i < width; i++) line[p * width + i] = (1 - s) * a[i]! + s * b[i]!;
      }
      sensitivity.loadValues(line);
      sensitivity.forward();
      const { output } = sensitivity.sizes;
      const v = drawFor(run.arena, run.spec.seed, 'measure').normal('autocorrelation', output);
      const direction = new Float32Array(points * output);
      for (let p = 0; p < points; p++) direction.set(v, p * output);
      const acf = autocorrelation(sensitivity.backward(direction), points, width, Math.min(lags, points - 1));
      return { numbers: { first: acf[1]! }, series: { autocorrelation: acf } };
    }),
});

/** Mean over the columns' autocorrelations, each column centred, weighted by its variance. */
function autocorrelation(g: Float32Array, points: number, width: number, lags: number): number[] {
  const centred = new Float64Array(g.length);
  for (let i = 0; i < width; i++) {
    let mean = 0;
    for (let p = 0; p < points; p++) mean += g[p * width + i]! / points;
    for (let p = 0; p < points; p++) centred[p * width + i] = g[p * width + i]! - mean;
  }
  const at = (lag: number) => {
    let sum = 0;
    for (let p = 0; p + lag < points; p++) {
      for (let i = 0; i < width; i++) sum += centred[p * width + i]! * centred[(p + lag) * width + i]!;
    }
    return sum / (points - lag);
  };
  const variance = at(0);
  return Array.from({ length: lags + 1 }, (_, lag) => (variance > 0 ? at(lag) / variance : NaN));
}

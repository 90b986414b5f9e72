import type { Run } from '@fuga/engine';
import { shelves } from '@fuga/engine';

/** What an independent look says of a patient: does it learn, and does a float64 backward pass agree with its label? */
export interface Verdict {
  /** Share of the loss of chance that was learned away; −∞ where training broke. */
  readonly progress: number;
  readonly learns: boolean;
  /** Decades of gradient between the first hidden layer and the output, in float64; null where not a plain MLP. */
  readonly decades64: number | null;
}

/** A network that learns has taken away three quarters of the loss of chance. */
export const LEARNS = 0.75;

/** Judges by the loss alone (of a run that is done): knows nothing of probes, sites or diagnoses. */
export function learns(run: Run, decades64: number | null): Verdict {
  const { losses, stopped } = run.trace;
  const tail = losses.slice(-Math.max(1, Math.ceil(losses.length / 10)));
  const last = tail.reduce((sum, loss) => sum + loss, 0) / tail.length;
  const chance =
    run.loss.chance?.(run.data.outputs) ?? variance(run.samples.y, run.samples.train) ?? losses[0]!;
  const progress = stopped || !Number.isFinite(last) ? -Infinity : 1 - last / chance;
  return { progress, learns: progress > LEARNS, decades64 };
}

/** Variance of one-number targets: the squared error of always giving their mean. Null for class ids. */
function variance(targets: Float32Array | Int32Array, rows: Int32Array): number | null {
  if (!(targets instanceof Float32Array)) return null;
  const mean = rows.reduce((sum, row) => sum + targets[row]!, 0) / rows.length;
  return rows.reduce((sum, row) => sum + (targets[row]! - mean) ** 2, 0) / rows.length;
}

/**
 * The decades by which the gradient's norm changes from the network's output back to the first hidden layer, by plain
 * float64 loops over the weights as drawn, on the first training samples; null unless the network is a chain of dense
 * layers with pointwise activations. Take it before training.
 */
export function decadesInFloat64({ sites, parameters, arena, samples, data, spec }: Run): number | null {
  if (spec.loss !== 'crossEntropy') return null;
  if (!sites.every(({ type, parent }) => type === 'dense' && parent === null)) return null;
  const width = data.input.shape.reduce((a, b) => a * b, 1);
  const rows = samples.train.slice(0, 16);
  const read = (path: string) => {
    const { tensor } = parameters.get(path)!;
    return Float64Array.from(
      arena.read(
        tensor.data,
        tensor.shape.reduce((a, b) => a * b, 1),
      ),
    );
  };
  const layers = sites.map((site) => {
    const [O, I] = parameters.get(`${site.name}/weight`)!.tensor.shape as [number, number];
    const hasBias = site.parameters.some((path) => path.endsWith('/bias'));
    return {
      O,
      I,
      W: read(`${site.name}/weight`),
      b: hasBias ? read(`${site.name}/bias`) : new Float64Array(O),
      activation: shelves.activations[site.activation?.fn ?? 'identity']!,
      options: site.activation?.options ?? {},
    };
  });
  if (layers.some(({ activation }) => !activation.f)) return null;
  let [first, last] = [0, 0];
  for (const row of rows) {
    let h = Float64Array.from(samples.x.subarray(row * width, (row + 1) * width));
    const kept = layers.map(({ O, I, W, b, activation, options }) => {
      const z = Float64Array.from({ length: O }, (_, o) => {
        let sum = b[o]!;
        for (let i = 0; i < I; i++) sum += W[o * I + i]! * h[i]!;
        return sum;
      });
      h = z.map((value) => activation.f!(value, options as never));
      return z;
    });
    const most = Math.max(...h);
    const sum = h.reduce((total, logit) => total + Math.exp(logit - most), 0);
    let g = h.map((logit, c) => Math.exp(logit - most) / sum - (c === samples.y[row] ? 1 : 0));
    last += g.reduce((total, value) => total + value * value, 0);
    for (let l = layers.length - 1; l > 0; l--) {
      const { O, I, W, activation, options } = layers[l]!;
      const dz = g.map((value, o) => value * activation.slope!(kept[l]![o]!, options as never));
      g = Float64Array.from({ length: I }, (_, i) => {
        let total = 0;
        for (let o = 0; o < O; o++) total += W[o * I + i]! * dz[o]!;
        return total;
      });
    }
    first += g.reduce((total, value) => total + value * value, 0);
  }
  return Math.max(-45, Math.log10(first / last) / 2);
}

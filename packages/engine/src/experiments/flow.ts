import type { LayerSpec } from '../core/layer.js';
import { profile, type ProbeId, type Trace } from '../run/trace.js';
import { train } from '../run/train.js';
import type { Bench } from './experiment.js';

/** A network at initialisation under white noise: what the mean-field laws are about. */
export interface FlowSetting {
  readonly network: readonly LayerSpec[];
  /** Shape of one input sample. */
  readonly shape: readonly number[];
  readonly batch: number;
  readonly seeds: number;
}

/**
 * Traces of one step from each seed, the weights as drawn. Inputs are independent N(0, 1), labels are random, so the
 * gradient that starts backwards is random too, as the theory assumes.
 */
export async function* flows(bench: Bench, setting: FlowSetting): AsyncGenerator<Trace> {
  const { network, shape, batch, seeds } = setting;
  for (let s = 0; s < seeds; s++) {
    const run = await bench.open({
      fuga: 1,
      seed: bench.seed * 1000 + s,
      data: { source: 'gaussian', shape, samples: Math.max(10, Math.ceil(batch * 1.25)), batch },
      network,
      steps: 1,
    });
    for (const _ of train(run)) void _;
    yield run.trace;
  }
}

/** Mean over seeds of ln of a probe at each site (its square, for powers that multiply from layer to layer). */
export async function meanLogProfile(
  bench: Bench,
  setting: FlowSetting,
  probe: ProbeId,
  told?: (done: number) => void | Promise<void>,
): Promise<Float64Array> {
  let sum: Float64Array | null = null;
  let done = 0;
  for await (const trace of flows(bench, setting)) {
    const values = profile(trace, probe, trace.records[0]!);
    sum ??= new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) sum[i] = sum[i]! + 2 * Math.log(values[i]!);
    await told?.(++done);
  }
  return sum!.map((value) => value / done);
}

/**
 * What one layer multiplies the squared gradient by, from site `from` to site `to` (both hidden layers):
 * the geometric mean over layers and seeds.
 */
export function factorBetween(logs: Float64Array, from: number, to: number): number {
  return Math.exp((logs[from]! - logs[to]!) / (to - from));
}

/** Points to draw, from the output back: a profile of ln(squares), relative to its last site, as rms. */
export function backwards(logs: Float64Array): [number, number][] {
  const last = logs.length - 1;
  return Array.from({ length: logs.length }, (_, back) => [
    back,
    Math.exp((logs[last - back]! - logs[last]!) / 2),
  ]);
}

/** The same for a law with one factor a layer on the squared gradient. */
export function lawBackwards(factor: number, layers: number): [number, number][] {
  return Array.from({ length: layers }, (_, back) => [back, factor ** (back / 2)]);
}

/** The band around it that a band of the factor a layer, `low` to `high`, opens with depth. */
export function bandBackwards(low: number, high: number, layers: number): [number, number][] {
  return Array.from({ length: layers }, (_, back) => [low ** (back / 2), high ** (back / 2)]);
}

import { EngineError } from '../core/errors.js';
import { producers } from '../core/graph.js';
import { sizeOf } from '../core/shape.js';
import { placeOf } from '../core/tape.js';
import { ownerOf } from '../core/tensor.js';
import { gradientAutocorrelation } from '../measures/gradientAutocorrelation.js';
import { settleParameters } from '../run/settle.js';
import type { Run } from '../run/run.js';

/**
 * Measurements too dear to take along the way: taken of the run only when a diagnosis asks for them, once.
 *
 * Taking them changes nothing: weights, states and the order of batches are as before.
 */
export class Looks {
  readonly #run: Run;
  readonly #known = new Map<string, unknown>();

  constructor(run: Run) {
    this.#run = run;
  }

  /**
   * Correlation of the input's gradients at neighbouring points between two samples (1/127 of the way apart), with the
   * weights as they were drawn; NaN for ids. Balduzzi et al. 2017, arXiv:1702.08591
   */
  gradientCorrelation(): number {
    return this.#once('correlation', () => {
      try {
        return atStart(
          this.#run,
          () => gradientAutocorrelation.take(this.#run, { points: 128, lags: 2 }).numbers['first'] ?? NaN,
        );
      } catch (error) {
        if (error instanceof EngineError) return NaN;
        throw error;
      }
    });
  }

  /** For each site, the share of the signal's energy in which the samples of a batch differ, as the weights stand. */
  diversity(): readonly number[] {
    return this.#once('diversity', () => diversityOf(this.#run));
  }

  /** The same with the weights as they were drawn. */
  diversityAtStart(): readonly number[] {
    return this.#once('diversityAtStart', () => atStart(this.#run, () => diversityOf(this.#run)));
  }

  /**
   * Width of the middle 80 % of the losses of training batches when the weights stand still, mere sampling noise, and
   * the mean of these losses.
   */
  sampling(): { readonly spread: number; readonly mean: number } {
    return this.#once('sampling', () => {
      const losses = lossesStandingStill(this.#run);
      const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
      return { spread: quantile(losses, 0.9) - quantile(losses, 0.1), mean };
    });
  }

  #once<T>(name: string, take: () => T): T {
    if (!this.#known.has(name)) this.#known.set(name, take());
    return this.#known.get(name) as T;
  }
}

/** Runs `action` with the weights and states as they were drawn, then puts the present ones back. */
function atStart<T>({ arena, parameters, tape, batches, network, spec }: Run, action: () => T): T {
  const present = parameters.all.map(({ tensor }) => arena.read(tensor.data, sizeOf(tensor.shape)));
  try {
    parameters.initialize(arena, spec.seed);
    settleParameters(tape, parameters, batches, network, spec.seed);
    return action();
  } finally {
    parameters.all.forEach(({ tensor }, i) => arena.write(tensor.data, present[i]!));
  }
}

/** 1 − ‖mean h‖² / mean ‖h‖² over the samples: 0 where all samples look alike, near 1 where nothing is common. */
function diversityOf(run: Run): number[] {
  const { tape, network } = run.evaluation;
  const { arena, batches, samples } = run;
  batches.take(samples.train, 0, network.input.data, network.target.data);
  const made = producers(network.graph.records);
  const shares = network.sites.map(() => NaN);
  tape.forward({
    afterForward: (index) => {
      network.sites.forEach(({ output }, site) => {
        if (made.get(ownerOf(output)) !== index) return;
        const { data, size, shape } = placeOf(output);
        const rows = shape[0]!;
        shares[site] = shareThatDiffers(arena.read(data, size), rows, size / rows);
      });
    },
    beforeBackward: () => undefined,
    afterBackward: () => undefined,
  });
  return shares;
}

function shareThatDiffers(values: Float32Array, rows: number, width: number): number {
  let [all, common] = [0, 0];
  for (let column = 0; column < width; column++) {
    let mean = 0;
    for (let row = 0; row < rows; row++) {
      const value = values[row * width + column]!;
      mean += value / rows;
      all += (value * value) / rows;
    }
    common += mean * mean;
  }
  return all > 0 ? Math.max(0, 1 - common / all) : 0;
}

const BATCHES = 24;

function lossesStandingStill(run: Run): number[] {
  const { tape, network } = run.evaluation;
  const { arena, batches, samples } = run;
  const losses: number[] = [];
  for (
    let from = 0;
    from + batches.batch <= samples.train.length && losses.length < BATCHES;
    from += batches.batch
  ) {
    batches.take(samples.train, from, network.input.data, network.target.data);
    tape.forward();
    losses.push(arena.f32[network.loss.data >> 2]!);
  }
  return losses;
}

/** The value below which a share of the values lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[Math.round(share * (sorted.length - 1))]!;
}

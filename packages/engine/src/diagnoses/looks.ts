import { producers } from '../core/graph.js';
import { sizeOf } from '../core/shape.js';
import { placeOf } from '../core/tape.js';
import { ownerOf } from '../core/tensor.js';
import { readActivation } from '../activations/activation.js';
import { activations } from '../run/shelves.js';
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
   * For each site with an activation, how much the slopes of two samples have in common, with the weights as drawn:
   * E φ′(z) φ′(z′) / E φ′(z)² over pairs of samples and over units. The gradients of two samples that come from above
   * alike are alike below by so much less: over a chain, their correlation is the product.
   */
  slopeAgreement(): readonly number[] {
    return this.#once('agreement', () => atStart(this.#run, () => agreementOf(this.#run)));
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

/**
 * 1 − ‖mean h‖² / mean ‖h‖² over the samples: 0 where all samples look alike, near 1 where nothing is common; NaN where
 * there is but one.
 */
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
  if (rows < 2) return NaN;
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

function agreementOf(run: Run): number[] {
  const { tape, network } = run.evaluation;
  const { arena, batches, samples } = run;
  batches.take(samples.train, 0, network.input.data, network.target.data);
  const made = producers(network.graph.records);
  const shares = network.sites.map(() => NaN);
  tape.forward({
    afterForward: (index) => {
      network.sites.forEach(({ preactivation, activation }, site) => {
        if (!preactivation || !activation || made.get(ownerOf(preactivation)) !== index) return;
        const read = readActivation(activations, { fn: activation.fn, ...activation.options });
        if (!read.activation.slope) return;
        const { data, size, shape } = placeOf(preactivation);
        const slopes = arena.read(data, size).map((z) => read.activation.slope!(z, read.options as never));
        shares[site] = commonShare(slopes, shape[0]!, size / shape[0]!);
      });
    },
    beforeBackward: () => undefined,
    afterBackward: () => undefined,
  });
  return shares;
}

/** Mean product of two different rows over the mean square of one. */
function commonShare(values: Float32Array, rows: number, width: number): number {
  let [squares, sums] = [0, 0];
  for (let column = 0; column < width; column++) {
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      const value = values[row * width + column]!;
      sum += value;
      squares += value * value;
    }
    sums += sum * sum;
  }
  return rows < 2 || squares === 0 ? NaN : (sums - squares) / ((rows - 1) * squares);
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

import { moments, type Nonlinearity } from './meanField.js';

/** A layer as mean-field theory sees it: random weights, then a pointwise function. */
export interface FlowLayer {
  readonly phi: Nonlinearity;
  /** fanIn · Var W; 1 for a layer without weights. */
  readonly sw2: number;
  /** Variance of the biases. */
  readonly sb2: number;
  /** Mean square of what comes in, measured or predicted. */
  readonly inputSquare: number;
  /** Numbers a sample that come in and go out. */
  readonly inputs: number;
  readonly outputs: number;
  /** Inputs of one unit; 0 for a layer without weights, whose factor does not fluctuate. */
  readonly fanIn: number;
}

/** What one backward step through a layer does by the theory. */
export interface PredictedStep {
  /** What rms(gradient) is multiplied by. */
  readonly factor: number;
  /** Variance of ln |J u|² of this layer alone, over draws of the weights. */
  readonly spread: number;
}

/**
 * The backward step of one layer: rms(gradient)² is multiplied by sw2 · (outputs / inputs) · E φ′(√q z)², with the
 * q = sw2 · E h² + sb2 that really arrives (not the fixed point: tanh on the critical line needs thousands of layers
 * to get there).
 *
 * The spread of one layer is (3 E φ′⁴ / (E φ′²)² − 1) / n: 5 / n for a ReLU, 2 / n for a linear layer.
 * Source: Schoenholz et al. 2017, arXiv:1611.01232, eq. 9; Hanin & Nica 2018, arXiv:1812.05994, thm. 1 (ReLU)
 */
export function predictStep({
  phi,
  sw2,
  sb2,
  inputSquare,
  inputs,
  outputs,
  fanIn,
}: FlowLayer): PredictedStep {
  const { slopeSquare, slopeFourth } = moments(phi, sw2 * inputSquare + sb2);
  return {
    factor: Math.sqrt(sw2 * (outputs / inputs) * slopeSquare),
    spread: fanIn > 0 && slopeSquare > 0 ? (3 * slopeFourth) / slopeSquare ** 2 / fanIn - 1 / fanIn : 0,
  };
}

/** Low, mean and high of rms(gradient). */
export type Band = readonly [low: number, mean: number, high: number];

/** How wide a band is, in standard deviations of ln rms(gradient): about 99 % of draws lie within. */
const DEVIATIONS = 2.6;

/**
 * rms(gradient) at the output of each layer of a chain, from the measured one at the last layer's output down.
 *
 * `steps` are the layers' backward steps, first to last; where one is null (no law applies), the theory starts anew
 * from the measured gradient below it. The first entry that a stretch starts from has no prediction (null).
 */
export function predictFlow(
  steps: readonly (PredictedStep | null)[],
  measured: readonly number[],
): (Band | null)[] {
  const bands: (Band | null)[] = steps.map(() => null);
  let [mean, spread] = [measured.at(-1) ?? NaN, 0];
  for (let layer = steps.length - 1; layer > 0; layer--) {
    const step = steps[layer]!;
    const below = layer - 1;
    if (!step || !(mean > 0)) {
      [mean, spread] = [measured[below]!, 0];
      continue;
    }
    mean *= step.factor;
    spread += step.spread;
    // ln |J u|² is about normal; its mean lies half its variance below the logarithm of the mean.
    const [centre, deviation] = [Math.log(mean) - spread / 4, Math.sqrt(spread) / 2];
    bands[below] = [
      Math.exp(centre - DEVIATIONS * deviation),
      Math.exp(centre),
      Math.exp(centre + DEVIATIONS * deviation),
    ];
  }
  return bands;
}

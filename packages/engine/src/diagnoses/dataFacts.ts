import { sizeOf } from '../core/shape.js';
import type { Run } from '../run/run.js';

/** What the training samples look like. */
export interface DataFacts {
  /** False for ids (text), whose size means nothing. */
  readonly numeric: boolean;
  readonly inputRms: number;
  readonly inputMean: number;
  readonly inputDeviation: number;
  /** Largest over smallest rms of a feature, over features that are not constant; 1 for ids. */
  readonly featureSpread: number;
  /** Inputs or targets that are NaN or infinite. */
  readonly nonFinite: number;
  /** Range of numeric targets; NaN for class ids. */
  readonly targetLow: number;
  readonly targetHigh: number;
  /** Standard deviation of numeric targets; NaN for class ids. */
  readonly targetDeviation: number;
}

/** Most samples looked at: enough for two digits of every number. */
const MOST = 2048;

/** Measures the samples a run trains on. */
export function examineData({ samples, data }: Run): DataFacts {
  const rows = samples.train.subarray(0, MOST);
  const width = sizeOf(data.input.shape);
  const numeric = data.input.dtype === 'f32';
  const stride = samples.strides?.x ?? width;
  const squares = new Float64Array(width);
  const sums = new Float64Array(width);
  let nonFinite = 0;
  if (numeric) {
    for (const row of rows) {
      for (let i = 0; i < width; i++) {
        const value = samples.x[row * stride + i]!;
        if (!Number.isFinite(value)) nonFinite++;
        else {
          sums[i] = sums[i]! + value;
          squares[i] = squares[i]! + value * value;
        }
      }
    }
  }
  const counted = Math.max(1, rows.length);
  const features = Array.from(squares, (square, i) => {
    const mean = sums[i]! / counted;
    return {
      rms: Math.sqrt(square / counted),
      varies: square / counted - mean * mean > 1e-12 * (square / counted),
    };
  });
  const varying = features.filter(({ varies, rms }) => varies && rms > 0).map(({ rms }) => rms);
  const mean = sums.reduce((a, b) => a + b, 0) / (counted * width);
  const square = squares.reduce((a, b) => a + b, 0) / (counted * width);
  const target = examineTargets(samples.y, rows, sizeOf(data.target.shape), samples.strides?.y);
  return {
    numeric,
    inputRms: numeric ? Math.sqrt(square) : NaN,
    inputMean: numeric ? mean : NaN,
    inputDeviation: numeric ? Math.sqrt(Math.max(0, square - mean * mean)) : NaN,
    // A spread is about features of different kinds: the columns of a table, not the pixels of an image.
    featureSpread: numeric && data.input.shape.length === 1 && varying.length > 1 ? spread(varying) : 1,
    nonFinite: nonFinite + target.nonFinite,
    targetLow: target.low,
    targetHigh: target.high,
    targetDeviation: target.deviation,
  };
}

function spread(values: readonly number[]): number {
  return Math.max(...values) / Math.min(...values);
}

function examineTargets(y: Float32Array | Int32Array, rows: Int32Array, width: number, stride = width) {
  if (!(y instanceof Float32Array)) return { nonFinite: 0, low: NaN, high: NaN, deviation: NaN };
  let [nonFinite, low, high, sum, square, counted] = [0, Infinity, -Infinity, 0, 0, 0];
  for (const row of rows) {
    for (let i = 0; i < width; i++) {
      const value = y[row * stride + i]!;
      if (!Number.isFinite(value)) {
        nonFinite++;
        continue;
      }
      low = Math.min(low, value);
      high = Math.max(high, value);
      sum += value;
      square += value * value;
      counted++;
    }
  }
  const mean = sum / Math.max(1, counted);
  return {
    nonFinite,
    low,
    high,
    deviation: Math.sqrt(Math.max(0, square / Math.max(1, counted) - mean * mean)),
  };
}

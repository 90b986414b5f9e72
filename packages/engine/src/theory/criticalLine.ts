import { chi, fixedVariance, moments, nextVariance, type Ensemble, type Nonlinearity } from './meanField.js';

/** A point of the critical line: the ensemble whose fixed variance is q and at which χ = 1. */
export interface CriticalPoint extends Ensemble {
  readonly q: number;
}

/**
 * The edge of chaos: where χ(q*) = 1, so that a gradient neither vanishes nor explodes. For each q there is one
 * point, sw2 = 1 / E φ′(√q z)², sb2 = q − sw2 E φ(√q z)²; those with sb2 < 0 do not exist. Points by growing q,
 * evenly in its logarithm.
 *
 * Source: Poole et al. 2016, arXiv:1606.05340, fig. 1; Schoenholz et al. 2017, arXiv:1611.01232, §3
 */
export function criticalLine(phi: Nonlinearity, from = 1e-4, to = 100, count = 160): CriticalPoint[] {
  const points: CriticalPoint[] = [];
  for (let i = 0; i < count; i++) {
    const q = from * (to / from) ** (i / Math.max(1, count - 1));
    const { square, slopeSquare } = moments(phi, q);
    if (!(slopeSquare > 0)) continue;
    const sw2 = 1 / slopeSquare;
    const sb2 = q - sw2 * square;
    if (sb2 >= -1e-12) points.push({ q, sw2, sb2: Math.max(0, sb2) });
  }
  return points;
}

/** Mean of ln χ over the layers 2 … depth, each at its own q, from inputs of variance `input`: what a layer does. */
export function meanLogChi(phi: Nonlinearity, ensemble: Ensemble, depth: number, input = 1): number {
  let q = ensemble.sw2 * input + ensemble.sb2;
  let sum = 0;
  for (let layer = 2; layer <= depth; layer++) {
    q = nextVariance(phi, ensemble, q);
    sum += Math.log(chi(phi, ensemble.sw2, q));
  }
  return sum / (depth - 1);
}

/**
 * Depth down to which a signal can be told from another, and so a network trained: about 6 depth scales, 6 / |ln χ|.
 * Null where the variance has no fixed point. Schoenholz et al. 2017, §5
 */
export function trainableDepth(phi: Nonlinearity, ensemble: Ensemble): number | null {
  const q = fixedVariance(phi, ensemble);
  return q === null ? null : 6 / Math.abs(Math.log(chi(phi, ensemble.sw2, Math.max(q, 1e-12))));
}

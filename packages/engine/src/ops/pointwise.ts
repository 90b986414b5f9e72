import { pointwise } from '../activations/activation.js';

// Pointwise functions that networks from files use beside the shelf's activations.

/** |x|, slope sign x. */
export const absOp = pointwise('abs', 'x', (k) => ({ forward: k.abs, gradient: k.absGrad }));
export const expOp = pointwise('exp', 'y', (k) => ({ forward: k.exp, gradient: k.expGrad }));
export const logOp = pointwise('log', 'x', (k) => ({ forward: k.log, gradient: k.logGrad }));
export const sqrtOp = pointwise('sqrt', 'y', (k) => ({ forward: k.sqrt, gradient: k.sqrtGrad }));
export const sinOp = pointwise('sin', 'x', (k) => ({ forward: k.sin, gradient: k.sinGrad }));
export const cosOp = pointwise('cos', 'x', (k) => ({ forward: k.cos, gradient: k.cosGrad }));
export const reciprocalOp = pointwise('reciprocal', 'y', (k) => ({
  forward: k.reciprocal,
  gradient: k.reciprocalGrad,
}));
export const squareOp = pointwise('square', 'x', (k) => ({ forward: k.square, gradient: k.squareGrad }));
/** max(0, x)². */
export const reluSquaredOp = pointwise('reluSquared', 'x', (k) => ({
  forward: k.reluSquared,
  gradient: k.reluSquaredGrad,
}));
/** x − tanh x. */
export const tanhShrinkOp = pointwise('tanhShrink', 'x', (k) => ({
  forward: k.tanhShrink,
  gradient: k.tanhShrinkGrad,
}));
/** x drawn towards 0 by alpha, 0 within. */
export const softShrinkOp = pointwise('softShrink', 'x', (k) => ({
  forward: k.softShrink,
  gradient: k.softShrinkGrad,
}));
/** x outside [−alpha, alpha], 0 within. */
export const hardShrinkOp = pointwise('hardShrink', 'x', (k) => ({
  forward: k.hardShrink,
  gradient: k.hardShrinkGrad,
}));
/** x above alpha, else beta. */
export const thresholdOp = pointwise('threshold', 'x', (k) => ({
  forward: k.threshold,
  gradient: k.thresholdGrad,
}));

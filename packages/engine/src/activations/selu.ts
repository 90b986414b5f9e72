import { pointwise, pointwiseActivation } from './activation.js';

const op = pointwise('selu', 'y', (k) => ({ forward: k.selu, gradient: k.seluGrad }));

// Fixed point of mean 0 and variance 1 under unit-variance preactivations.
const ALPHA = 1.6732632423543772;
const SCALE = 1.0507009873554805;

/** y = scale · ELU(x; α), with the constants that keep mean 0 and variance 1 from layer to layer. */
export const selu = pointwiseActivation({
  id: 'selu',
  about: {
    does: 'An ELU scaled so that activations keep mean 0 and variance 1 by themselves (with a LeCun init).',
    formula: 'y = s x if x > 0, else s α (eˣ − 1); s = 1.0507, α = 1.6733',
    gradient: 'E[y′²] = 1.07 at the fixed point: close to keeping the gradient’s scale.',
    source: 'Klambauer et al. 2017, arXiv:1706.02515',
  },
  options: {},
  f: (x) => SCALE * (x > 0 ? x : ALPHA * Math.expm1(x)),
  slope: (x) => SCALE * (x > 0 ? 1 : ALPHA * Math.exp(x)),
  kinks: [0],
  maxSlope: SCALE * ALPHA,
  // s α eˣ < 0.06 s α
  saturation: () => ({ low: -0.94 * SCALE * ALPHA, high: Infinity }),
  gain: 0.75, // PyTorch's; 1 keeps the variance at the fixed point
  init: 'lecunNormal',
  op,
});

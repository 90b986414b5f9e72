import { oneOf, optional } from '../core/options.js';
import { normalCdf, normalDensity } from '../core/erf.js';
import { pointwise, type Activation } from './activation.js';

const exact = pointwise('gelu', 'x', (k) => ({ forward: k.gelu, gradient: k.geluGrad }));
const tanhLike = pointwise('geluTanh', 'x', (k) => ({ forward: k.geluTanh, gradient: k.geluTanhGrad }));

const options = { approximate: optional(oneOf(['none', 'tanh']), 'none') };

const CUBIC = 0.044715;
const inner = (x: number) => Math.sqrt(2 / Math.PI) * (x + CUBIC * x ** 3);

/** y = x Φ(x): x weighted by how likely a normal number is to lie below it. */
export const gelu: Activation<typeof options> = {
  id: 'gelu',
  about: {
    does: 'A smooth ReLU that dips a little below 0; what transformers use.',
    formula:
      'y = x Φ(x),  y′ = Φ(x) + x φ(x); approximate: tanh takes x (1 + tanh √(2/π)(x + 0.044715 x³)) / 2',
    gradient: 'Smooth everywhere; slope up to 1.13, slightly negative below −0.75.',
    source: 'Hendrycks & Gimpel 2016, arXiv:1606.08415',
  },
  options,
  f: (x, { approximate }) =>
    approximate === 'tanh' ? 0.5 * x * (1 + Math.tanh(inner(x))) : x * normalCdf(x),
  slope: (x, { approximate }) => {
    if (approximate === 'none') return normalCdf(x) + x * normalDensity(x);
    const t = Math.tanh(inner(x));
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * Math.sqrt(2 / Math.PI) * (1 + 3 * CUBIC * x * x);
  },
  maxSlope: 1.129,
  gain: 1.5335304, // 1 / √E[y²] at N(0, 1)
  init: 'heNormal',
  apply: (x, { approximate }, scope) =>
    scope.apply(approximate === 'tanh' ? tanhLike : exact, [x], { alpha: 0, beta: 0 }),
};

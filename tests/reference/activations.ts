/** Activations in float64, as PyTorch defines them; at kinks `slope` is PyTorch's subgradient. */
export interface Activation {
  readonly value: (x: number, alpha: number, beta: number) => number;
  readonly slope: (x: number, alpha: number, beta: number) => number;
  /** alpha and beta to test with, where they matter. */
  readonly params?: readonly [number, number];
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
const inside = (x: number, low: number, high: number) => Number(!(x <= low || x >= high));

/** erf by its series of positive terms, by the continued fraction of erfc from 2.5 on (A&S 7.1.6, 7.1.14). */
export function erf(x: number): number {
  const t = Math.abs(x);
  if (t >= 6) return Math.sign(x);
  if (t < 2.5) {
    let term = x;
    let total = x;
    for (let k = 1; k < 80; k++) total += term *= (2 * x * x) / (2 * k + 1);
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = (0.5 * k) / (t + fraction);
  return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / (t + fraction));
}

const normalCdf = (x: number) => (1 + erf(x / Math.SQRT2)) / 2;
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
const tanhInner = (x: number) => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);

export const activations = {
  abs: { value: Math.abs, slope: (x) => (x === 0 ? 0 : Math.sign(x)) },
  celu: {
    value: (x, a) => (x > 0 ? x : a * Math.expm1(x / a)),
    slope: (x, a) => (x > 0 ? 1 : Math.exp(x / a)),
    params: [1.5, 0],
  },
  cos: { value: Math.cos, slope: (x) => -Math.sin(x) },
  elu: {
    value: (x, a) => (x > 0 ? x : a * Math.expm1(x)),
    slope: (x, a) => (x > 0 ? 1 : a * Math.exp(x)),
    params: [0.7, 0],
  },
  erf: { value: erf, slope: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) },
  exp: { value: Math.exp, slope: Math.exp },
  gelu: { value: (x) => x * normalCdf(x), slope: (x) => normalCdf(x) + x * density(x) },
  geluTanh: {
    value: (x) => (x * (1 + Math.tanh(tanhInner(x)))) / 2,
    slope: (x) => {
      const t = Math.tanh(tanhInner(x));
      return (1 + t) / 2 + (x / 2) * (1 - t * t) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    },
  },
  hardShrink: {
    value: (x, a) => (Math.abs(x) <= a ? 0 : x),
    slope: (x, a) => Number(!(Math.abs(x) <= a)),
    params: [0.5, 0],
  },
  hardSigmoid: { value: (x) => clamp(x + 3, 0, 6) / 6, slope: (x) => inside(x, -3, 3) / 6 },
  hardSwish: {
    value: (x) => (x * clamp(x + 3, 0, 6)) / 6,
    slope: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5),
  },
  hardTanh: {
    value: (x, a, b) => clamp(x, a, b),
    slope: (x, a, b) => inside(x, a, b),
    params: [-1, 2],
  },
  leakyRelu: {
    value: (x, a) => (x > 0 ? x : a * x),
    slope: (x, a) => (x > 0 ? 1 : a),
    params: [0.125, 0],
  },
  log: { value: Math.log, slope: (x) => 1 / x },
  logSigmoid: { value: (x) => -softplus(-x), slope: (x) => sigmoid(-x) },
  mish: {
    value: (x) => x * Math.tanh(softplus(x)),
    slope: (x) => {
      const t = Math.tanh(softplus(x));
      return t + x * sigmoid(x) * (1 - t * t);
    },
  },
  reciprocal: { value: (x) => 1 / x, slope: (x) => -1 / (x * x) },
  relu: { value: (x) => Math.max(x, 0), slope: (x) => Number(!(x <= 0)) },
  relu6: { value: (x) => clamp(x, 0, 6), slope: (x) => inside(x, 0, 6) },
  reluSquared: { value: (x) => Math.max(x, 0) ** 2, slope: (x) => 2 * Math.max(x, 0) },
  selu: {
    value: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
    slope: (x) => SELU_SCALE * (x > 0 ? 1 : SELU_ALPHA * Math.exp(x)),
  },
  sigmoid: { value: sigmoid, slope: (x) => sigmoid(x) * sigmoid(-x) },
  silu: { value: (x) => x * sigmoid(x), slope: (x) => sigmoid(x) * (1 + x * sigmoid(-x)) },
  sin: { value: Math.sin, slope: Math.cos },
  softplus: {
    value: (x, a, b) => (a * x > b ? x : softplus(a * x) / a),
    slope: (x, a, b) => (a * x > b ? 1 : sigmoid(a * x)),
    params: [2, 5],
  },
  softShrink: {
    value: (x, a) => x - clamp(x, -a, a),
    slope: (x, a) => Number(!(Math.abs(x) <= a)),
    params: [0.5, 0],
  },
  softsign: { value: (x) => x / (1 + Math.abs(x)), slope: (x) => 1 / (1 + Math.abs(x)) ** 2 },
  sqrt: { value: Math.sqrt, slope: (x) => 0.5 / Math.sqrt(x) },
  square: { value: (x) => x * x, slope: (x) => 2 * x },
  tanh: { value: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 },
  tanhShrink: { value: (x) => x - Math.tanh(x), slope: (x) => Math.tanh(x) ** 2 },
  threshold: {
    value: (x, a, b) => (x <= a ? b : x),
    slope: (x, a) => Number(!(x <= a)),
    params: [0.25, -7],
  },
} satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;

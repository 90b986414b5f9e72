/**
 * Optimisers in float64, one scalar parameter at a time, written from the algorithm boxes of PyTorch's documentation.
 * A state is a plain record; `step` counts from 1.
 */
export type State = Record<string, number>;
export type Step = (w: number, g: number, s: State, step: number) => number;

export interface SgdOptions {
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
}

export const sgd =
  (o: SgdOptions): Step =>
  (w, gradient, s, step) => {
    let g = gradient + o.weightDecay * w;
    if (o.momentum !== 0) {
      s.v = step === 1 ? g : o.momentum * s.v! + (1 - o.dampening) * g;
      g = o.nesterov ? g + o.momentum * s.v : s.v;
    }
    return w - o.lr * g;
  };

export interface AdamOptions {
  lr: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  decoupled: boolean;
  amsgrad?: boolean;
}

function decayed(w: number, g: number, o: AdamOptions): [number, number] {
  return o.decoupled ? [w * (1 - o.lr * o.weightDecay), g] : [w, g + o.weightDecay * w];
}

function moments(g: number, s: State, o: AdamOptions): void {
  s.m = o.beta1 * (s.m ?? 0) + (1 - o.beta1) * g;
  s.v = o.beta2 * (s.v ?? 0) + (1 - o.beta2) * g * g;
}

export const adam =
  (o: AdamOptions): Step =>
  (weight, gradient, s, step) => {
    const [w, g] = decayed(weight, gradient, o);
    moments(g, s, o);
    let v = s.v!;
    if (o.amsgrad) v = s.vmax = Math.max(s.vmax ?? 0, v);
    const mHat = s.m! / (1 - o.beta1 ** step);
    return w - (o.lr * mHat) / (Math.sqrt(v / (1 - o.beta2 ** step)) + o.eps);
  };

export const adamax =
  (o: AdamOptions): Step =>
  (weight, gradient, s, step) => {
    const [w, g] = decayed(weight, gradient, o);
    s.m = o.beta1 * (s.m ?? 0) + (1 - o.beta1) * g;
    s.u = Math.max(o.beta2 * (s.u ?? 0), Math.abs(g) + o.eps);
    return w - ((o.lr / (1 - o.beta1 ** step)) * s.m) / s.u;
  };

export const nadam =
  (o: AdamOptions & { momentumDecay: number }): Step =>
  (weight, gradient, s, step) => {
    const [w, g] = decayed(weight, gradient, o);
    const mu = nadamMomentum(o, step);
    const next = nadamMomentum(o, step + 1);
    s.product = (s.product ?? 1) * mu;
    moments(g, s, o);
    const mHat = (next * s.m!) / (1 - s.product * next) + ((1 - mu) * g) / (1 - s.product);
    return w - (o.lr * mHat) / (Math.sqrt(s.v! / (1 - o.beta2 ** step)) + o.eps);
  };

export function nadamMomentum(o: { beta1: number; momentumDecay: number }, step: number): number {
  return o.beta1 * (1 - 0.5 * 0.96 ** (step * o.momentumDecay));
}

/** The variance rectification of RAdam, 0 while it is not tractable. */
export function rectification(beta2: number, step: number): number {
  const limit = 2 / (1 - beta2) - 1;
  const rho = limit - (2 * step * beta2 ** step) / (1 - beta2 ** step);
  if (rho <= 5) return 0;
  return Math.sqrt(((rho - 4) * (rho - 2) * limit) / ((limit - 4) * (limit - 2) * rho));
}

export const radam =
  (o: AdamOptions): Step =>
  (weight, gradient, s, step) => {
    const [w, g] = decayed(weight, gradient, o);
    moments(g, s, o);
    const mHat = s.m! / (1 - o.beta1 ** step);
    const r = rectification(o.beta2, step);
    if (r === 0) return w - o.lr * mHat;
    return w - (o.lr * mHat * r * Math.sqrt(1 - o.beta2 ** step)) / (Math.sqrt(s.v!) + o.eps);
  };

export interface RmspropOptions {
  lr: number;
  alpha: number;
  eps: number;
  weightDecay: number;
  momentum: number;
  centered: boolean;
}

export const rmsprop =
  (o: RmspropOptions): Step =>
  (w, gradient, s) => {
    const g = gradient + o.weightDecay * w;
    s.sq = o.alpha * (s.sq ?? 0) + (1 - o.alpha) * g * g;
    let variance = s.sq;
    if (o.centered) {
      s.avg = o.alpha * (s.avg ?? 0) + (1 - o.alpha) * g;
      variance -= s.avg * s.avg;
    }
    const d = g / (Math.sqrt(variance) + o.eps);
    if (o.momentum === 0) return w - o.lr * d;
    s.buf = o.momentum * (s.buf ?? 0) + d;
    return w - o.lr * s.buf;
  };

export const adagrad =
  (o: { lr: number; eps: number; weightDecay: number }): Step =>
  (w, gradient, s) => {
    const g = gradient + o.weightDecay * w;
    s.sum = (s.sum ?? 0) + g * g;
    return w - (o.lr * g) / (Math.sqrt(s.sum) + o.eps);
  };

export const adadelta =
  (o: { lr: number; rho: number; eps: number; weightDecay: number }): Step =>
  (w, gradient, s) => {
    const g = gradient + o.weightDecay * w;
    s.sq = o.rho * (s.sq ?? 0) + (1 - o.rho) * g * g;
    const d = (Math.sqrt((s.moved ?? 0) + o.eps) / Math.sqrt(s.sq + o.eps)) * g;
    s.moved = o.rho * (s.moved ?? 0) + (1 - o.rho) * d * d;
    return w - o.lr * d;
  };

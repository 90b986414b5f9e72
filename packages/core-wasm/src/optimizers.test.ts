import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, it } from 'vitest';
import * as reference from '../../../tests/reference/optimizers.js';
import { arenaOf, expectClose, numbers, variants } from './testing.js';

const STEPS = 5;
const N = 23;

describe.each(variants)('optimizers on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  /** Runs both for a few steps; `buffers` state tensors start at 0. */
  function compare(
    step: reference.Step,
    kernel: (w: number, g: number, state: number[], step: number) => void,
    buffers: number,
    fillWith = 0,
  ) {
    const start = numbers(N, 7);
    const exact = Float64Array.from(start);
    const states: reference.State[] = Array.from(start, () => ({}));
    const w = arena.put(start);
    const state = Array.from({ length: buffers }, () => arena.put(new Float32Array(N).fill(fillWith)));
    for (let t = 1; t <= STEPS; t++) {
      const g = numbers(N, t + 20);
      exact.forEach((value, i) => (exact[i] = step(value, g[i]!, states[i]!, t)));
      kernel(w, arena.put(g), state, t);
    }
    expectClose(arena.read(w, N), exact, 2e-6);
    arena.check();
  }

  it.each([
    { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false },
    { momentum: 0.9, dampening: 0, weightDecay: 0.01, nesterov: false },
    { momentum: 0.9, dampening: 0.5, weightDecay: 0, nesterov: false },
    { momentum: 0.9, dampening: 0, weightDecay: 0.01, nesterov: true },
  ])('sgdStep %o', (o) => {
    const { momentum, dampening, weightDecay, nesterov } = o;
    compare(
      reference.sgd({ lr: 0.1, ...o }),
      (w, g, [v], t) => {
        const velocity = momentum ? v! : 0;
        kernels.sgdStep(
          N,
          w,
          g,
          velocity,
          0.1,
          momentum,
          dampening,
          weightDecay,
          Number(nesterov),
          Number(t === 1),
        );
      },
      1,
      NaN, // the first step must not read it
    );
  });

  const o = { lr: 0.01, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1 };
  const correction = (beta: number, t: number) => 1 - beta ** t;

  it.each([
    { decoupled: false, amsgrad: false },
    { decoupled: true, amsgrad: false },
    { decoupled: false, amsgrad: true },
  ])('adamStep %o', ({ decoupled, amsgrad }) => {
    compare(
      reference.adam({ ...o, decoupled, amsgrad }),
      (w, g, [m, v, vmax], t) => {
        kernels.adamStep(
          N,
          w,
          g,
          m!,
          v!,
          amsgrad ? vmax! : 0,
          o.lr,
          o.beta1,
          o.beta2,
          o.eps,
          o.weightDecay,
          Number(decoupled),
          correction(o.beta1, t),
          correction(o.beta2, t),
        );
      },
      3,
    );
  });

  it('adamaxStep', () => {
    compare(
      reference.adamax({ ...o, decoupled: false }),
      (w, g, [m, u], t) => {
        kernels.adamaxStep(
          N,
          w,
          g,
          m!,
          u!,
          o.lr,
          o.beta1,
          o.beta2,
          o.eps,
          o.weightDecay,
          correction(o.beta1, t),
        );
      },
      2,
    );
  });

  it('nadamStep', () => {
    const nadam = { ...o, decoupled: true, momentumDecay: 0.004 };
    let product = 1;
    compare(
      reference.nadam(nadam),
      (w, g, [m, v], t) => {
        const mu = reference.nadamMomentum(nadam, t);
        const next = reference.nadamMomentum(nadam, t + 1);
        product *= mu;
        kernels.nadamStep(
          N,
          w,
          g,
          m!,
          v!,
          o.lr,
          o.beta1,
          o.beta2,
          o.eps,
          o.weightDecay,
          1,
          correction(o.beta2, t),
          mu,
          next,
          product,
        );
      },
      2,
    );
  });

  it('radamStep', () => {
    for (const beta2 of [0.99, 0.7]) {
      compare(
        reference.radam({ ...o, beta2, decoupled: false }),
        (w, g, [m, v], t) => {
          kernels.radamStep(
            N,
            w,
            g,
            m!,
            v!,
            o.lr,
            o.beta1,
            beta2,
            o.eps,
            o.weightDecay,
            0,
            correction(o.beta1, t),
            correction(beta2, t),
            reference.rectification(beta2, t),
          );
        },
        2,
      );
    }
  });

  it.each([
    { momentum: 0, centered: false },
    { momentum: 0.9, centered: false },
    { momentum: 0.9, centered: true },
  ])('rmspropStep %o', ({ momentum, centered }) => {
    const r = { lr: 0.01, alpha: 0.9, eps: 1e-3, weightDecay: 0.1, momentum, centered };
    compare(
      reference.rmsprop(r),
      (w, g, [sq, buf, avg]) => {
        kernels.rmspropStep(
          N,
          w,
          g,
          sq!,
          momentum ? buf! : 0,
          centered ? avg! : 0,
          r.lr,
          r.alpha,
          r.eps,
          r.weightDecay,
          momentum,
        );
      },
      3,
    );
  });

  it('adagradStep and adadeltaStep', () => {
    compare(
      reference.adagrad({ lr: 0.1, eps: 1e-10, weightDecay: 0.1 }),
      (w, g, [sum]) => {
        kernels.adagradStep(N, w, g, sum!, 0.1, 1e-10, 0.1);
      },
      1,
    );
    compare(
      reference.adadelta({ lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0.1 }),
      (w, g, [sq, moved]) => {
        kernels.adadeltaStep(N, w, g, sq!, moved!, 1, 0.9, 1e-6, 0.1);
      },
      2,
    );
  });
});

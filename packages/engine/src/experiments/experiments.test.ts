import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { describe, expect, test } from 'vitest';
import { addOp } from '../core/elementwise.js';
import { holds, makeBench, type Experiment } from './experiment.js';
import * as shelf from './index.js';

const experiments: readonly Experiment[] = Object.values(shelf);
// FUGA_LAWS=all also runs the experiments that train, and every seed on both builds: about ten minutes.
const all = process.env['FUGA_LAWS'] === 'all';
// Seeds that no experiment was written with.
const seeds = { relaxed: [7001, 7002, 7003], simd: all ? [7001, 7002, 7003] : [7001] };

describe.each(['relaxed', 'simd'] as const)('laws on %s', (variant) => {
  for (const experiment of experiments) {
    if (experiment.kind === 'training' && !all) continue;
    test.each(seeds[variant])(
      `${experiment.id} holds from seed %i`,
      async (seed) => {
        const outcome = await experiment.measure(await makeBench({ seed, variant }));
        const failed = outcome.checks.filter(
          ({ measured, low, high }) => !(measured >= low && measured <= high),
        );
        expect(failed, experiment.law.formula).toEqual([]);
        expect(holds(outcome)).toBe(true);
        for (const { points, band, kind } of outcome.picture.curves) {
          if (!band) continue;
          expect(kind).toBe('law');
          expect(band.length, 'one pair a point').toBe(points.length);
          for (const [i, [low, high]] of band.entries()) {
            expect(low).toBeLessThanOrEqual(points[i]![1] * (1 + 1e-12));
            expect(high).toBeGreaterThanOrEqual(points[i]![1] * (1 - 1e-12));
          }
        }
      },
      600_000,
    );
  }
});

describe('every experiment says what it needs to', () => {
  test.each(experiments)('$id', ({ title, question, story, law, tolerance }) => {
    for (const words of [title, question, story]) {
      expect(words.en.length).toBeGreaterThan(5);
      expect(words['pt-BR'].length).toBeGreaterThan(5);
      expect(words.en).not.toBe(words['pt-BR']);
    }
    expect(law.formula).not.toBe('');
    expect(law.source).toMatch(/\d{4}/);
    expect(tolerance.length).toBeGreaterThan(10);
  });
});

/** One defect at one place of the engine, and the laws that must notice. */
const defects: readonly {
  name: string;
  laws: readonly string[];
  break: (kernels: Kernels) => Partial<Kernels>;
}[] = [
  {
    name: 'a gain that is 5 % too large',
    laws: ['heInit', 'sigmoidDecay', 'tanhPhase', 'seluFixedPoint', 'geluGain', 'residualGrowth'],
    break: (k) => ({
      randomNormal: (n, out, k0, k1, s0, s1, offset, mean, std) => {
        k.randomNormal(n, out, k0, k1, s0, s1, offset, mean, 1.05 * std);
      },
    }),
  },
  {
    name: 'Adam without bias correction',
    laws: ['adamHides'],
    break: (k) => ({
      adamStep: (n, w, g, m, v, vmax, lr, b1, b2, eps, decay, decoupled) => {
        k.adamStep(n, w, g, m, v, vmax, lr, b1, b2, eps, decay, decoupled, 1, 1);
      },
    }),
  },
  {
    name: 'a convolution padded on the wrong side',
    laws: ['deltaOrthogonal'],
    break: (k) => ({
      conv2dInputGrad: (
        n,
        c,
        h,
        w,
        o,
        oh,
        ow,
        kh,
        kw,
        sh,
        sw,
        pt,
        pl,
        dh,
        dw,
        g,
        dy,
        weight,
        dx,
        scratch,
        acc,
      ) => {
        k.conv2dInputGrad(
          n,
          c,
          h,
          w,
          o,
          oh,
          ow,
          kh,
          kw,
          sh,
          sw,
          pt + 1,
          pl,
          dh,
          dw,
          g,
          dy,
          weight,
          dx,
          scratch,
          acc,
        );
      },
    }),
  },
  {
    name: 'the LSTM’s input and forget gates swapped',
    laws: ['forgetBias'],
    break: (k) => ({
      lstm: (steps, n, h, proj, w, b, h0, c0, gates, cells, y, scratch, reverse) => {
        const floats = new Float32Array(k.memory.buffer);
        const swap = (row: number) => {
          const at = row >> 2;
          const input = floats.slice(at, at + h);
          floats.copyWithin(at, at + h, at + 2 * h);
          floats.set(input, at + h);
        };
        for (let row = 0; row < steps * n; row++) swap(proj + 16 * h * row);
        if (b) swap(b);
        k.lstm(steps, n, h, proj, w, b, h0, c0, gates, cells, y, scratch, reverse);
        if (b) swap(b);
      },
    }),
  },
  {
    name: 'a ReLU that lets a twentieth through below 0',
    laws: ['dyingRelu', 'batchNormExplosion'],
    break: (k) => ({
      relu: (n, x, y) => {
        k.leakyRelu(n, x, y, 0.05, 0);
      },
      reluGrad: (n, x, y, dy, dx, _a, _b, acc) => {
        k.leakyReluGrad(n, x, y, dy, dx, 0.5, 0, acc);
      },
    }),
  },
];

describe('laws can fail', () => {
  for (const defect of defects) {
    test.each(defect.laws)(`${defect.name}: %s notices`, async (id) => {
      const sound = await loadKernels();
      const kernels = { ...sound, ...defect.break(sound) } as Kernels;
      const experiment = experiments.find((item) => item.id === id)!;
      const outcome = await experiment.measure(await makeBench({ seed: 7001, kernels }));
      expect(holds(outcome)).toBe(false);
    });
  }

  test.each(['residualGrowth', 'fixupIdentity'])('a forgotten skip: %s notices', async (id) => {
    const { bind } = addOp;
    const broken = addOp as { -readonly [key in keyof typeof addOp]: (typeof addOp)[key] };
    broken.bind = (at) => {
      const sound = bind(at);
      const [skip] = at.x;
      return {
        forward: sound.forward,
        backward: () => {
          sound.backward!();
          if (skip!.grad) at.kernels.fill(skip!.size, skip!.grad, 0);
        },
      };
    };
    try {
      const experiment = experiments.find((item) => item.id === id)!;
      expect(holds(await experiment.measure(await makeBench({ seed: 7001 })))).toBe(false);
    } finally {
      broken.bind = bind;
    }
  });
});

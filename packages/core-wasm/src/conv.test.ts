import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { beforeAll, describe, it } from 'vitest';
import { convGrads, convolve, outputSize, type ConvSizes } from '../../../tests/reference/conv.js';
import { arenaOf, expectClose, numbers, variants } from './testing.js';

/** Sums of up to 63 products (here up to 180 in dWeight) whose absolute values add up to 20 and more. */
const TOLERANCE = 4e-6;

const plain: ConvSizes = {
  n: 2,
  c: 3,
  h: 9,
  w: 10,
  o: 5,
  kh: 3,
  kw: 3,
  strideH: 1,
  strideW: 1,
  padTop: 1,
  padLeft: 1,
  padBottom: 1,
  padRight: 1,
  dilH: 1,
  dilW: 1,
  groups: 1,
};
const unpadded = { padTop: 0, padLeft: 0, padBottom: 0, padRight: 0 };

const cases: Record<string, Partial<ConvSizes>> = {
  same: {},
  valid: unpadded,
  'one pixel': { h: 1, w: 1 },
  'one channel': { c: 1, o: 1 },
  'thirteen channels': { c: 7, o: 13, w: 17 },
  'wide rows': { w: 40, h: 3 },
  'uneven pads': { padTop: 2, padLeft: 0, padBottom: 0, padRight: 3 },
  'large pads': { padTop: 4, padLeft: 4, padBottom: 4, padRight: 4, h: 4, w: 4 },
  pointwise: { kh: 1, kw: 1, ...unpadded },
  'pointwise, stride 2': { kh: 1, kw: 1, strideH: 2, strideW: 2, ...unpadded },
  'stride 2': { strideH: 2, strideW: 2 },
  'stride 3 × 1': { strideH: 3 },
  'stride beyond the kernel': { strideH: 4, strideW: 5, kh: 2, kw: 2, ...unpadded },
  'dilation 2 × 3': { dilH: 2, dilW: 3, padTop: 2, padBottom: 2, padLeft: 3, padRight: 3 },
  'stride 2, dilation 3': { strideH: 2, strideW: 2, dilH: 3, dilW: 3, padTop: 3, padLeft: 3, h: 12, w: 13 },
  'kernel 5 × 2': { kh: 5, kw: 2, padTop: 2, padBottom: 2 },
  'one-dimensional': { h: 1, kh: 1, padTop: 0, padBottom: 0, w: 23 },
  groups: { c: 6, o: 4, groups: 2 },
  depthwise: { c: 7, o: 7, groups: 7 },
  'depthwise × 2, stride 2': { c: 3, o: 6, groups: 3, strideH: 2, strideW: 2 },
  'many images': { n: 9, h: 4, w: 4 },
};

describe.each(variants)('convolution on %s', (variant) => {
  let kernels: Kernels;
  let arena: ReturnType<typeof arenaOf>;
  beforeAll(async () => {
    kernels = await loadKernels({ variant });
    arena = arenaOf(kernels);
  });

  it.each(Object.keys(cases))('%s', (name) => {
    const s = { ...plain, ...cases[name] };
    const { oh, ow } = outputSize(s);
    const sizes = [s.n, s.c, s.h, s.w, s.o, oh, ow, s.kh, s.kw, s.strideH, s.strideW] as const;
    const rest = [s.padTop, s.padLeft, s.dilH, s.dilW, s.groups] as const;
    const x = numbers(s.n * s.c * s.h * s.w, 1);
    const weight = numbers((s.o * s.c * s.kh * s.kw) / s.groups, 2);
    const bias = numbers(s.o, 3);
    const dy = numbers(s.n * s.o * oh * ow, 4);
    const exact = convolve(s, x, weight);
    const grads = convGrads(s, x, weight, dy);
    const scratch = arena.room(kernels.conv2dScratch(...sizes, ...rest) / 4, 15);
    const [px, pw, pb, pdy] = [arena.put(x), arena.put(weight), arena.put(bias), arena.put(dy)];
    const channel = (i: number) => Math.floor(i / (oh * ow)) % s.o;
    for (const acc of [0, 1]) {
      const ones = (n: number) => arena.put(new Float32Array(n).fill(1));
      const [y, dx, dw] = [ones(dy.length), ones(x.length), ones(weight.length)];
      kernels.conv2d(...sizes, ...rest, px, pw, acc ? 0 : pb, y, scratch, acc);
      kernels.conv2dInputGrad(...sizes, ...rest, pdy, pw, dx, scratch, acc);
      kernels.conv2dWeightGrad(...sizes, ...rest, px, pdy, dw, scratch, acc);
      expectClose(
        arena.read(y, dy.length),
        exact.map((v, i) => v + (acc ? 1 : bias[channel(i)]!)),
        TOLERANCE,
        `${name} acc ${acc}`,
      );
      expectClose(
        arena.read(dx, x.length),
        grads.dx.map((v) => v + acc),
        TOLERANCE,
        `${name} dx acc ${acc}`,
      );
      expectClose(
        arena.read(dw, weight.length),
        grads.dWeight.map((v) => v + acc),
        TOLERANCE,
        `${name} dWeight acc ${acc}`,
      );
    }
    arena.check();
  });
});

import { sizeOf } from '../core/shape.js';
import type { Init } from './init.js';
import { drawOrthonormal } from './orthonormal.js';

/** Zero but for the middle of the kernel, which is orthogonal; a weight without kernel is plainly orthogonal. */
export const deltaOrthogonal: Init = {
  id: 'deltaOrthogonal',
  about: {
    does: 'A convolution that starts as an orthogonal map of the channels, pixel by pixel.',
    formula: 'W[o, i, a, b] = gain · Q[o, i] at the middle of the kernel, 0 elsewhere; Q orthogonal',
    gradient:
      'All singular values of the whole convolution are the gain: linear networks of 10,000 layers train.',
    source: 'Xiao et al. 2018, arXiv:1806.05393, algorithm 1',
  },
  std: ({ fanIn, fanOut }, gain) => gain / Math.sqrt(Math.max(fanIn, fanOut)),
  fill: (canvas, gain) => {
    const { arena, address, shape, size } = canvas;
    const [O = 1, I = 1, ...kernel] = shape;
    const taps = sizeOf(kernel);
    const mark = arena.mark();
    const matrix = arena.alloc(4 * O * I);
    drawOrthonormal(canvas, O, I, matrix, gain);
    // Row-major index of the tap that reads the pixel itself under `same` padding, which puts the odd row behind.
    const middle = kernel.reduce((at, length) => at * length + ((length - 1) >> 1), 0);
    arena.kernels.fill(size, address, 0);
    const { f32 } = arena;
    for (let i = 0; i < O * I; i++) f32[(address >> 2) + i * taps + middle] = f32[(matrix >> 2) + i]!;
    arena.release(mark);
  },
};

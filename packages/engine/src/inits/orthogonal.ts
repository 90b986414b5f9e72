import { sizeOf } from '../core/shape.js';
import type { Init } from './init.js';
import { drawOrthonormal } from './orthonormal.js';

/** W [O, I · K] with orthonormal rows or columns, times gain. */
export const orthogonal: Init = {
  id: 'orthogonal',
  about: {
    does: 'Keeps lengths and angles: every singular value of the weight is the gain.',
    formula:
      'W Wᵀ = gain² 1 (or Wᵀ W, where there are fewer columns); kernels of a convolution are laid out as rows',
    gradient: 'In a linear network it is passed back at any depth without shrinking in any direction.',
    source: 'Saxe et al. 2013, arXiv:1312.6120, §4',
  },
  std: ({ fanIn, fanOut }, gain) => gain / Math.sqrt(Math.max(fanIn, fanOut)),
  fill: (canvas, gain) => {
    const [rows, ...rest] = canvas.shape;
    drawOrthonormal(canvas, rows ?? 1, sizeOf(rest), canvas.address, gain);
  },
};

import type { Init } from './init.js';

/** W = 0. */
export const zeros: Init = {
  id: 'zeros',
  about: {
    does: 'All zero: every unit of a layer computes the same and stays the same (symmetry), unless a skip carries the signal.',
    formula: 'W = 0',
  },
  std: () => 0,
  fill: ({ arena, address, size }) => {
    arena.kernels.fill(size, address, 0);
  },
};

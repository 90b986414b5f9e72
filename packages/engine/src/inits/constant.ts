import type { Init } from './init.js';

/** W = c. */
export const constant: Init = {
  id: 'constant',
  about: {
    does: 'Every entry the same: equal units stay equal.',
    formula: 'W = c',
  },
  parameter: { name: 'value', min: -Infinity },
  std: () => null,
  fill: ({ arena, address, size }, value) => {
    arena.kernels.fill(size, address, value);
  },
};

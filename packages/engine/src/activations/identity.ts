import type { Activation } from './activation.js';

/** y = x. */
export const identity: Activation = {
  id: 'identity',
  about: { does: 'Passes the preactivation on unchanged.', formula: 'y = x', gradient: 'Factor exactly 1.' },
  options: {},
  f: (x) => x,
  slope: () => 1,
  maxSlope: 1,
  gain: 1,
  init: 'xavierUniform',
  apply: (x) => x,
};

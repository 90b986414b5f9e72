import { drawUniform, type Init } from './init.js';

/** W ~ U(−a, a). */
export const uniform: Init = {
  id: 'uniform',
  about: { does: 'Uniform entries within a given bound, whatever the fans.', formula: 'W ~ U(−a, a)' },
  parameter: { name: 'bound', min: 0 },
  std: (_, bound) => bound / Math.sqrt(3),
  fill: drawUniform,
};

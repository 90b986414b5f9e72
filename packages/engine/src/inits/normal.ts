import { drawNormal, type Init } from './init.js';

/** W ~ N(0, s²). */
export const normal: Init = {
  id: 'normal',
  about: {
    does: 'Normal entries of a given standard deviation, whatever the fans.',
    formula: 'W ~ N(0, s²)',
  },
  parameter: { name: 'standard deviation', min: 0 },
  std: (_, std) => std,
  fill: drawNormal,
};

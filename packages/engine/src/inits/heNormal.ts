import { drawNormal, type Init } from './init.js';

/** W ~ N(0, s²), s = gain √(2 / fanIn) */
export const heNormal: Init = {
  id: 'heNormal',
  about: {
    does: 'Makes up for the half of the signal that a ReLU stops.',
    formula: 'W ~ N(0, s²), s = gain √(2 / fanIn)',
    source: 'He et al. 2015, arXiv:1502.01852, eq. 10',
  },
  std: ({ fanIn }, gain) => gain * Math.sqrt(2 / fanIn),
  fill: (canvas, gain) => {
    const { fanIn } = canvas;
    drawNormal(canvas, gain * Math.sqrt(2 / fanIn));
  },
};

import { drawNormal, type Init } from './init.js';

/** W ~ N(0, s²), s = gain √(2 / (fanIn + fanOut)) */
export const xavierNormal: Init = {
  id: 'xavierNormal',
  about: {
    does: 'Xavier with normal entries.',
    formula: 'W ~ N(0, s²), s = gain √(2 / (fanIn + fanOut))',
    source: 'Glorot & Bengio 2010, eq. 12',
  },
  std: ({ fanIn, fanOut }, gain) => gain * Math.sqrt(2 / (fanIn + fanOut)),
  fill: (canvas, gain) => {
    const { fanIn, fanOut } = canvas;
    drawNormal(canvas, gain * Math.sqrt(2 / (fanIn + fanOut)));
  },
};

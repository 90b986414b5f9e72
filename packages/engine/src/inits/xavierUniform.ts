import { drawUniform, type Init } from './init.js';

/** W ~ U(−a, a), a = gain √(6 / (fanIn + fanOut)) */
export const xavierUniform: Init = {
  id: 'xavierUniform',
  about: {
    does: 'Keeps the variance of signal and gradient level through linear or tanh layers.',
    formula: 'W ~ U(−a, a), a = gain √(6 / (fanIn + fanOut))',
    source: 'Glorot & Bengio 2010, eq. 16',
  },
  std: ({ fanIn, fanOut }, gain) => gain * Math.sqrt(2 / (fanIn + fanOut)),
  fill: (canvas, gain) => {
    const { fanIn, fanOut } = canvas;
    drawUniform(canvas, gain * Math.sqrt(6 / (fanIn + fanOut)));
  },
};

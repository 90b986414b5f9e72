import { drawUniform, type Init } from './init.js';

/** W ~ U(−a, a), a = gain √(6 / fanIn) */
export const heUniform: Init = {
  id: 'heUniform',
  about: {
    does: 'He with uniform entries.',
    formula: 'W ~ U(−a, a), a = gain √(6 / fanIn)',
    source: 'He et al. 2015, arXiv:1502.01852, eq. 10',
  },
  std: ({ fanIn }, gain) => gain * Math.sqrt(2 / fanIn),
  fill: (canvas, gain) => {
    const { fanIn } = canvas;
    drawUniform(canvas, gain * Math.sqrt(6 / fanIn));
  },
};

import { drawUniform, type Init } from './init.js';

/** W ~ U(−a, a), a = gain √(3 / fanIn) */
export const lecunUniform: Init = {
  id: 'lecunUniform',
  about: {
    does: 'LeCun with uniform entries.',
    formula: 'W ~ U(−a, a), a = gain √(3 / fanIn)',
    source: 'LeCun et al. 1998, "Efficient BackProp" §4.6',
  },
  std: ({ fanIn }, gain) => gain / Math.sqrt(fanIn),
  fill: (canvas, gain) => {
    const { fanIn } = canvas;
    drawUniform(canvas, gain * Math.sqrt(3 / fanIn));
  },
};

import { drawNormal, type Init } from './init.js';

/** W ~ N(0, s²), s = gain / √fanIn */
export const lecunNormal: Init = {
  id: 'lecunNormal',
  about: {
    does: 'Unit variance after a linear layer; the init of SELU networks.',
    formula: 'W ~ N(0, s²), s = gain / √fanIn',
    source: 'LeCun et al. 1998, "Efficient BackProp" §4.6; Klambauer et al. 2017',
  },
  std: ({ fanIn }, gain) => gain / Math.sqrt(fanIn),
  fill: (canvas, gain) => {
    const { fanIn } = canvas;
    drawNormal(canvas, gain / Math.sqrt(fanIn));
  },
};

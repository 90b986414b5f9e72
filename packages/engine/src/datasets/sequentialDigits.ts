import { oneOf, optional } from '../core/options.js';
import { dataset } from './dataset.js';
import { digits } from './digits.js';

const SIDE = 8;

/** Handwritten digits read as a sequence: eight rows of eight pixels, or 64 pixels one by one. */
export const sequentialDigits = dataset({
  id: 'sequentialDigits',
  about: {
    does: 'The handwritten digits as sequences: row by row (8 steps) or pixel by pixel (64 steps, a long memory).',
    shapes: 'x [8, 8] (rows) or [64, 1] (pixels)',
    source: 'UCI digits; the task: Le et al. 2015, arXiv:1504.00941',
    licence: digits.about.licence,
    synthetic: false,
  },
  options: { by: optional(oneOf(['rows', 'pixels']), 'rows') },
  scaling: 'global',
  describe: ({ by }) => ({
    ...digits.describe({}),
    input: { shape: by === 'rows' ? [SIDE, SIDE] : [SIDE * SIDE, 1], dtype: 'f32' },
  }),
  load: (_, draw) => digits.load({}, draw),
});

import { count, optional } from '../core/options.js';
import { dataset, splitEvery } from './dataset.js';

const SYMBOLS = 8;
const COPIED = 10;
/** Ids: 0 … 7 symbols, 8 blank, 9 the signal to recall. */
const BLANK = SYMBOLS;
const RECALL = SYMBOLS + 1;

/** The copy problem: ten symbols, a long blank, then the ten symbols again from memory. */
export const copyMemory = dataset({
  id: 'copyMemory',
  about: {
    does: 'Ten symbols, `length` blanks, a signal: then give the ten symbols back in order.',
    formula: 'Without memory the best cross entropy is 10 ln 8 / (length + 20)',
    shapes: 'x ids [length + 20], target ids [length + 20]; 10 ids: 8 symbols, blank, signal',
    source: 'Hochreiter & Schmidhuber 1997; in the form of Arjovsky et al. 2016, arXiv:1511.06464, §5.1',
    licence: 'made by Fuga',
    synthetic: true,
  },
  options: { length: optional(count(1, 10_000), 50), samples: optional(count(10, 1e6), 10_000) },
  scaling: 'none',
  describe: ({ length, samples }) => ({
    task: 'language',
    input: { shape: [length + 2 * COPIED], dtype: 'i32', vocabulary: SYMBOLS + 2 },
    target: { shape: [length + 2 * COPIED], dtype: 'i32' },
    outputs: SYMBOLS + 2,
    samples,
  }),
  load: ({ length, samples }, { integers }) => {
    const symbols = integers('symbols', samples * COPIED, SYMBOLS);
    const steps = length + 2 * COPIED;
    const x = new Int32Array(samples * steps).fill(BLANK);
    const y = new Int32Array(samples * steps).fill(BLANK);
    for (let i = 0; i < samples; i++) {
      const word = symbols.subarray(i * COPIED, (i + 1) * COPIED);
      x.set(word, i * steps);
      x[i * steps + COPIED + length - 1] = RECALL;
      y.set(word, i * steps + COPIED + length);
    }
    return { x, y, ...splitEvery(samples), vocabulary: ['1', '2', '3', '4', '5', '6', '7', '8', '·', '?'] };
  },
});

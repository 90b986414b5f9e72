import { count, optional } from '../core/options.js';
import { characterSamples, describeWindows } from './characters.js';
import { dataset } from './dataset.js';

/** All characters of the embedded text, sorted, and how many there are: known before the text is loaded. */
const CHARACTERS = [..."\n !'(),-.:;?ABCDEFGHIJKLMNOPRSTUVWYZabcdefghijklmnopqrstuvwxyz"];
const SIZE = 366_194;

/** Genesis and Exodus, King James translation: character by character. */
export const text = dataset({
  id: 'text',
  about: {
    does: 'Real English prose, to be continued character by character: two books of the King James Bible, 366,000 characters, 62 different ones.',
    shapes: 'x ids [length], target ids [length], shifted by one; the last tenth of the text is held out',
    source:
      'King James Bible of 1611, Genesis and Exodus; text of the Bible Retrieval System (Chapin 1989), as packed by Debian (bible-kjv-text)',
    licence: 'public domain',
    synthetic: false,
  },
  options: { length: optional(count(2, 10_000), 64) },
  scaling: 'none',
  describe: ({ length }) => describeWindows({ characters: CHARACTERS, length, size: SIZE }),
  load: async ({ length }) => {
    const { text } = await import('./text.generated.js');
    return characterSamples(text, { characters: CHARACTERS, length, size: SIZE });
  },
});

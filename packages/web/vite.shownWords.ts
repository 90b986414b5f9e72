import type { Plugin } from 'vite';

const TEXT = String.raw`(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\`(?:[^\`\\]|\\.)*\`)`;
const UNSEEN = new RegExp(String.raw`^ *(?:shapes|gradient|source):\s+${TEXT}(?:\s*\+\s*${TEXT})*,\n`, 'gm');

/**
 * Items of the engine's shelves describe themselves for `fuga list` as well: shapes, gradients and sources, which the
 * lab shows of none. They stay out of its first load, where they were a tenth of the shelves.
 */
export const shownWords = (): Plugin => ({
  name: 'shown-words',
  apply: 'build',
  enforce: 'pre',
  transform(code, id) {
    if (
      !/engine\/src\/(?:activations|inits|layers|losses|optimizers|schedules|datasets|models|probes)\/\w+\.ts$/.test(
        id,
      )
    )
      return undefined;
    const shorter = code.replace(/^( *)about: \{\n[^]*?^\1\},$/gm, (about) => about.replace(UNSEEN, ''));
    return shorter === code ? undefined : { code: shorter, map: null };
  },
});

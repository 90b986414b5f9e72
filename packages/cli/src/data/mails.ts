import { splitEvery } from '@fuga/engine';
import type { GivenData } from '../tasks/task.js';

/** A mail as it is kept: whether it is spam, and its subject and body. */
export interface Mail {
  readonly spam: boolean;
  readonly text: string;
}

/** Characters of a mail that are kept: more than any network here reads. */
const MOST_CHARACTERS = 8000;
/** Ids of what is no word: filling, and words outside the vocabulary. */
const [FILLING, UNKNOWN] = [0, 1];

/**
 * Subject and body of a mail. The other headers are left out: which lists and servers a mail went through tells where it
 * was collected, and with it whether it is spam.
 */
export function readMail(bytes: Uint8Array, spam: boolean): Mail {
  const text = new TextDecoder('latin1').decode(bytes).replaceAll('\r\n', '\n');
  const end = text.indexOf('\n\n');
  const head = end < 0 ? text : text.slice(0, end);
  const body = end < 0 ? '' : text.slice(end + 2);
  const subject = /^Subject:[ \t]*(.*)$/im.exec(head)?.[1] ?? '';
  const plain = body.replace(/<[^>]{0,500}>/g, ' ').replace(/&\w+;/g, ' ');
  return { spam, text: `${subject}\n${plain}`.slice(0, MOST_CHARACTERS) };
}

/** Words in lower case, numbers as one word, and the signs that matter to spam. */
export function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[a-z]+(?:'[a-z]+)?|\d+|[$!?%]/g) ?? []).map((word) =>
    /^\d/.test(word) ? '#' : word,
  );
}

/**
 * Mails as ids of their first `length` words, filled up in front so that the last step is the last word. The vocabulary
 * is that of the training mails alone, the commonest words first; every fifth mail tests.
 */
export function mailSamples(mails: readonly Mail[], length: number, vocabularySize: number): GivenData {
  const words = mails.map(({ text }) => wordsOf(text).slice(0, length));
  const { train, test } = splitEvery(mails.length);
  const counts = new Map<string, number>();
  for (const i of train) for (const word of words[i]!) counts.set(word, (counts.get(word) ?? 0) + 1);
  const common = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, vocabularySize - 2);
  const vocabulary = ['', '?', ...common.map(([word]) => word)];
  const ids = new Map(common.map(([word], i) => [word, i + 2]));
  const x = new Int32Array(mails.length * length).fill(FILLING);
  words.forEach((list, i) => {
    list.forEach((word, t) => (x[(i + 1) * length - list.length + t] = ids.get(word) ?? UNKNOWN));
  });
  return {
    shape: {
      task: 'classification',
      input: { shape: [length], dtype: 'i32', vocabulary: vocabulary.length },
      target: { shape: [], dtype: 'i32' },
      outputs: 2,
      samples: mails.length,
    },
    samples: {
      x,
      y: Int32Array.from(mails, ({ spam }) => (spam ? 1 : 0)),
      train,
      test,
      names: ['wanted', 'spam'],
      vocabulary,
    },
  };
}

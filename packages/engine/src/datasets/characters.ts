import { EngineError } from '../core/errors.js';
import type { DataShape, Samples } from './dataset.js';

/** How a text becomes samples: windows of `length` characters, each to be continued by one at every position. */
export interface CharacterWindows {
  /** The text's characters, sorted: a character's id is its place here. */
  readonly characters: readonly string[];
  readonly length: number;
  /** Characters in the text. */
  readonly size: number;
}

/** The last tenth of a text is held out. */
const HELD_OUT = 0.1;

/** Distance between the starts of two training windows: they overlap eightfold where the length allows it. */
function strideOf(length: number): number {
  return length % 8 === 0 ? length / 8 : 1;
}

/** The shape of a text's samples; ids [length] in and out, shifted by one. */
export function describeWindows({ characters, length, size }: CharacterWindows): DataShape {
  const samples = Math.floor((size - 1 - length) / strideOf(length)) + 1;
  if (samples < 2) {
    throw new EngineError(
      'DATA',
      `the text has ${size} characters, too few for windows of ${length}; take shorter ones`,
      ['data', 'length'],
    );
  }
  return {
    task: 'language',
    input: { shape: [length], dtype: 'i32', vocabulary: characters.length },
    target: { shape: [length], dtype: 'i32' },
    outputs: characters.length,
    samples,
  };
}

/** Windows over `text`: training ones overlap, held-out ones (the last tenth) lie end to end. */
export function characterSamples(text: string, windows: CharacterWindows): Samples {
  const { characters, length } = windows;
  const { samples } = describeWindows(windows);
  const ids = encode(text, characters);
  const stride = strideOf(length);
  const boundary = Math.floor(text.length * (1 - HELD_OUT));
  const train: number[] = [];
  const test: number[] = [];
  let free = boundary;
  for (let i = 0; i < samples; i++) {
    const start = i * stride;
    if (start + length < boundary) train.push(i);
    else if (start >= free) {
      test.push(i);
      free = start + length;
    }
  }
  return {
    x: ids,
    y: ids.subarray(1),
    strides: { x: stride, y: stride },
    train: Int32Array.from(train),
    test: Int32Array.from(test),
    vocabulary: characters,
  };
}

/** The characters of a text, sorted. */
export function charactersOf(text: string): string[] {
  return [...new Set(text)].sort();
}

/** Ids of a text's characters. Throws at one that is not in the vocabulary. */
export function encode(text: string, characters: readonly string[]): Int32Array {
  const ids = new Map(characters.map((character, id) => [character, id]));
  return Int32Array.from(text, (character) => {
    const id = ids.get(character);
    if (id === undefined) {
      throw new EngineError(
        'DATA',
        `the character ${JSON.stringify(character)} is not among the ${characters.length} that the network knows`,
      );
    }
    return id;
  });
}

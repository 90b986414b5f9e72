import { count, optional } from '../core/options.js';
import { dataset, splitEvery } from './dataset.js';

const SUBJECTS = ['film', 'story', 'acting', 'music', 'plot', 'script', 'ending', 'cast'];
const PLAIN = ['was', 'seemed', 'felt', 'looked'];
const STRESSED = ['truly', 'quite', 'simply', 'rather'];
const NEGATIONS = ['not', 'never', 'hardly', 'barely'];
const GOOD = ['good', 'great', 'brilliant', 'moving', 'funny', 'clever', 'lovely', 'superb'];
const BAD = ['bad', 'dull', 'awful', 'boring', 'weak', 'clumsy', 'tedious', 'poor'];

/** Sentences about anything but the verdict; the distance is filled with them. */
const NEUTRAL = [
  'we watched it in the city on a rainy evening .',
  'my brother had bought the tickets a week before .',
  'the hall holds about two hundred people .',
  'it runs for two hours with a short break .',
  'the main character works on a farm by the sea .',
  'half of it is set in the winter of that year .',
  'they shot most scenes in one old house .',
  'a friend of ours wrote about it in the paper .',
  'the second part is told by the younger sister .',
  'there are songs in it and a long train ride .',
  'we sat in the third row near the door .',
  'the book it is based on came out in spring .',
];

/** Closings of one length, which keep the opening verdict or turn it round. */
const KEEPS = [
  'and i still think so today',
  'and now i say it again',
  'indeed i kept my opinion since',
  'and i was right about it',
];
const TURNS = [
  'but i changed my opinion since',
  'yet now i think the opposite',
  'but today i see i erred',
  'however i was wrong about it',
];

const OPENING = 5; // the SUBJECT VERB STRESS-or-NEGATION ADJECTIVE

const words = (sentence: string) => sentence.split(' ');
const VOCABULARY = [
  ...new Set([
    'the',
    ...SUBJECTS,
    ...PLAIN,
    ...STRESSED,
    ...NEGATIONS,
    ...GOOD,
    ...BAD,
    '.',
    ...[...NEUTRAL, ...KEEPS, ...TURNS].flatMap(words),
  ]),
].sort();
const CLOSING = words(KEEPS[0]!).length;
const ID = new Map(VOCABULARY.map((word, id) => [word, id]));

/**
 * Generated reviews whose verdict hangs on both ends: an opening opinion, one in four negated, `distance` neutral words,
 * and a closing that keeps the verdict or, one in four, turns it round. Without the opening, guessing gives one half;
 * with the opinion's word alone 62 %, with the opening alone 75 %.
 */
export const sentiment = dataset({
  id: 'sentiment',
  about: {
    does: 'Generated reviews (no real ones): an opinion, sometimes negated, then `distance` neutral words, then a closing that keeps or turns the verdict. Both ends are needed.',
    formula:
      'positive = (good word) xor (negated, ¼ of the time) xor (turned at the end, ¼): without memory 50 % can be had, without the closing 75 %',
    shapes: 'x word ids [distance + 11], two classes',
    source:
      'made by Fuga: a grammar of about 140 words; after the long-range dependencies of Bengio et al. 1994',
    licence: 'made by Fuga',
    synthetic: true,
  },
  options: { distance: optional(count(0, 2000), 40), samples: optional(count(10, 1e6), 10_000) },
  scaling: 'none',
  describe: ({ distance, samples }) => ({
    task: 'classification',
    input: { shape: [OPENING + distance + CLOSING], dtype: 'i32', vocabulary: VOCABULARY.length },
    target: { shape: [], dtype: 'i32' },
    outputs: 2,
    samples,
  }),
  load: ({ distance, samples }, { integers }) => {
    const length = OPENING + distance + CLOSING;
    const x = new Int32Array(samples * length);
    const y = new Int32Array(samples);
    // One number for each choice of a review: subject, verb, negation, its word, polarity, adjective, closing and which.
    const choices = integers('choices', samples * 8, 1 << 20);
    // Each sentence has at least one word, so `distance` of them always fill the distance.
    const fillers = integers('fillers', samples * Math.max(1, distance), NEUTRAL.length);
    for (let i = 0; i < samples; i++) {
      const choose = (slot: number, from: readonly string[]) => from[choices[8 * i + slot]! % from.length]!;
      const oneIn = (slot: number, n: number) => choices[8 * i + slot]! % n === 0;
      const [negated, good, turned] = [oneIn(2, 4), oneIn(4, 2), oneIn(6, 4)];
      const review = [
        'the',
        choose(0, SUBJECTS),
        choose(1, PLAIN),
        choose(3, negated ? NEGATIONS : STRESSED),
        choose(5, good ? GOOD : BAD),
      ];
      for (let f = 0; review.length < OPENING + distance; f++) {
        const sentence = words(NEUTRAL[fillers[i * Math.max(1, distance) + f]!]!);
        review.push(...sentence.slice(0, OPENING + distance - review.length));
      }
      review.push(...words(choose(7, turned ? TURNS : KEEPS)));
      review.forEach((word, t) => {
        x[i * length + t] = ID.get(word)!;
      });
      y[i] = Number((good !== negated) !== turned);
    }
    return { x, y, ...splitEvery(samples), names: ['negative', 'positive'], vocabulary: VOCABULARY };
  },
});

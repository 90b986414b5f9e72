import { EngineError } from '../core/errors.js';
import { ownerOf } from '../core/tensor.js';
import { placeOf } from '../core/tape.js';
import { drawFor } from './data.js';
import type { Run } from './run.js';
import { encode } from '../datasets/characters.js';

/** How to go on writing. */
export interface GenerateOptions {
  /** What stands first; must not be empty. */
  readonly prompt: string;
  /** Characters to add. */
  readonly length: number;
  /** Below 1 the likelier characters gain, above 1 the rarer ones; 0 always takes the likeliest. Default 1. */
  readonly temperature?: number;
  /** Only the so many likeliest characters may be drawn. Default: all. */
  readonly topK?: number;
  /** Default: the run's seed. The same seed gives the same text, on every machine with `exact` kernels. */
  readonly seed?: number;
}

/**
 * Lets a language model go on writing, character by character, and returns what it added.
 *
 * The network must see nothing of what comes after a position: a gpt, or an rnn, lstm or gru that is not bidirectional.
 * It sees as many characters as it was trained on; when they are full the oldest one leaves.
 */
export function generate(run: Run, options: GenerateOptions): string {
  return [...writeOn(run, options)].join('');
}

/**
 * `generate` as a generator, one character a turn, so that whoever drives it can do other things in between. Each
 * character is chosen with the weights as they stand at its turn.
 */
export function* writeOn(run: Run, options: GenerateOptions): Generator<string, void, void> {
  const { prompt, length, temperature = 1, topK, seed = run.spec.seed } = options;
  const vocabulary = check(run, options);
  const ids = [...encode(prompt, vocabulary)];
  const draws = drawFor(run.arena, seed, 'generate').uniform('characters', length, 0, 1);
  for (const draw of draws) {
    const { order, shares } = sharesOf(run, scoresAfter(run, ids), temperature, topK);
    let [at, sum] = [0, shares[0]!];
    // Rounding may leave the sum of all a little below 1: the last one is taken then.
    while (draw >= sum && at < order.length - 1) sum += shares[++at]!;
    ids.push(order[at]!);
    yield vocabulary[order[at]!]!;
  }
}

/** A character that may come next, and how likely it is. */
export interface NextCharacter {
  readonly character: string;
  readonly probability: number;
}

/** What a language model expects after a prompt, the likeliest first, as `generate` would draw it. */
export function expectNext(run: Run, options: Omit<GenerateOptions, 'length' | 'seed'>): NextCharacter[] {
  const vocabulary = check(run, options);
  const ids = [...encode(options.prompt, vocabulary)];
  const { order, shares } = sharesOf(run, scoresAfter(run, ids), options.temperature ?? 1, options.topK);
  return order.map((id, i) => ({ character: vocabulary[id]!, probability: shares[i]! }));
}

/** The vocabulary, once everything that is asked for makes sense. */
function check(
  { data, samples: { vocabulary } }: Run,
  { prompt, temperature = 1, topK }: Omit<GenerateOptions, 'length'>,
): readonly string[] {
  if (data.task !== 'language' || !vocabulary) {
    throw new EngineError(
      'DATA',
      `only a language model can go on writing; this run's data is for ${data.task}`,
    );
  }
  if (prompt.length === 0)
    throw new EngineError('SPEC', 'expected a prompt of at least one character', ['prompt']);
  if (!(temperature >= 0))
    throw new EngineError('SPEC', `expected a temperature of at least 0, got ${temperature}`, [
      'temperature',
    ]);
  if (topK !== undefined && !(topK >= 1))
    throw new EngineError('SPEC', `expected topK of at least 1, got ${topK}`, ['topK']);
  return vocabulary;
}

/** Logits of what comes after the last of `ids`. */
function scoresAfter(run: Run, ids: readonly number[]): Float32Array {
  const { tape, network } = run.single;
  const { arena } = run;
  const context = network.input.shape[1]!;
  const classes = network.output.shape.at(-1)!;
  const seen = ids.slice(-context);
  const input = ownerOf(network.input).data >> 2;
  for (let t = 0; t < context; t++) arena.i32[input + t] = seen[t] ?? 0;
  tape.forward();
  return arena.read(placeOf(network.output).data + 4 * (seen.length - 1) * classes, classes);
}

/** Ids by falling likelihood, those that may be drawn, and the probability of each. */
function sharesOf({ arena }: Run, scores: Float32Array, temperature: number, topK = scores.length) {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
  if (temperature === 0) return { order: order.slice(0, 1), shares: Float32Array.of(1) };
  const kept = order.slice(0, topK);
  const mark = arena.mark();
  const probs = arena.alloc(4 * kept.length);
  arena.write(
    probs,
    Float32Array.from(kept, (id) => scores[id]! / temperature),
  );
  arena.kernels.softmax(1, kept.length, probs, probs);
  const shares = arena.read(probs, kept.length);
  arena.release(mark);
  return { order: kept, shares };
}

/** A language model's own words after a few of the held-out text's. */
export interface TextSample {
  readonly prompt: string;
  readonly text: string;
}

/** Characters of the held-out text that a sample starts from. */
const PROMPT = 24;

/**
 * A sample of what a language model has learnt to write, to be shown at the end of a run: it goes on where the held-out
 * text leaves off. Null for everything that does not write text.
 */
export function writeSample(run: Run, length = 400): TextSample | null {
  const { data, samples } = run;
  const { vocabulary } = samples;
  if (data.task !== 'language' || !vocabulary?.includes(' ')) return null;
  const width = data.input.shape[0]!;
  const start = (samples.test[0] ?? 0) * (samples.strides?.x ?? width);
  const ids = samples.x.subarray(start, start + Math.min(PROMPT, width));
  const prompt = Array.from(ids, (id) => vocabulary[id]!).join('');
  return { prompt, text: generate(run, { prompt, length, temperature: 0.7, topK: 20 }) };
}

import { EngineError } from '../core/errors.js';
import { ownerOf } from '../core/tensor.js';
import { placeOf, Tape } from '../core/tape.js';
import { drawFor } from './data.js';
import { recordNetwork, type Run } from './run.js';
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
  const { prompt, length, temperature = 1, topK, seed = run.spec.seed } = options;
  const { arena, data, samples } = run;
  const { vocabulary } = samples;
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
  const ids = [...encode(prompt, vocabulary)];
  const draws = drawFor(arena, seed, 'generate').uniform('characters', length, 0, 1);

  const mark = arena.mark();
  try {
    const spec = { ...run.spec, data: { ...run.spec.data, batch: 1 } };
    const network = recordNetwork(spec, data, 'eval', run.parameters);
    const tape = new Tape(network.graph, arena, { keep: [network.output], seed: run.spec.seed });
    const context = network.input.shape[1]!;
    const classes = network.output.shape.at(-1)!;
    const input = ownerOf(network.input).data >> 2;
    const logits = placeOf(network.output).data;
    const probs = arena.alloc(4 * classes);
    for (let i = 0; i < length; i++) {
      const seen = ids.slice(-context);
      for (let t = 0; t < context; t++) arena.i32[input + t] = seen[t] ?? 0;
      tape.forward();
      const row = logits + 4 * (seen.length - 1) * classes;
      ids.push(choose(row, draws[i]!));
    }

    /** Draws an id from the logits at `row` by the uniform number `draw`. */
    function choose(row: number, draw: number): number {
      const scores = arena.read(row, classes);
      const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
      if (temperature === 0) return order[0]!;
      const kept = order.slice(0, topK ?? classes);
      arena.write(
        probs,
        Float32Array.from(kept, (id) => scores[id]! / temperature),
      );
      arena.kernels.softmax(1, kept.length, probs, probs);
      const shares = arena.read(probs, kept.length);
      let sum = 0;
      for (let i = 0; i < kept.length; i++) {
        sum += shares[i]!;
        if (draw < sum) return kept[i]!;
      }
      return kept.at(-1)!; // rounding left the sum a little below 1
    }
  } finally {
    arena.release(mark);
  }
  return ids
    .slice(prompt.length)
    .map((id) => vocabulary[id]!)
    .join('');
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

import { sizeOf, type Shape } from '../core/shape.js';
import type { SiteMap } from '../core/site.js';
import { placeOf } from '../core/tape.js';
import { ownerOf } from '../core/tensor.js';
import type { Task } from '../losses/loss.js';
import { matchBoxes, readBoxes, readTargets, suppress, type Box } from '../losses/boxes.js';
import type { Run } from './run.js';

/** A box that a detector found. */
export interface FoundBox extends Box {
  /** From 0 to 1; logit `score`. */
  readonly probability: number;
  /** Whether it takes a true box of its class, overlapping it by at least one half. */
  readonly right: boolean;
}

/** Classes of one sample: the probability of each, the likeliest, the right one. */
export interface FoundClass {
  readonly probabilities: Float32Array;
  readonly found: number;
  readonly truth: number;
}

/** A class for each pixel, row by row. */
export interface FoundMask {
  readonly shape: Shape;
  readonly found: Uint8Array;
  readonly truth: Uint8Array;
  /** 2 |A ∩ B| / (|A| + |B|) over the pixels that are not of class 0; 1 where both have none. */
  readonly dice: number;
}

/** What is said at each place of a sequence about the token after it. */
export interface FoundTokens {
  readonly likeliest: readonly string[];
  readonly truth: readonly string[];
  /** Probability given to the right one; NaN at places that do not count. */
  readonly probability: Float32Array;
}

/** What a network says of one sample, and what is true of it. Plain data, to be shown. */
export interface Answer {
  readonly task: Task;
  /** Which one, and out of how many. */
  readonly index: number;
  readonly count: number;
  readonly loss: number;
  readonly input: { readonly shape: Shape; readonly values: Float32Array };
  /** The input's words or characters, where it is made of them. */
  readonly tokens: readonly string[] | null;
  readonly classes: FoundClass | null;
  readonly mask: FoundMask | null;
  /** Boxes in units of the image's sides, after suppression, the surest first. */
  readonly boxes: { readonly found: readonly FoundBox[]; readonly truth: readonly Box[] } | null;
  readonly next: FoundTokens | null;
  readonly numbers: { readonly found: Float32Array; readonly truth: Float32Array } | null;
  /** Pictures of the site that was asked about: attention's weights, a head each. */
  readonly maps: (MapInfo & { readonly values: Float32Array }) | null;
}

/** Pictures that a site offers. */
export type MapInfo = { readonly site: number } & Pick<SiteMap, 'id' | 'labels' | 'shape'>;

/** Logit of the probability 0.05: boxes less likely than that are noise. */
const LEAST_LOGIT = -2.94;
/** Most boxes that are told. */
const MOST_BOXES = 50;

/** The sites that offer pictures of a sample. */
export function mapsOf(run: Run): MapInfo[] {
  return run.sites.flatMap(({ maps = [] }, site) =>
    maps.map(({ id, labels, shape }) => ({ site, id, labels, shape })),
  );
}

/**
 * Asks the network, in evaluation mode, about one of the test samples (a training one, where there are none);
 * `index` counts among those and wraps around. `site`: the one whose pictures are wanted.
 *
 * Changes nothing that training depends on.
 */
export function answerOf(run: Run, index = 0, site: number | null = null): Answer {
  const { tape, network } = run.single;
  const { arena, samples, data } = run;
  const rows = samples.test.length > 0 ? samples.test : samples.train;
  const at = ((index % rows.length) + rows.length) % rows.length;
  const row = rows[at]!;
  const shape = network.input.shape.slice(1);
  const x = sampleAt(samples.x, row, sizeOf(shape), samples.strides?.x);
  const y = sampleAt(samples.y, row, sizeOf(network.target.shape), samples.strides?.y);
  arena.write(ownerOf(network.input).data, x);
  arena.write(ownerOf(network.target).data, y);

  const map = site === null ? undefined : network.sites[site]?.maps?.[0];
  const record = map ? tape.graph.records.indexOf(map.record) : -1;
  let values: Float32Array | null = null;
  tape.forward({
    afterForward: (i) => {
      if (map && i === record) values = map.read(arena, 0);
    },
    beforeBackward: () => undefined,
    afterBackward: () => undefined,
  });
  const outputShape = network.output.shape.slice(1);
  const output = arena.read(placeOf(network.output).data, sizeOf(outputShape));
  const { task } = data;
  const { vocabulary } = samples;
  const nameOf = (id: number) => vocabulary?.[id] ?? String(id);
  const none = { classes: null, mask: null, boxes: null, next: null, numbers: null };
  return {
    task,
    index: at,
    count: rows.length,
    loss: arena.f32[network.loss.data >> 2]!,
    input: { shape, values: Float32Array.from(x) },
    tokens: network.input.dtype === 'i32' ? Array.from(x, nameOf) : null,
    ...none,
    ...found(task, output, outputShape, y, nameOf),
    maps:
      map && values && site !== null
        ? { site, id: map.id, labels: map.labels, shape: map.shape, values }
        : null,
  };
}

function sampleAt<T extends Float32Array | Int32Array>(all: T, row: number, size: number, stride = size): T {
  return all.subarray(row * stride, row * stride + size) as T;
}

type Targets = Float32Array | Int32Array;

/** What the output says, by what was asked. */
function found(
  task: Task,
  output: Float32Array,
  shape: Shape,
  target: Targets,
  nameOf: (id: number) => string,
): Partial<Pick<Answer, 'classes' | 'mask' | 'boxes' | 'next' | 'numbers'>> {
  switch (task) {
    case 'classification': {
      const probabilities = softmaxOf(output.length === 1 ? Float32Array.of(0, output[0]!) : output);
      return { classes: { probabilities, found: largestOf(probabilities), truth: target[0]! } };
    }
    case 'segmentation':
      return { mask: maskOf(output, target, shape) };
    case 'detection':
      return { boxes: boxesOf(output, shape, target) };
    case 'language':
      return { next: nextOf(output, shape, target, nameOf) };
    case 'regression':
      return { numbers: { found: output, truth: Float32Array.from(target) } };
  }
}

function largestOf(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Probabilities of logits; for people's eyes only, so the last bits do not matter. */
function softmaxOf(logits: Float32Array): Float32Array {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const exps = logits.map((logit) => Math.exp(logit - top));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / sum);
}

/** Logits [classes, H, W], or one map of them for two classes, as the likeliest class at each pixel. */
function maskOf(output: Float32Array, target: Targets, shape: Shape): FoundMask {
  const pixels = target.length;
  const classes = Math.max(1, output.length / pixels);
  const found = new Uint8Array(pixels);
  let [both, either] = [0, 0];
  for (let i = 0; i < pixels; i++) {
    if (classes === 1) found[i] = output[i]! > 0 ? 1 : 0;
    for (let c = 1; c < classes; c++)
      if (output[c * pixels + i]! > output[found[i]! * pixels + i]!) found[i] = c;
    if (found[i]! > 0 && found[i] === target[i]) both++;
    either += Number(found[i]! > 0) + Number(target[i]! > 0);
  }
  const dice = either === 0 ? 1 : (2 * both) / either;
  return { shape: shape.slice(-2), found, truth: Uint8Array.from(target), dice };
}

function boxesOf(output: Float32Array, [anchors, width]: Shape, target: Targets): Answer['boxes'] {
  const seen = suppress(readBoxes(output, [1, anchors!, width!], 0, LEAST_LOGIT), 0.6, MOST_BOXES);
  const truth = readTargets(target, target.length / 5, 0);
  return {
    found: matchBoxes(seen, truth).map(({ box, truth }) => ({
      ...box,
      probability: 1 / (1 + Math.exp(-box.score)),
      right: truth !== null,
    })),
    truth,
  };
}

/** Logits [T, vocabulary] against the tokens that came. */
function nextOf(
  output: Float32Array,
  [, classes]: Shape,
  target: Targets,
  nameOf: (id: number) => string,
): FoundTokens {
  const likeliest: string[] = [];
  const probability = Float32Array.from(target, (id, t) => {
    const shares = softmaxOf(output.subarray(t * classes!, (t + 1) * classes!));
    likeliest.push(nameOf(largestOf(shares)));
    return id >= 0 ? shares[id]! : NaN;
  });
  return { likeliest, truth: Array.from(target, (id) => (id >= 0 ? nameOf(id) : '')), probability };
}

// Traces as an enemy would write them: real ones, changed value by value and letter by letter.
import { openRun } from '../packages/engine/src/run/run.js';
import { train } from '../packages/engine/src/run/train.js';
import { writeTrace } from '../packages/engine/src/run/traceFile.js';
import { markup } from './links.js';
import type { Lcg } from './nets.js';

/** Networks that between them have all that a trace can hold: time, gates, heads, branches, norms, a loss past all bounds. */
export const tracedSpecs: readonly Record<string, unknown>[] = [
  {
    fuga: 1,
    name: 'a walk through time',
    steps: 3,
    data: { source: 'adding', length: 4, batch: 4 },
    network: [
      { type: 'lstm', hidden: 3 },
      { type: 'residual', body: [{ type: 'layerNorm' }, { type: 'dense', out: 3, activation: 'tanh' }] },
      { type: 'dense', out: 1 },
    ],
  },
  {
    fuga: 1,
    name: 'heads',
    steps: 2,
    data: { source: 'copyMemory', length: 4, batch: 2 },
    model: { type: 'transformer', layers: 1, width: 8, heads: 2 },
  },
  {
    fuga: 1,
    name: 'past all bounds',
    steps: 4,
    data: { source: 'spirals', batch: 8 },
    network: [
      { type: 'dense', out: 4, activation: 'relu', init: { normal: 1e18 }, repeat: 3 },
      { type: 'dense', out: 2 },
    ],
    optimizer: { type: 'sgd', lr: 1e9 },
  },
];

/** The trace that each of them leaves, as text. */
export async function honestTraces(): Promise<string[]> {
  return Promise.all(
    tracedSpecs.map(async (spec) => {
      const run = await openRun(spec, { exact: true, every: 1 });
      for (const _ of train(run));
      return writeTrace(run.trace);
    }),
  );
}

const strange: readonly unknown[] = [
  ...markup,
  ...[
    '',
    'NaN',
    'Infinity',
    '-Infinity',
    '__proto__',
    'constructor',
    'toString',
    '0',
    '-1',
    '1e9',
    'x'.repeat(5000),
  ],
  ...[0, -0, 1, -1, 0.5, 1e300, -1e300, 2 ** 31, 2 ** 53, 1e9 + 1, true, false, null],
  ...[
    [],
    {},
    [[]],
    [null],
    [NaN],
    [{}],
    { length: 1e9 },
    { 0: 1 },
    { then: 'x' },
    { toString: 1 },
    [1, 2, 3],
  ],
];

function strangeValue(draw: Lcg): unknown {
  if (draw.next() < 0.02) return nested(Math.floor(draw.next() * 3000));
  return structuredClone(strange[Math.floor(draw.next() * strange.length)]);
}

function strangeKey(draw: Lcg): string {
  const words = strange.filter((value) => typeof value === 'string');
  return words[Math.floor(draw.next() * words.length)]!;
}

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { body: value };
  return value;
}

/** A copy with some values replaced, keys renamed, entries added, dropped and written twice. */
function changed(value: unknown, draw: Lcg, share: number): unknown {
  if (draw.next() < share) return strangeValue(draw);
  if (Array.isArray(value)) {
    const list = value.flatMap((item) => {
      const kind = draw.next() / share;
      const next = changed(item, draw, share);
      return kind < 0.15 ? [] : kind < 0.3 ? [next, next] : [next];
    });
    if (draw.next() < share) list.push(strangeValue(draw));
    return list;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    const kind = draw.next() / share;
    if (kind < 0.15) return [];
    return [[kind < 0.3 ? strangeKey(draw) : key, changed(child, draw, share)]];
  });
  const copy = {};
  for (const [key, child] of entries) {
    // By definition, not by assignment: `__proto__` is to become a key of its own.
    Object.defineProperty(copy, key, { value: child, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

/** One value somewhere in it replaced, all else left as it is. */
function pricked(root: unknown, draw: Lcg): unknown {
  const copy = structuredClone(root) as Record<string, unknown>;
  let at = copy;
  for (;;) {
    const keys = Object.keys(at);
    const key = keys[Math.floor(draw.next() * keys.length)];
    if (key === undefined) return copy;
    const child = at[key];
    // Long lists of numbers are most of a trace; elsewhere it is more telling.
    if (typeof child !== 'object' || child === null || draw.next() < 0.2) {
      at[key] = strangeValue(draw);
      return copy;
    }
    at = child as Record<string, unknown>;
  }
}

function letters(text: string, draw: Lcg): string {
  const signs = [
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '1',
    '-',
    'e9',
    '\\',
    '\u0000',
    'null',
    '"NaN"',
    '\ud800',
  ];
  let now = text;
  for (let i = 0; i < 1 + Math.floor(draw.next() * 4); i++) {
    const at = Math.floor(draw.next() * now.length);
    const cut = Math.floor(draw.next() ** 2 * 60);
    now = now.slice(0, at) + signs[Math.floor(draw.next() * signs.length)]! + now.slice(at + cut);
  }
  return now;
}

/** The text of one hostile trace. The same for the same draw. */
export function hostileTrace(honest: readonly string[], draw: Lcg): string {
  const text = honest[Math.floor(draw.next() * honest.length)]!;
  const kind = draw.next();
  if (kind < 0.15) return letters(text, draw);
  const raw: unknown = JSON.parse(text);
  const now = kind < 0.6 ? pricked(raw, draw) : changed(raw, draw, 0.001 + 0.05 * draw.next() ** 3);
  return JSON.stringify(now) ?? 'undefined';
}

// Share links as an enemy would write them: real ones, changed letter by letter, byte by byte and value by value.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { parseSpec } from '../packages/engine/src/formats/yaml.js';
import { views } from '../packages/web/src/lab/link.js';
import type { Lcg } from './nets.js';

const examples = fileURLToPath(new URL('../examples/', import.meta.url));

/** What links carry on good days: every runnable example of the repository. */
export const honestStates: readonly Record<string, unknown>[] = readdirSync(examples)
  .filter((name) => name.endsWith('.fuga.yaml'))
  .map((name, i) => ({
    view: views[i % views.length],
    spec: parseSpec(readFileSync(join(examples, name), 'utf8')),
    chapter: i % 3,
    site: '0.dense',
  }));

/** Whatever of this got into the page as markup would be seen: a script that ran, or an element of a name of its own. */
export const markup = [
  '<img src=x onerror="window.hostile=1" data-hostile>',
  '<script data-hostile>window.hostile=1</script>',
  '<x-hostile>',
  '"><svg data-hostile onload=window.hostile=1>',
  '</textarea><iframe data-hostile srcdoc="<script>parent.hostile=1</script>">',
  '{@html "<x-hostile>"}',
  'javascript:window.hostile=1',
  "';window.hostile=1;//",
  '${window.hostile=1}',
  '\\href{javascript:window.hostile=1}{x} \\htmlData{hostile=1}{x}',
  ']]><x-hostile/>',
] as const;

const words = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
  'length',
  '',
  ' ',
  '\u0000',
  '\u202e\u2066',
  '\ud800',
  '🕳'.repeat(300),
  'a'.repeat(3999),
  'a'.repeat(5000),
  '../../etc/passwd',
  'http://example.com/x.csv',
  'input',
  'body',
  'NaN',
  '1e999',
] as const;

const numbers = [
  0,
  -0,
  1,
  -1,
  0.5,
  2,
  3,
  7,
  64,
  255,
  1000,
  5000,
  65_536,
  1e6,
  1e7,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e21,
  1e308,
  -1e308,
  5e-324,
  1e-9,
] as const;

const layers = [
  'dense',
  'conv2d',
  'lstm',
  'residual',
  'attention',
  'batchNorm',
  'add',
  'reshape',
  'embedding',
];

function pick<T>(list: readonly T[], draw: Lcg): T {
  return list[Math.floor(draw.next() * list.length)]!;
}

/** A value that no spec should hold there. */
function hostileValue(draw: Lcg, depth = 0): unknown {
  const kind = Math.floor(draw.next() * (depth > 2 ? 5 : 10));
  if (kind === 0) return pick(markup, draw);
  if (kind === 1) return pick(words, draw);
  if (kind === 2 || kind === 3) return pick(numbers, draw);
  if (kind === 4) return pick([null, true, false, [], {}], draw);
  if (kind === 5)
    return Array.from({ length: 1 + Math.floor(draw.next() * 4) }, () => hostileValue(draw, depth + 1));
  if (kind === 6) return { [pick(words, draw)]: hostileValue(draw, depth + 1), type: pick(layers, draw) };
  if (kind === 7) return nest(1 + Math.floor(draw.next() * 40), draw);
  if (kind === 8) return { type: pick(layers, draw), out: pick(numbers, draw), repeat: pick(numbers, draw) };
  return Array.from({ length: Math.floor(draw.next() ** 3 * 2000) }, () => ({ type: 'dense', out: 4 }));
}

function nest(depth: number, draw: Lcg): unknown {
  let value: unknown = pick(markup, draw);
  for (let i = 0; i < depth; i++) {
    value =
      i % 2 === 0 ? [value] : { type: 'residual', body: value, repeat: draw.next() < 0.1 ? 1000 : undefined };
  }
  return value;
}

/** A copy with some values, keys and list entries replaced. */
function changeValues(value: unknown, draw: Lcg, share: number): unknown {
  if (draw.next() < share) return hostileValue(draw);
  if (Array.isArray(value)) {
    const changed = value.map((item) => changeValues(item, draw, share));
    if (draw.next() < share) changed.push(hostileValue(draw));
    return changed;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, child]): [string, unknown] => [
    draw.next() < share / 2 ? pick([...words, ...markup], draw) : key,
    changeValues(child, draw, share),
  ]);
  if (draw.next() < share) entries.push([pick(words, draw), hostileValue(draw)]);
  // By definition, not by assignment: `__proto__` is to become a key of its own.
  const changed = {};
  for (const [key, child] of entries) {
    Object.defineProperty(changed, key, {
      value: child,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return changed;
}

/** Every string in a state replaced by markup, one at a time or all: no field may end up in the page as HTML. */
function injectStrings(value: unknown, draw: Lcg, share: number): unknown {
  if (typeof value === 'string') return draw.next() < share ? pick(markup, draw) : value;
  if (Array.isArray(value)) return value.map((item) => injectStrings(item, draw, share));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, injectStrings(child, draw, share)]),
  );
}

/** Text or bytes with pieces changed, cut out, moved or written twice. */
function changePieces<T extends string | Buffer>(
  whole: T,
  draw: Lcg,
  join: (pieces: T[]) => T,
  fresh: () => T,
): T {
  let now = whole;
  const changes = 1 + Math.floor(draw.next() * 4);
  const slice = (from: number, to?: number) => now.slice(from, to) as T;
  for (let i = 0; i < changes; i++) {
    const at = Math.floor(draw.next() * now.length);
    const to = at + 1 + Math.floor(draw.next() ** 2 * 40);
    const kind = Math.floor(draw.next() * 5);
    if (kind === 0) now = join([slice(0, at), fresh(), slice(at + 1)]);
    else if (kind === 1) now = slice(0, at);
    else if (kind === 2) now = join([slice(0, at), slice(to)]);
    else if (kind === 3) now = join([slice(0, to), slice(at)]);
    else now = join([slice(at, to), slice(0, at), slice(to)]);
  }
  return now;
}

const text = (state: unknown) => JSON.stringify(state) ?? 'undefined';
const encode = (content: string | Buffer, level = 3) =>
  `1.${deflateRawSync(content, { level }).toString('base64url')}`;

/** The hash of one hostile link, without its #. The same for the same draw. */
export function hostileHash(draw: Lcg): string {
  const honest = pick(honestStates, draw);
  const kind = draw.next();
  if (kind < 0.15) {
    const letters = 'ABCDEFabcdef0189-_.=%/+ é#<>"\u0000';
    return changePieces(
      encode(text(honest)),
      draw,
      (pieces) => pieces.join(''),
      () => letters[Math.floor(draw.next() * letters.length)]!,
    );
  }
  if (kind < 0.3) {
    const bytes = changePieces(
      deflateRawSync(text(honest)),
      draw,
      (pieces) => Buffer.concat(pieces),
      () => Buffer.from([Math.floor(draw.next() * 256)]),
    );
    return `1.${bytes.toString('base64url')}`;
  }
  if (kind < 0.45) {
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
      '\\u0000',
      '<x-hostile>',
      'null',
      '\ud800',
    ];
    return encode(
      changePieces(
        text(honest),
        draw,
        (pieces) => pieces.join(''),
        () => pick(signs, draw),
      ),
    );
  }
  if (kind < 0.65) return encode(text(injectStrings(honest, draw, draw.next() < 0.3 ? 1 : 0.15)));
  if (kind < 0.997) return encode(text(changeValues(honest, draw, 0.01 + 0.2 * draw.next() ** 2)));
  return pick(bombs, draw);
}

/** Small links that stand for much: each is one way to make a careless reader run out of time or memory. */
export const bombs: readonly string[] = [
  encode(Buffer.alloc(60 * 2 ** 20), 9).slice(0, 16_384),
  encode(Buffer.alloc(11 * 2 ** 20), 9),
  encode('['.repeat(100_000)),
  encode(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
  encode(`{"spec":${'['.repeat(25)}${']'.repeat(25)}}`),
  encode(`{"spec":{"network":[${'{},'.repeat(40_000)}{}]}}`),
  encode(`{"spec":{"a":"${'a'.repeat(120_000)}"}}`),
  encode('{"spec":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}'),
  encode('{"__proto__":{"polluted":1},"spec":{"fuga":1}}'),
  encode(`{"spec":{"seed":${'9'.repeat(100_000)}}}`),
  // Repeats within repeats: 1000¹⁰ layers in 300 letters.
  encode(text({ spec: { fuga: 1, data: 'digits', network: repeats(10) } })),
  encode(text({ spec: { fuga: 1, data: 'digits', network: [{ type: 'dense', out: 4, repeat: 4999 }] } })),
  encode(text({ spec: { fuga: 1, data: 'digits', network: [{ type: 'dense', out: 2 ** 31 }] } })),
  encode(text({ spec: { fuga: 1, data: 'digits', model: { type: 'mlp', depth: 10_000, width: 64 } } })),
  encode(text({ spec: { fuga: 1, data: 'digits', model: { type: 'mlp', depth: 3, width: 1e9 } } })),
  encode(text({ spec: { fuga: 1, data: { source: 'gaussian', samples: 1e12, batch: 1e9 } } })),
  encode(
    text({ spec: { fuga: 1, data: { source: 'adding', length: 1e9 }, model: { type: 'rnn', width: 64 } } }),
  ),
  `2.${'A'.repeat(50)}`,
  `1.${'A'.repeat(16_390)}`,
  '1.',
  '.',
  `${'1'.repeat(9000)}.AAAA`,
];

/** Layers within layers, each level a thousand times. */
function repeats(levels: number): unknown {
  if (levels === 0) return [{ type: 'dense', out: 4 }];
  return [{ type: 'residual', body: repeats(levels - 1), repeat: 1000 }];
}

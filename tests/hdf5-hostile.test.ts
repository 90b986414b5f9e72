import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zlibSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../packages/engine/src/core/errors.js';
import { Hdf5Group, openHdf5 } from '../packages/engine/src/formats/hdf5/file.js';
import { HDF5_FLOOR } from '../packages/engine/src/formats/hdf5/bytes.js';
import { readNetworkFile } from '../packages/engine/src/formats/network.js';
import { FUZZ_TIMEOUT, fuzz } from './fuzz.js';
import type { Lcg } from './nets.js';

const folder = join(import.meta.dirname, 'golden', 'keras');
const bytesOf = (name: string) => new Uint8Array(readFileSync(join(folder, name)));

/** Reads all that a file holds, going on where a part is refused; gives the paths of what was. */
function readAll(group: Hdf5Group, left: ReadonlySet<string> = new Set(), depth = 0): string[] {
  const refused: string[] = [];
  const attempt = (path: string, read: () => unknown) => {
    if (left.has(path)) return null;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      refused.push(path);
      return null;
    }
  };
  for (const name of ['weight_names', 'layer_names', 'model_config', 'list', 'long', 'attribute 7']) {
    attempt(`${group.path}@${name}`, () => group.texts(name));
  }
  const names = (attempt(`${group.path}/`, () => group.names) ?? []) as readonly string[];
  for (const name of names.length > 40 ? [...names.slice(0, 5), 'last'] : names) {
    if (name === 'circle') continue;
    attempt(`${group.path}/${name}`, () => group.dataset(name)?.read());
    attempt(`${group.path}/${name}/`, () => {
      const inner = group.group(name);
      if (inner && depth < 8) refused.push(...readAll(inner, left, depth + 1));
    });
  }
  return refused;
}

const odd = [0, 1, 7, 8, 255, 2 ** 16 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 53, 2 ** 63];

/** Bytes changed at random places: one, a number, or a number taken from elsewhere (links in circles), or cut off. */
function mutated(bytes: Uint8Array, draw: Lcg): Uint8Array {
  const place = (width: number) => {
    const at = Math.floor(draw.next() * (made.length - width));
    return draw.next() < 0.7 ? at - (at % width) : at;
  };
  const made = bytes.slice();
  const view = new DataView(made.buffer);
  for (let i = 0, n = 1 + Math.floor(draw.next() * 6); i < n; i++) {
    const roll = draw.next();
    const value = odd[Math.floor(draw.next() * odd.length)]!;
    if (roll < 0.3) made[place(1)] = Math.floor(draw.next() * 256);
    else if (roll < 0.4) view.setUint16(place(2), value, true);
    else if (roll < 0.55) view.setUint32(place(4), value, true);
    else if (roll < 0.75) view.setBigUint64(place(8), BigInt(value), true);
    else {
      const [from, to] = [place(8), place(8)];
      made.copyWithin(to, from, from + 8);
    }
  }
  return draw.next() < 0.05 ? made.slice(0, Math.floor(draw.next() * made.length)) : made;
}

/** Files, and what of each is not read when it is whole. */
const files = ['earliest', 'v108', 'latest'].map((name) => {
  const bytes = bytesOf(`hdf5/${name}.h5`);
  return { bytes, left: new Set(readAll(openHdf5(name, bytes))) };
});
const models = ['deep-latest.h5', 'nested.h5', 'text.h5', 'nested.keras', 'bfloat16.keras'].map(
  (name) => [name, bytesOf(name)] as const,
);
const json = bytesOf('nested.json');
const weights = bytesOf('nested.weights.h5');
const pick = <T>(list: readonly T[], draw: Lcg) => list[Math.floor(draw.next() * list.length)]!;

test.each([
  [
    'HDF5 files',
    (draw: Lcg): void => {
      const { bytes, left } = pick(files, draw);
      const refused = readAll(openHdf5('x.h5', mutated(bytes, draw)), left);
      if (refused.length > 0) throw new EngineError('FORMAT', refused.join());
    },
  ],
  [
    'Keras models in HDF5',
    (draw: Lcg): void => {
      const isJson = draw.next() < 0.3;
      const [name, bytes] = pick(models, draw);
      const beside = new Map([['nested.weights.h5', mutated(weights, draw)]]);
      readNetworkFile(
        isJson ? { name: 'nested.json', bytes: json, beside } : { name, bytes: mutated(bytes, draw) },
      );
    },
  ],
] as const)(
  'mutated %s are read or refused with an EngineError, within a second and within the memory stated',
  (name, read) => {
    const { read: count, accepted, most, defects } = fuzz(name, read);
    expect(defects).toEqual([]);
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(count);
    expect(most).toBeLessThan(2 * HDF5_FLOOR);
  },
  FUZZ_TIMEOUT,
);

// An HDF5 file written by hand: a superblock of version 2, and headers of version 1 placed one after the other.
const u16 = (value: number) => [value & 255, value >> 8];
const u32 = (value: number) => [...u16(value % 65_536), ...u16(Math.floor(value / 65_536))];
const u64 = (value: number) => [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))];
const letters = (text: string) => [...new TextEncoder().encode(text)];
const padded = (bytes: readonly number[]) => [...bytes, ...new Array<number>(-bytes.length & 7).fill(0)];
const message = (type: number, data: readonly number[]) => {
  const body = padded(data);
  return [...u16(type), ...u16(body.length), 0, 0, 0, 0, ...body];
};
const header = (...messages: readonly number[][]) => {
  const body = messages.flat();
  return [1, 0, ...u16(messages.length), ...u32(1), ...u32(body.length), 0, 0, 0, 0, ...body];
};
const link = (name: string, address: number) =>
  message(6, [1, 0, name.length, ...letters(name), ...u64(address)]);
const space = (...shape: number[]) => message(1, [2, shape.length, 0, 1, ...shape.flatMap(u64)]);
const float32 = message(3, [0x11, 0x20, 31, 0, ...u32(4), ...u16(0), ...u16(32), 23, 8, 0, 23, ...u32(127)]);
const contiguous = (address: number, size: number) => message(8, [3, 1, ...u64(address), ...u64(size)]);
const chunked = (tree: number, ...chunk: number[]) =>
  message(8, [3, 2, chunk.length + 1, ...u64(tree), ...chunk.flatMap(u32), ...u32(4)]);
const deflate = message(11, [2, 1, ...u16(1), ...u16(0), ...u16(0)]);
/** A node of the tree of chunks: children with their size and offsets. */
const node = (level: number, ...children: { size: number; offsets: number[]; at: number }[]) => [
  ...letters('TREE'),
  1,
  level,
  ...u16(children.length),
  ...u64(0),
  ...u64(0),
  ...children.flatMap(({ size, offsets, at }) => [
    ...u32(size),
    ...u32(0),
    ...[...offsets, 0].flatMap(u64),
    ...u64(at),
  ]),
];

/** The start of the root group is at 48; what else there is, at the places given. */
function file(root: readonly number[], others: Readonly<Record<number, Iterable<number>>> = {}): Uint8Array {
  const parts = Object.entries({ 48: root, ...others }).map(([at, part]) => [Number(at), [...part]] as const);
  const size = Math.max(...parts.map(([at, part]) => at + part.length));
  const made = new Uint8Array(size);
  made.set([0x89, ...letters('HDF\r\n'), 0x1a, 0x0a, 2, 8, 8, 0]);
  made.set([...u64(0), ...u64(2 ** 64), ...u64(size), ...u64(48)], 12);
  for (const [at, part] of parts) made.set(part, at);
  return made;
}

describe('HDF5 files made to harm', () => {
  const [X, TREE, DATA] = [512, 1024, 2048];
  const x = header(link('x', X));
  const bomb = zlibSync(new Uint8Array(2 ** 24), { level: 9 });
  const some = zlibSync(new Uint8Array(16));

  test('sound ones are read', () => {
    const numbers = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
    const plain = file(x, { [X]: header(space(2, 2), float32, contiguous(DATA, 16)), [DATA]: numbers });
    expect([...openHdf5('f.h5', plain).dataset('x')!.read()]).toEqual([1, 2, 3, 4]);
    const packed = zlibSync(numbers);
    const inChunks = file(x, {
      [X]: header(space(2, 2), float32, chunked(TREE, 2, 2), deflate),
      [TREE]: node(0, { size: packed.length, offsets: [0, 0], at: DATA }),
      [DATA]: packed,
    });
    expect([...openHdf5('f.h5', inChunks).dataset('x')!.read()]).toEqual([1, 2, 3, 4]);
  });

  const dataset = (...messages: number[][]) => file(x, { [X]: header(...messages) });
  const cases: Readonly<Record<string, [Uint8Array, RegExp]>> = {
    'a header that continues in itself': [
      file(header(message(16, [...u64(64), ...u64(24)]))),
      /continues where it was before/,
    ],
    'a header longer than the file': [
      file([1, 0, ...u16(1), ...u32(1), ...u32(2 ** 31), 0, 0, 0, 0]),
      /lie past its end/,
    ],
    'a group that is its own member': [file(header(link('x', 48))), /is no dataset|no such/],
    '2^60 numbers': [
      dataset(space(2 ** 30, 2 ** 30), float32, contiguous(0, 2 ** 62)),
      /claims the shape|would take more/,
    ],
    'numbers past the end': [dataset(space(1000), float32, contiguous(DATA, 4000)), /lie past its end/],
    'fewer bytes than numbers': [
      dataset(space(1000), float32, contiguous(0, 8)),
      /needs 4000 bytes, 8 are stored/,
    ],
    'chunks of nothing': [dataset(space(8), float32, chunked(TREE, 0)), /chunks of the shape \[0\]/],
    'a chunk of 2^32 numbers': [dataset(space(8), float32, chunked(TREE, 2 ** 32 - 1)), /would take more/],
    'five million chunks': [
      dataset(space(5 * 10 ** 6), float32, chunked(TREE, 1)),
      /more than a model can need/,
    ],
    'chunks listed in a circle': [
      file(x, {
        [X]: header(space(8), float32, chunked(TREE, 8)),
        [TREE]: node(1, { size: 1, offsets: [0], at: TREE }),
      }),
      /in a circle|listed wrong/,
    ],
    'a chunk outside of the dataset': [
      file(x, {
        [X]: header(space(8), float32, chunked(TREE, 4), deflate),
        [TREE]: node(0, { size: some.length, offsets: [8], at: DATA }),
        [DATA]: some,
      }),
      /lies where none can be/,
    ],
    'a chunk given twice': [
      file(x, {
        [X]: header(space(8), float32, chunked(TREE, 4), deflate),
        [TREE]: node(
          0,
          { size: some.length, offsets: [0], at: DATA },
          { size: some.length, offsets: [0], at: DATA },
        ),
        [DATA]: some,
      }),
      /lies where none can be/,
    ],
    'a chunk that unpacks to a thousand times its size': [
      file(x, {
        [X]: header(space(4), float32, chunked(TREE, 4), deflate),
        [TREE]: node(0, { size: bomb.length, offsets: [0], at: DATA }),
        [DATA]: bomb,
      }),
      /unpacks to more than/,
    ],
    'a short chunk': [
      file(x, {
        [X]: header(space(16), float32, chunked(TREE, 16), deflate),
        [TREE]: node(0, { size: some.length, offsets: [0], at: DATA }),
        [DATA]: some,
      }),
      /unpacks to 16 bytes where 64 are needed/,
    ],
    'a chunk that is no zlib stream': [
      file(x, {
        [X]: header(space(4), float32, chunked(TREE, 4), deflate),
        [TREE]: node(0, { size: 64, offsets: [0], at: DATA }),
        [DATA]: new Array<number>(64).fill(7),
      }),
      /a chunk is damaged/,
    ],
  };
  test.each(Object.entries(cases))('%s', (_, [bytes, message]) => {
    const read = () => {
      const found = openHdf5('f.h5', bytes).dataset('x') ?? openHdf5('f.h5', bytes).group('x');
      if (found instanceof Hdf5Group)
        throw new EngineError('FORMAT', `"x" is no dataset: ${found.names.join()}`);
      return found?.read();
    };
    expect(read).toThrow(EngineError);
    expect(read).toThrow(message);
  });

  test('a thousand datasets of the same chunk are not all unpacked', () => {
    const noise = Float32Array.from({ length: 10_000 }, (_, i) => Math.sin(i * i));
    const packed = zlibSync(new Uint8Array(noise.buffer));
    const at = 64_000;
    const names = Array.from({ length: 1000 }, (_, i) => `x${i}`);
    const bytes = file(header(...names.map((name) => link(name, at))), {
      [at]: header(space(10_000), float32, chunked(at + 512, 10_000), deflate),
      [at + 512]: node(0, { size: packed.length, offsets: [0], at: at + 1024 }),
      [at + 1024]: packed,
    });
    const root = openHdf5('f.h5', bytes);
    expect(() => {
      for (const name of names) root.dataset(name)!.read();
    }).toThrow(/its chunks overlap/);
  });

  test('a small file cannot ask for more than the floor', () => {
    const root = openHdf5('f.h5', dataset(space(HDF5_FLOOR / 4 + 1024), float32, contiguous(0, 2 ** 40)));
    expect(() => root.dataset('x')!.read()).toThrow(/twice the file and 67,108,864/);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../core/errors.js';
import { openHdf5 } from './file.js';

const folder = join(import.meta.dirname, '../../../../../tests/golden/keras/hdf5');
const open = (version: string) =>
  openHdf5(`${version}.h5`, new Uint8Array(readFileSync(join(folder, `${version}.h5`))));

const counted = (size: number, start = -2) => Array.from({ length: size }, (_, i) => i + start);

describe.each(['earliest', 'v108', 'latest'])('a file of HDF5’s structures "%s"', (version) => {
  const root = open(version);

  test.each(['<f2', '<f4', '<f8', '>f4', '>f8', '<i1', '<i2', '<i4', '<i8', '>i4'])('numbers %s', (dtype) => {
    const dataset = root.dataset(`types/${dtype}`)!;
    expect(dataset.shape).toEqual([2, 3]);
    expect([...dataset.read()]).toEqual(counted(6));
  });

  test.each(['<u1', '<u2', '<u4', '<u8'])('numbers %s', (dtype) => {
    expect([...root.dataset(`types/${dtype}`)!.read()]).toEqual(counted(6, 0));
  });

  test('truth values', () => {
    expect([...root.dataset('types/?')!.read()]).toEqual([0, 1, 1, 1, 1, 1]);
  });

  test('types that are no numbers are named', () => {
    expect(() => root.dataset('types/complex')!.read()).toThrow(/"types\/complex" holds (records|class 11)/);
    expect(() => root.dataset('types/text')!.read()).toThrow(/"types\/text" holds text/);
  });

  test('scalars, nothing, and numbers within the header', () => {
    expect(root.dataset('shapes/scalar')!.shape).toEqual([]);
    expect([...root.dataset('shapes/scalar')!.read()]).toEqual([-2]);
    expect(root.dataset('shapes/none')!.shape).toEqual([0, 3]);
    expect(root.dataset('shapes/none')!.read()).toHaveLength(0);
    expect(root.dataset('shapes/null')!.read()).toHaveLength(0);
    expect([...root.dataset('shapes/compact')!.read()]).toEqual(counted(6));
    expect(() => root.dataset('shapes/unwritten')!.read()).toThrow(/never written/);
  });

  test('links: hard ones are followed, in circles too, others are not', () => {
    expect([...root.dataset('links/hard')!.read()]).toEqual(counted(6));
    expect([...root.dataset('links/circle/circle/circle/hard')!.read()]).toEqual(counted(6));
    expect(() => root.group('links/circle/'.repeat(65))).toThrow(/too many steps/);
    expect(() => root.dataset('links/soft')).toThrow(/"links\/soft" is a soft link/);
    expect(() => root.dataset('links/away')).toThrow(/"links\/away" is a (soft|external) link/);
    expect(root.dataset('links/nobody')).toBeNull();
    expect(root.group('types/<f4')).toBeNull();
  });

  test('a group of many members', () => {
    const many = root.group('many')!;
    expect(many.names).toHaveLength(121);
    expect(new Set(many.names).size).toBe(121);
    expect(many.group('a member of this group with a rather long name, number 77')!.names).toEqual([]);
    expect([...many.dataset('last')!.read()]).toEqual(counted(2));
  });

  test('attributes of text', () => {
    expect(root.texts('text')).toEqual(['grüße']);
    expect(root.texts('bytes')).toEqual(['fixed']);
    expect(root.texts('list')).toEqual(['one', 'two', '']);
    expect(root.texts('fixed')).toEqual(['one', 'three']);
    expect(root.texts('long')![0]).toHaveLength(5000);
    expect(root.texts('numbers')).toBeNull();
    expect(root.texts('nothing')).toBeNull();
    expect(root.texts('nobody')).toBeNull();
    for (let i = 0; i < 20; i++) {
      expect(root.group('links')!.texts(`attribute ${i}`)).toEqual([`value ${i}`]);
    }
  });
});

describe.each(['earliest', 'v108'])('chunks of "%s"', (version) => {
  const root = open(version);

  test.each(['plain', 'gzip', 'all', 'sums'])('%s', (name) => {
    const dataset = root.dataset(`chunks/${name}`)!;
    expect(dataset.shape).toEqual([7, 5, 3]);
    expect([...dataset.read()]).toEqual(counted(105));
  });

  test('listed in two levels, wider than the dataset, or missing', () => {
    expect([...root.dataset('chunks/many')!.read()]).toEqual(counted(150));
    expect([...root.dataset('chunks/wide')!.read()]).toEqual(counted(25));
    expect(() => root.dataset('chunks/holes')!.read()).toThrow(/3 of the 4 chunks .* never written/);
    expect(() => root.dataset('chunks/lzf')!.read()).toThrow(/compressed with lzf, .* gzip/);
  });
});

test('chunks of the newest version are refused with what to do', () => {
  expect(() => open('latest').dataset('chunks/plain')!.read()).toThrow(/without libver='latest'/);
});

describe('files that are none', () => {
  const whole = new Uint8Array(readFileSync(join(folder, 'v108.h5')));

  test('what does not start as HDF5, or is cut off', () => {
    expect(() => openHdf5('x.h5', new Uint8Array(0))).toThrow(EngineError);
    expect(() => openHdf5('x.h5', new TextEncoder().encode('PK'))).toThrow(/x\.h5 .* does not start as/);
    expect(() => openHdf5('x.h5', whole.subarray(0, whole.length - 100))).toThrow(/was not copied whole/);
    expect(() => openHdf5('x.h5', whole.subarray(0, 20))).toThrow(/lie past its end/);
  });
});

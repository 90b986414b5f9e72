import { EngineError } from '@fuga/engine';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../failure.js';
import { findInstalled, install } from './install.js';
import { installables } from './installable.js';
import { mailSamples, readMail, wordsOf } from './mails.js';
import { slicesOf, volumeOf } from './nifti.js';
import { readSpecFile, specFileOf } from './readData.js';
import { tarFiles } from './tar.js';

const folder = mkdtempSync(join(tmpdir(), 'fuga-files-'));
beforeEach(() => {
  process.env['FUGA_DATA'] = join(folder, 'installed');
});
afterAll(() => {
  delete process.env['FUGA_DATA'];
  rmSync(folder, { recursive: true, force: true });
});

const encode = (text: string) => new TextEncoder().encode(text);

/** A tar archive as GNU tar and npm write it. */
function tar(
  files: Readonly<Record<string, Uint8Array>>,
  change: (head: Uint8Array) => void = () => undefined,
): Uint8Array {
  const parts: Uint8Array[] = [];
  const entry = (name: string, bytes: Uint8Array, kind: string) => {
    const head = new Uint8Array(512);
    head.set(encode(name.slice(0, 100)), 0);
    head.set(encode(bytes.length.toString(8).padStart(11, '0')), 124);
    head.set(encode(kind), 156);
    head.set(encode('ustar'), 257);
    change(head);
    const padded = new Uint8Array(Math.ceil(bytes.length / 512) * 512);
    padded.set(bytes);
    parts.push(head, padded);
  };
  for (const [name, bytes] of Object.entries(files)) {
    if (name.length > 100) entry('PaxHeader', encode(`${name.length + 10} path=${name}\n`), 'x');
    entry(name, bytes, '0');
  }
  parts.push(new Uint8Array(1024));
  return Buffer.concat(parts);
}

/** An IDX file: samples of `shape`, filled by index. */
function idx(shape: readonly number[], value: (i: number) => number): Uint8Array {
  const size = shape.reduce((product, axis) => product * axis, 1);
  const bytes = new Uint8Array(4 + 4 * shape.length + size);
  bytes.set([0, 0, 8, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((axis, i) => {
    view.setUint32(4 + 4 * i, axis);
  });
  for (let i = 0; i < size; i++) bytes[4 + 4 * shape.length + i] = value(i);
  return bytes;
}

/** A NIfTI-1 volume of int16 voxels, scaled by 2 and shifted by 1. */
function nifti(
  size: readonly [number, number, number],
  value: (i: number, j: number, k: number) => number,
): Uint8Array {
  const [W, H, D] = size;
  const bytes = new Uint8Array(352 + 2 * W * H * D);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 348, true);
  [3, W, H, D, 1, 1, 1, 1].forEach((axis, i) => {
    view.setInt16(40 + 2 * i, axis, true);
  });
  view.setInt16(70, 4, true); // int16
  view.setInt16(72, 16, true);
  view.setFloat32(108, 352, true);
  view.setFloat32(112, 2, true);
  view.setFloat32(116, 1, true);
  bytes.set(encode('n+1\0'), 344);
  for (let k = 0; k < D; k++)
    for (let j = 0; j < H; j++)
      for (let i = 0; i < W; i++) view.setInt16(352 + 2 * (i + W * (j + H * k)), value(i, j, k), true);
  return bytes;
}

describe('tar', () => {
  test('gives regular files, long names too', () => {
    const long = `package/${'deep/'.repeat(25)}file.txt`;
    const files = [
      ...tarFiles(tar({ 'a.txt': encode('one'), [long]: encode('two'), empty: new Uint8Array(0) })),
    ];
    expect(files.map(({ name }) => name)).toEqual(['a.txt', long, 'empty']);
    expect(files.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(['one', 'two', '']);
  });

  test('links and folders are passed over', () => {
    const archive = tar({ link: new Uint8Array(0) }, (head) => (head[156] = '2'.charCodeAt(0)));
    expect([...tarFiles(archive)]).toEqual([]);
  });

  test('a size past the end is refused', () => {
    const archive = tar({ a: encode('x') }, (head) => {
      head.set(encode('77777777777'), 124);
    });
    expect(() => [...tarFiles(archive)]).toThrow(Failure);
  });
});

describe('NIfTI', () => {
  test('voxels are scaled as the header says, and cut into slices', () => {
    const volume = volumeOf(
      nifti([4, 3, 2], (i, j, k) => i + 10 * j + 100 * k),
      'v.nii',
    );
    expect(volume.size).toEqual([4, 3, 2]);
    expect(volume.data[1 + 4 * (2 + 3 * 1)]).toBe(2 * 121 + 1);
    const axial = slicesOf(volume, 'axial', 4, 'nearest');
    expect(axial).toHaveLength(2);
    // The last row of voxels is the top row of the picture; a row is padded to make it square.
    expect(axial[0]!.filter((value) => value !== 0)).toHaveLength(12);
    expect(slicesOf(volume, 'sagittal', 3, 'mean')).toHaveLength(4);
    const whole = slicesOf(volume, 'axial', 1, 'mean')[0]![0]!;
    const mean = volume.data.subarray(0, 12).reduce((sum, value) => sum + value, 0) / 16;
    expect(whole).toBeCloseTo(mean, 4);
  });

  test.each([
    ['text', encode('hello')],
    ['a volume that ends early', nifti([4, 4, 4], () => 1).subarray(0, 400)],
    ['a header alone', nifti([4, 4, 4], () => 1).subarray(0, 348)],
  ])('%s: one sentence', (_, bytes) => {
    expect(() => volumeOf(bytes, 'v.nii')).toThrow(Failure);
  });
});

describe('mails', () => {
  test('headers but the subject are left out', () => {
    const mail = readMail(
      encode('From x@y\nList-Id: secret\nSubject: Win $100 now!\n\n<b>Click</b> here&nbsp;99\n'),
      true,
    );
    expect(mail.text).not.toContain('secret');
    expect(wordsOf(mail.text)).toEqual(['win', '$', '#', 'now', '!', 'click', 'here', '#']);
  });

  test('the vocabulary knows training mails only; short mails are filled up in front', () => {
    const mails = ['a b', 'a c', 'a', 'b', 'unseen a'].map((text) => ({ spam: text === 'a', text }));
    const { shape, samples } = mailSamples(mails, 3, 4);
    expect(samples.vocabulary).toEqual(['', '?', 'a', 'b']);
    expect(Array.from(samples.x)).toEqual([0, 2, 3, 0, 2, 1, 0, 0, 2, 0, 0, 3, 0, 1, 2]);
    expect(Array.from(samples.y)).toEqual([0, 0, 1, 0, 0]);
    expect(shape.input.vocabulary).toBe(4);
    expect(Array.from(samples.test)).toEqual([4]);
  });
});

describe('installed sets', () => {
  const images = join(folder, 'somewhere');
  mkdirSync(images, { recursive: true });
  for (const [name, count] of [
    ['train', 30],
    ['t10k', 10],
  ] as const) {
    const label = (i: number) => i % 10;
    writeFileSync(
      join(images, `${name}-images-idx3-ubyte.gz`),
      gzipSync(idx([count, 4, 4], (i) => (i * 7) % 256)),
    );
    writeFileSync(join(images, `${name}-labels-idx1-ubyte.gz`), gzipSync(idx([count], label)));
  }

  test('are installed from a folder, found again by name, and read with their options', async () => {
    const set = installables['fashionMnist']!;
    const spec = { data: { source: 'fashionMnist', samples: 20, test: 5 } };
    const file = specFileOf(spec, 'x.yaml')!;
    await expect(readSpecFile(file)).rejects.toThrow(/fuga data install fashionMnist/);
    await install('fashionMnist', set, images);
    expect(await findInstalled('fashionMnist', set)).toBe(join(folder, 'installed', 'fashionMnist'));
    const { shape, samples } = await readSpecFile(file);
    expect(shape).toMatchObject({
      task: 'classification',
      input: { shape: [1, 4, 4] },
      outputs: 10,
      samples: 25,
    });
    expect([samples.train.length, samples.test.length]).toEqual([20, 5]);
    expect(samples.names![9]).toBe('boot');
    const mean = Array.from(samples.x.slice(0, 320)).reduce((sum, value) => sum + value, 0) / 320;
    expect(Math.abs(mean)).toBeLessThan(1e-5);
    const strange = specFileOf({ data: { ...spec.data, smaples: 3 } }, 'x.yaml')!;
    await expect(readSpecFile(strange)).rejects.toThrow(/unknown key "smaples"/);
  });

  test('a folder without the files is one sentence', async () => {
    await expect(install('mnist', installables['mnist']!, images)).rejects.toThrow(
      /train-images-idx3-ubyte is not there/,
    );
    await expect(install('mnist', installables['mnist']!, join(folder, 'no'))).rejects.toThrow(Failure);
  });

  test('mails are packed from the package’s folders', () => {
    const packed = installables['mails']!.pack!([
      { name: 'package/data/spam-1/00002.b.txt', bytes: encode('Subject: b\n\nbuy') },
      { name: 'package/data/easy-ham-1/00001.a.txt', bytes: encode('Subject: a\n\nhi') },
      { name: 'package/data/easy-ham-1/00001.a.json', bytes: encode('{}') },
    ]);
    expect(packed.map(({ name }) => name)).toEqual(['mails.json.gz']);
  });

  test('volumes with labels are segmentation data', async () => {
    writeFileSync(
      join(folder, 'head.nii'),
      nifti([8, 8, 10], (i) => i),
    );
    writeFileSync(join(folder, 'mask.nii.gz'), gzipSync(nifti([8, 8, 10], (i) => (i > 3 ? 1 : 0))));
    const file = specFileOf(
      { data: { nifti: 'head.nii', labels: 'mask.nii.gz', side: 8 } },
      join(folder, 's.yaml'),
    )!;
    const { shape, samples } = await readSpecFile(file);
    // The labels 1 and 3: 0 and 1, scaled as the header says.
    expect(shape).toMatchObject({
      task: 'segmentation',
      input: { shape: [1, 8, 8] },
      target: { shape: [8, 8] },
      outputs: 4,
    });
    expect([samples.train.length, samples.test.length]).toEqual([8, 2]);
  });
});

describe('tables', () => {
  const read = (text: string | Uint8Array, options: Readonly<Record<string, unknown>> = {}) => {
    writeFileSync(join(folder, 'table.csv'), text);
    const data = { csv: 'table.csv', scale: 'none', ...options };
    return readSpecFile(specFileOf({ data }, join(folder, 's.yaml'))!);
  };
  const inputs = async (text: string) => Array.from((await read(text)).samples.x);

  test('a byte-order mark, quotes, blank lines and Windows line ends are no matter', async () => {
    const text = '\uFEFF"a, first",b,"y ""z"""\r\n"1",2,yes\r\n\r\n3,"4","no"\r\n';
    expect(await inputs(text)).toEqual([1, 2, 3, 4]);
    expect((await read(text, { target: 'y "z"' })).samples.names).toEqual(['no', 'yes']);
  });

  test.each([
    ['semicolons', 'a;b;y\n1;2;u\n3;4;v\n', [1, 2, 3, 4]],
    ['semicolons and decimal commas', 'a;b;y\n1,5;2;u\n-3;4,25;v\n', [1.5, 2, -3, 4.25]],
    ['tabs', 'a\tb\ty\n1\t2\tu\n3\t4\tv\n', [1, 2, 3, 4]],
    ['semicolons, a comma in a quoted name', '"a, or, so";b;y\n1;2;u\n3;4;v\n', [1, 2, 3, 4]],
  ])('%s part cells too', async (_, text, wanted) => {
    expect(await inputs(text)).toEqual(wanted);
  });

  test('names are found without the spaces around them', async () => {
    const { samples } = await read('a , y, b\n1, u, 2\n3, v, 4\n', { target: 'y' });
    expect([Array.from(samples.x), samples.names]).toEqual([
      [1, 2, 3, 4],
      ['u', 'v'],
    ]);
  });

  test.each<[string, string | Uint8Array, RegExp, object?]>([
    ['a missing number', 'a,b,y\n1,2,u\n\n3,,v\n', /table\.csv:4: .*column "b".*nothing/],
    ['a word', 'a,b,y\n1,2,u\n3,NA,v\n', /table\.csv:3: .*column "b".*"NA"/],
    ['a row after a cell of two lines', 'a,b,y\n1,2,"u\nv"\n3,x,v\n', /table\.csv:4: .*column "b"/],
    ['a missing answer', 'a,y\n1,u\n2,\n', /table\.csv:3: .*column "y".*nothing/],
    ['a short row', 'a,b,y\n1,2,u\n3,v\n', /table\.csv:3: 2 cells, the head line has 3/],
    ['a quote that is never closed', 'a,b,y\n1,2,u\n3,"4,v\n5,6,u\n', /table\.csv:3: .*quote/],
    ['a name that is there twice', 'a,a,y\n1,2,u\n', /"a" .*twice/],
    ['no such target', 'a,y\n1,u\n', /no column "z"/, { target: 'z' }],
    ['no head line', '1,2,3\n4,5,6\n', /head line/],
    ['one answer for all', 'a,y\n1,u\n2,u\n', /column "y".*"u"/],
    ['bytes that are not UTF-8', Uint8Array.of(0x61, 0x2c, 0x79, 0x0a, 0x31, 0x2c, 0xe9, 0x0a), /UTF-8/],
  ])('%s: where, and what to do', async (_, text, message, options = {}) => {
    await expect(read(text, options as Readonly<Record<string, unknown>>)).rejects.toThrow(message);
  });
});

describe('options of data in files', () => {
  const read = async (data: object) => readSpecFile(specFileOf({ data }, join(folder, 's.yaml'))!);

  test.each<[string, object, string[], RegExp]>([
    ['an unknown key', { csv: 'table.csv', taget: 'y' }, ['data', 'taget'], /unknown key "taget".*target/],
    ['two files', { csv: 'table.csv', npz: 'x.npz' }, ['data', 'npz'], /unknown key "npz"/],
    ['a path that is a number', { csv: 3 }, ['data', 'csv'], /path of a file, got 3/],
    ['a target that is no name', { csv: 'table.csv', target: 3 }, ['data', 'target'], /expected text, got 3/],
    ['a length that is no number', { text: 'a.txt', length: '64' }, ['data', 'length'], /whole number.*"64"/],
    ['labels that are no path', { idx: 'a.idx', labels: 4 }, ['data', 'labels'], /labels/],
    ['a side too small', { nifti: 'a.nii', labels: 'b.nii', side: 2 }, ['data', 'side'], /8 to 512, got 2/],
    ['a cut of no name', { nifti: 'a.nii', labels: 'b.nii', cut: 'oblique' }, ['data', 'cut'], /axial/],
  ])('%s is refused at its place', async (_, data, path, reason) => {
    const error: unknown = await read(data).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EngineError);
    expect((error as EngineError).path).toEqual(path);
    expect((error as EngineError).reason).toMatch(reason);
  });
});

describe('damaged files', () => {
  test('a gzipped IDX file that ends early is one sentence', async () => {
    writeFileSync(join(folder, 'cut.gz'), gzipSync(idx([4, 2, 2], (i) => i)).subarray(0, 20));
    const file = specFileOf({ data: { idx: 'cut.gz', labels: 'cut.gz' } }, join(folder, 's.yaml'))!;
    await expect(readSpecFile(file)).rejects.toThrow(Failure);
  });

  test('a text in another encoding is one sentence', async () => {
    writeFileSync(join(folder, 'latin.txt'), Buffer.from('ação '.repeat(100), 'latin1'));
    const file = specFileOf({ data: { text: 'latin.txt', length: 8 } }, join(folder, 's.yaml'))!;
    await expect(readSpecFile(file)).rejects.toThrow(/latin\.txt: expected text in UTF-8/);
  });

  test('an empty text is one sentence', async () => {
    writeFileSync(join(folder, 'empty.txt'), '');
    const file = specFileOf({ data: { text: 'empty.txt' } }, join(folder, 's.yaml'))!;
    await expect(readSpecFile(file)).rejects.toThrow(/0 characters/);
  });
});

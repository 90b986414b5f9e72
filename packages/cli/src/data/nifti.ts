import { isNIFTI, readHeader, readImage, type NIFTI1, type NIFTI2 } from 'nifti-reader-js';
import { gunzipSync } from 'node:zlib';
import { Failure } from '../failure.js';
import { readBytes } from './files.js';

/** A volume of numbers; voxel (i, j, k) is `data[i + width * (j + height * k)]`. */
export interface Volume {
  readonly size: readonly [width: number, height: number, depth: number];
  readonly data: Float32Array;
}

const MOST_VOXELS = 2 ** 28;

/** Readers of NIfTI's data types, by code: bytes of a voxel and how one is read. */
const voxels: Readonly<
  Record<number, readonly [bytes: number, read: (view: DataView, at: number, little: boolean) => number]>
> = {
  2: [1, (view, at) => view.getUint8(at)],
  4: [2, (view, at, little) => view.getInt16(at, little)],
  8: [4, (view, at, little) => view.getInt32(at, little)],
  16: [4, (view, at, little) => view.getFloat32(at, little)],
  64: [8, (view, at, little) => view.getFloat64(at, little)],
  256: [1, (view, at) => view.getInt8(at)],
  512: [2, (view, at, little) => view.getUint16(at, little)],
  768: [4, (view, at, little) => view.getUint32(at, little)],
};

/** Reads a NIfTI-1 or NIfTI-2 volume, gzipped or not; of a series the first volume. */
export async function readNifti(path: string): Promise<Volume> {
  let bytes: Uint8Array = await readBytes(path);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: 2 ** 31 - 1 });
    } catch {
      throw new Failure(`${path}: damaged, or larger than 2 GiB unpacked`);
    }
  }
  return volumeOf(bytes, path);
}

/** The volume of a NIfTI file's bytes; `path` is for messages. */
export function volumeOf(bytes: Uint8Array, path: string): Volume {
  // The reader wants a buffer that starts with the file.
  const buffer = bytes.slice().buffer;
  let header: NIFTI1 | NIFTI2 | null = null;
  try {
    header = isNIFTI(buffer) ? readHeader(buffer) : null;
  } catch {
    // A header that ends early.
  }
  if (!header) throw new Failure(`${path}: expected a NIfTI volume (.nii, .nii.gz)`);
  const [axes = 0, width = 0, height = 0, depth = 1] = header.dims;
  const count = width * height * depth;
  const format = voxels[header.datatypeCode];
  if (
    axes < 2 ||
    ![width, height, depth].every((size) => Number.isInteger(size) && size > 0) ||
    count > MOST_VOXELS
  ) {
    throw new Failure(
      `${path}: expected a volume of at most ${MOST_VOXELS} voxels, got ${width} × ${height} × ${depth}`,
    );
  }
  if (!format)
    throw new Failure(
      `${path}: voxels of type ${header.datatypeCode} are not read; expected integers or floats`,
    );
  const [size, read] = format;
  const start = header.vox_offset;
  if (!(start >= 0) || start + count * size > buffer.byteLength)
    throw new Failure(`${path}: the voxels end early`);
  const view = new DataView(readImage(header, buffer));
  const slope = Number.isFinite(header.scl_slope) && header.scl_slope !== 0 ? header.scl_slope : 1;
  const shift = Number.isFinite(header.scl_inter) ? header.scl_inter : 0;
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = slope * read(view, i * size, header.littleEndian) + shift;
  return { size: [width, height, depth], data };
}

/** Axes along which a volume is cut. */
export type Cut = 'axial' | 'coronal' | 'sagittal';

/**
 * Slices of a volume across an axis, scaled into squares of `side` pixels: centred, padded with 0, each pixel the mean of
 * the voxels it touches (or, for labels, the voxel at its middle).
 */
export function slicesOf(volume: Volume, cut: Cut, side: number, how: 'mean' | 'nearest'): Float32Array[] {
  const [W, H, D] = volume.size;
  const [columns, rows, count] = cut === 'axial' ? [W, H, D] : cut === 'coronal' ? [W, D, H] : [H, D, W];
  const at = (column: number, row: number, slice: number): number => {
    if (column < 0 || row < 0 || column >= columns || row >= rows) return 0;
    const [i, j, k] =
      cut === 'axial'
        ? [column, row, slice]
        : cut === 'coronal'
          ? [column, slice, row]
          : [slice, column, row];
    return volume.data[i + W * (j + H * k)]!;
  };
  const scale = Math.max(columns, rows) / side;
  const [left, top] = [Math.floor((columns - side * scale) / 2), Math.floor((rows - side * scale) / 2)];
  return Array.from({ length: count }, (_, slice) => {
    const pixels = new Float32Array(side * side);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        // Rows go down from the top of the head.
        const row = (from: number) => rows - 1 - Math.floor(top + (y + from) * scale);
        const column = (from: number) => Math.floor(left + (x + from) * scale);
        if (how === 'nearest') {
          pixels[y * side + x] = at(column(0.5), row(0.5), slice);
          continue;
        }
        let [sum, n] = [0, 0];
        for (let r = row(0); r >= Math.min(row(0), row(1 - 1e-9)); r--) {
          for (let c = column(0); c <= Math.max(column(0), column(1 - 1e-9)); c++) {
            sum += at(c, r, slice);
            n++;
          }
        }
        pixels[y * side + x] = sum / n;
      }
    }
    return pixels;
  });
}

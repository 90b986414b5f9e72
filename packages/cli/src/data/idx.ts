import { gunzipSync } from 'node:zlib';
import { Failure } from '../failure.js';
import { readBytes } from './files.js';

/** An array of an IDX file, MNIST's format: unsigned bytes. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Reads an IDX file of unsigned bytes, gzipped or not. Source: yann.lecun.com/exdb/mnist, "The IDX file format". */
export async function readIdx(path: string): Promise<IdxArray> {
  let bytes: Uint8Array = await readBytes(path);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: 2 ** 30 });
    } catch {
      throw new Failure(`${path}: damaged, or larger than 1 GiB unpacked`);
    }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const axes = bytes[3] ?? 0;
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 0x08 || axes === 0 || axes > 8) {
    throw new Failure(`${path}: expected an IDX file of unsigned bytes (0 0 8 axes …)`);
  }
  if (bytes.length < 4 + 4 * axes) throw new Failure(`${path}: the file ends within its header`);
  const shape = Array.from({ length: axes }, (_, i) => view.getUint32(4 + 4 * i));
  const size = shape.reduce((product, axis) => product * axis, 1);
  const data = bytes.subarray(4 + 4 * axes);
  if (data.length !== size) throw new Failure(`${path}: claims ${size} bytes, has ${data.length}`);
  return { shape, data };
}

import { showShape, sizeOf } from '../../core/shape.js';
import type { Hdf5Bytes } from './bytes.js';
import { unfiltered, type Filter } from './filters.js';

/** A dataset in chunks of one shape, those at the edge reaching past it. */
export interface Chunked {
  /** Address of the B-tree that lists the chunks. */
  readonly tree: number;
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
  /** Bytes of a number. */
  readonly width: number;
  readonly filters: readonly Filter[];
}

/**
 * The bytes of a dataset in chunks, in C order.
 *
 * Source: HDF5 File Format Specification 3.0, III.A.1 (B-tree version 1, node type 1).
 */
export function readChunks(file: Hdf5Bytes, path: string, chunked: Chunked): Uint8Array {
  const { tree, shape, chunk, width, filters } = chunked;
  const rank = shape.length;
  if (rank === 0 || !chunk.every((length) => length > 0)) {
    file.fail(`"${path}" has chunks of the shape ${showShape(chunk)}`);
  }
  const counts = shape.map((length, axis) => Math.ceil(length / chunk[axis]!));
  const [size, count] = [sizeOf(chunk) * width, sizeOf(counts)];
  file.make(count * (size + 1)); // chunks at the edge are whole
  file.spend(count);
  const made = new Uint8Array(sizeOf(shape) * width);
  const isRead = new Uint8Array(count);
  let missing = count;
  const keySize = 8 + 8 * (rank + 1);
  const seen = new Set<number>();

  const visit = (at: number, level: number | null): void => {
    if (seen.has(at)) file.fail(`the chunks of "${path}" are listed in a circle`);
    seen.add(at);
    file.expect(at, 'TREE');
    const [kind, own, used] = [file.u8(at + 4), file.u8(at + 5), file.u16(at + 6)];
    if (kind !== 1 || (level !== null && own !== level))
      file.fail(`the chunks of "${path}" are listed wrong`);
    file.spend(used + 1);
    for (let i = 0; i < used; i++) {
      const key = at + 24 + i * (keySize + 8);
      const child = file.address(key + keySize) ?? file.fail(`a chunk of "${path}" was never written`);
      if (own > 0) {
        visit(child, own - 1);
        continue;
      }
      const place = shape.map((_, axis) => file.u64(key + 8 + 8 * axis) / chunk[axis]!);
      const index = place.reduce((sum, step, axis) => sum * counts[axis]! + step, 0);
      const isThere = place.every((step, axis) => Number.isInteger(step) && step < counts[axis]!);
      if (!isThere || isRead[index]) file.fail(`a chunk of "${path}" lies where none can be`);
      isRead[index] = 1;
      missing--;
      const stored = file.slice(child, file.u32(key));
      const bytes = unfiltered(file, stored, filters, file.u32(key + 4), size);
      placeChunk(made, bytes, place, chunked);
    }
  };
  visit(tree, null);
  if (missing > 0) file.fail(`${missing} of the ${count} chunks of "${path}" were never written`);
  return made;
}

/** Copies a chunk row by row into the dataset, leaving out what reaches past it. */
function placeChunk(
  made: Uint8Array,
  bytes: Uint8Array,
  place: readonly number[],
  { shape, chunk, width }: Chunked,
): void {
  const last = shape.length - 1;
  const row = Math.min(chunk[last]!, shape[last]! - place[last]! * chunk[last]!) * width;
  const step = chunk[last]! * width;
  const axes = shape
    .map((_, axis) => axis)
    .slice(0, last)
    .reverse();
  for (let from = 0, index = 0; from < bytes.length; from += step, index++) {
    // Where row `index` of the chunk lies in the dataset; null past its edge.
    let [rest, at, factor] = [index, place[last]! * chunk[last]!, shape[last]!];
    let isInside = true;
    for (const axis of axes) {
      const along = place[axis]! * chunk[axis]! + (rest % chunk[axis]!);
      isInside &&= along < shape[axis]!;
      rest = Math.floor(rest / chunk[axis]!);
      at += along * factor;
      factor *= shape[axis]!;
    }
    if (isInside) made.set(bytes.subarray(from, from + row), at * width);
  }
}

import type { Hdf5Bytes } from './bytes.js';

/** Names of a group's members, by their offset in its local heap (HDF5 File Format Specification 3.0, III.D). */
export function localHeap(file: Hdf5Bytes, at: number): (offset: number) => string {
  file.expect(at, 'HEAP');
  const size = file.u64(at + 8);
  const data = file.address(at + 24) ?? file.fail('the names of a group were never written');
  file.need(data, size);
  return (offset) => {
    if (offset >= size) file.fail("a name lies past its group's heap");
    return file.text(data + offset, data + Math.min(size, offset + 65_536));
  };
}

/** Bytes that lie in the file for themselves. */
export interface Piece {
  readonly at: number;
  readonly size: number;
}

/** The strings of variable length, in collections of a global heap (III.E). Each collection is read once. */
export class GlobalHeap {
  readonly #file: Hdf5Bytes;
  readonly #collections = new Map<number, ReadonlyMap<number, Piece>>();

  constructor(file: Hdf5Bytes) {
    this.#file = file;
  }

  piece(collection: number, index: number): Piece {
    let pieces = this.#collections.get(collection);
    if (!pieces) this.#collections.set(collection, (pieces = this.#read(collection)));
    return pieces.get(index) ?? this.#file.fail(`a text lies in a heap that has no entry ${index}`);
  }

  #read(at: number): ReadonlyMap<number, Piece> {
    const file = this.#file;
    file.expect(at, 'GCOL');
    const size = file.u64(at + 8);
    file.need(at, size);
    const pieces = new Map<number, Piece>();
    for (let place = at + 16; place + 16 <= at + size;) {
      file.spend();
      const index = file.u16(place);
      if (index === 0) break; // the rest is free
      const length = file.u64(place + 8);
      if (place + 16 + length > at + size) file.fail('a text reaches past its heap');
      pieces.set(index, { at: place + 16, size: length });
      place += 16 + 8 * Math.ceil(length / 8);
    }
    return pieces;
  }
}

import type { Hdf5Bytes } from './bytes.js';
import type { Piece } from './heaps.js';

const MOST_DEPTH = 32;

/**
 * What lies in a fractal heap, by the entries of the tree that lists it: the links of a large group, or the
 * attributes of an object that has many, as files of HDF5's newer versions have them.
 *
 * `skip` is where in a tree's record the place in the heap stands.
 *
 * Source: HDF5 File Format Specification 3.0, III.A.2 (B-trees version 2) and III.G (fractal heaps).
 */
export function denseEntries(file: Hdf5Bytes, heap: number, tree: number, skip: number): Piece[] {
  const find = fractalHeap(file, heap);
  return recordsOf(file, tree).map((record) => find(record + skip));
}

/** Where the records of a version 2 B-tree are. */
function recordsOf(file: Hdf5Bytes, at: number): number[] {
  file.expect(at, 'BTHD');
  const [nodeSize, recordSize, depth] = [file.u32(at + 6), file.u16(at + 10), file.u16(at + 12)];
  if (recordSize === 0 || depth > MOST_DEPTH) file.fail('a tree of links or attributes makes no sense');
  const root = file.address(at + 16);
  const records: number[] = [];
  if (root === null) return records;

  // Widths of the counts in pointers to nodes follow from how many records fit: H5B2__hdr_init of the C library.
  const prefix = 10; // four letters, version, type, checksum
  const leafMost = Math.floor((nodeSize - prefix) / recordSize);
  const countWidth = widthOf(leafMost);
  const most = [leafMost];
  const widths = [0];
  for (let level = 1; level <= depth; level++) {
    const pointer = 8 + countWidth + widths[level - 1]!;
    const own = Math.floor((nodeSize - prefix - pointer) / (recordSize + pointer));
    most.push((own + 1) * most[level - 1]! + own);
    widths.push(widthOf(most[level]!));
  }

  const seen = new Set<number>();
  const visit = (node: number, count: number, level: number): void => {
    file.spend(count + 1);
    if (seen.has(node)) file.fail('a tree of links or attributes leads in a circle');
    seen.add(node);
    file.expect(node, level === 0 ? 'BTLF' : 'BTIN');
    const start = node + 6;
    file.need(start, count * recordSize);
    for (let i = 0; i < count; i++) records.push(start + i * recordSize);
    if (level === 0) return;
    const pointer = 8 + countWidth + widths[level - 1]!;
    for (let i = 0; i <= count; i++) {
      const place = start + count * recordSize + i * pointer;
      const child = file.address(place) ?? file.fail('a tree of links or attributes has a hole');
      visit(child, file.unsigned(place + 8, countWidth), level - 1);
    }
  };
  visit(root, file.u16(at + 24), depth);
  return records;
}

/** Bytes that hold numbers up to `limit`. */
function widthOf(limit: number): number {
  return Math.floor(Math.log2(Math.max(1, limit)) / 8) + 1;
}

/** Reads places (heap IDs) of a fractal heap. */
function fractalHeap(file: Hdf5Bytes, at: number): (id: number) => Piece {
  file.expect(at, 'FRHP');
  if (file.u16(at + 7) !== 0) file.fail('a heap of links or attributes is compressed');
  const largestObject = file.u32(at + 10);
  const width = file.u16(at + 110);
  const [start, largest] = [file.u64(at + 112), file.u64(at + 120)];
  const bits = file.u16(at + 128);
  const root = file.address(at + 132);
  const rows = file.u16(at + 140);
  const isPower = (value: number) =>
    Number.isSafeInteger(value) && value > 0 && Number.isInteger(Math.log2(value));
  if (!isPower(width) || !isPower(start) || !isPower(largest) || largest < start || bits > 64) {
    file.fail('a heap of links or attributes makes no sense');
  }
  const offsetWidth = Math.ceil(bits / 8);
  const lengthWidth = Math.min(Math.ceil(Math.log2(largest) / 8), widthOf(largestObject));
  const directRows = Math.log2(largest) - Math.log2(start) + 2;

  /** Where the heap's byte `offset` lies in the file, from a block that begins `offset` bytes before it. */
  const locate = (block: number, blockRows: number, offset: number, depth: number): number => {
    file.spend();
    if (depth > MOST_DEPTH) file.fail('a heap of links or attributes leads in a circle');
    file.expect(block, 'FHIB');
    const row = offset < width * start ? 0 : Math.floor(Math.log2(offset / (width * start))) + 1;
    if (row >= blockRows) file.fail('a link or an attribute lies past its heap');
    const size = row === 0 ? start : start * 2 ** (row - 1);
    const rest = offset - (row === 0 ? 0 : width * size);
    const column = Math.floor(rest / size);
    const place = block + 13 + offsetWidth + 8 * (row * width + column);
    const child = file.address(place) ?? file.fail('a link or an attribute was never written');
    const within = rest - column * size;
    if (row < directRows) return child + within;
    return locate(child, Math.log2(size) - Math.log2(width * start) + 1, within, depth + 1);
  };

  return (id) => {
    if ((file.u8(id) & 0x30) !== 0) file.fail('a link or an attribute is too large for its heap');
    const offset = file.unsigned(id + 1, offsetWidth);
    const size = file.unsigned(id + 1 + offsetWidth, lengthWidth);
    if (root === null) file.fail('a heap of links or attributes was never written');
    const place = rows === 0 ? root + offset : locate(root, rows, offset, 0);
    file.need(place, size);
    return { at: place, size };
  };
}

import type { Hdf5Bytes } from './bytes.js';
import { denseEntries } from './fractal.js';
import { localHeap, type Piece } from './heaps.js';
import { MESSAGE, messageOf, type Message } from './messages.js';

/** Where a member of a group is: the address of its header, or that it is elsewhere. */
export type Link = number | 'soft' | 'external';

/** The members of a group by name, in the order of the file; null for an object that is no group. */
export function linksOf(file: Hdf5Bytes, messages: readonly Message[]): ReadonlyMap<string, Link> | null {
  const links = new Map<string, Link>();
  const table = messageOf(messages, MESSAGE.symbolTable);
  if (table) {
    const tree = file.address(table.at);
    const heap = file.address(table.at + 8);
    if (tree !== null && heap !== null) readSymbols(file, tree, localHeap(file, heap), links);
    return links;
  }
  const info = messageOf(messages, MESSAGE.linkInfo);
  const own = messages.filter(({ type }) => type === MESSAGE.link);
  if (!info && own.length === 0) return null;
  for (const piece of own) readLink(file, piece, links);
  if (info) {
    const start = info.at + 2 + (file.u8(info.at + 1) & 1 ? 8 : 0);
    const [heap, tree] = [file.address(start), file.address(start + 8)];
    if (heap !== null && tree !== null) {
      for (const piece of denseEntries(file, heap, tree, 4)) readLink(file, piece, links);
    }
  }
  return links;
}

/** A group of HDF5's first version: a B-tree of symbol table nodes (specification 3.0, III.A.1 and III.B). */
function readSymbols(
  file: Hdf5Bytes,
  tree: number,
  nameAt: (offset: number) => string,
  links: Map<string, Link>,
): void {
  const seen = new Set<number>();
  const visit = (at: number, level: number | null): void => {
    if (seen.has(at)) file.fail('the tree of a group leads in a circle');
    seen.add(at);
    file.expect(at, 'TREE');
    const [kind, own, used] = [file.u8(at + 4), file.u8(at + 5), file.u16(at + 6)];
    if (kind !== 0 || (level !== null && own !== level)) file.fail('the tree of a group is damaged');
    file.spend(used + 1);
    for (let i = 0; i < used; i++) {
      const child = file.address(at + 32 + 16 * i) ?? file.fail('the tree of a group has a hole');
      if (own === 0) symbols(child);
      else visit(child, own - 1);
    }
  };
  const symbols = (at: number): void => {
    file.expect(at, 'SNOD');
    const count = file.u16(at + 6);
    file.spend(count);
    for (let i = 0; i < count; i++) {
      const entry = at + 8 + 40 * i;
      const isSoft = file.u32(entry + 16) === 2;
      const header = file.address(entry + 8);
      links.set(nameAt(file.u64(entry)), isSoft || header === null ? 'soft' : header);
    }
  };
  visit(tree, null);
}

/** A link message (IV.A.2.g). */
function readLink(file: Hdf5Bytes, { at, size }: Piece, links: Map<string, Link>): void {
  file.spend();
  const flags = file.u8(at + 1);
  let place = at + 2;
  const kind = flags & 8 ? file.u8(place++) : 0;
  if (flags & 4) place += 8; // order of creation
  if (flags & 16) place += 1; // character set
  const width = 1 << (flags & 3);
  const length = file.unsigned(place, width);
  place += width;
  if (place + length > at + size) file.fail('the name of a link reaches past it');
  const name = file.text(place, place + length);
  if (kind !== 0) links.set(name, kind === 1 ? 'soft' : 'external');
  else links.set(name, file.address(place + length) ?? file.fail(`"${name}" was never written`));
}

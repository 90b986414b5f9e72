import { sizeOf } from '../../core/shape.js';
import type { Hdf5Bytes } from './bytes.js';
import { denseEntries } from './fractal.js';
import type { GlobalHeap, Piece } from './heaps.js';
import { MESSAGE, messageOf, type Message } from './messages.js';
import { dataspaceAt, datatypeAt, type Datatype } from './types.js';

/** Longest text of an attribute, in bytes: the architecture of a model is one. */
const MOST_TEXT = 64 * 2 ** 20;
const MOST_VALUES = 100_000;

/** An attribute: what it is of and where its values lie. */
export interface Attribute {
  readonly name: string;
  readonly type: Datatype;
  /** Null: it holds nothing. */
  readonly shape: readonly number[] | null;
  readonly at: number;
  readonly end: number;
}

/** The attributes of an object by name (HDF5 File Format Specification 3.0, IV.A.2.m and IV.A.2.v). */
export function attributesOf(file: Hdf5Bytes, messages: readonly Message[]): ReadonlyMap<string, Attribute> {
  const found = new Map<string, Attribute>();
  const add = (piece: Piece) => {
    const attribute = attributeAt(file, piece);
    if (attribute) found.set(attribute.name, attribute);
  };
  for (const message of messages) if (message.type === MESSAGE.attribute && !message.shared) add(message);
  const info = messageOf(messages, MESSAGE.attributeInfo);
  if (info) {
    const start = info.at + 2 + (file.u8(info.at + 1) & 1 ? 2 : 0);
    const [heap, tree] = [file.address(start), file.address(start + 8)];
    if (heap !== null && tree !== null) denseEntries(file, heap, tree, 0).forEach(add);
  }
  return found;
}

function attributeAt(file: Hdf5Bytes, { at, size }: Piece): Attribute | null {
  const version = file.u8(at);
  if (version < 1 || version > 3) file.fail(`an attribute has version ${version}; 1 to 3 are read`);
  if (version > 1 && file.u8(at + 1) !== 0) return null; // its type is another object's
  const pad = (length: number) => (version === 1 ? 8 * Math.ceil(length / 8) : length);
  const [nameSize, typeSize, spaceSize] = [file.u16(at + 2), file.u16(at + 4), file.u16(at + 6)];
  const nameAt = at + (version === 3 ? 9 : 8);
  const typeAt = nameAt + pad(nameSize);
  const spaceAt = typeAt + pad(typeSize);
  const dataAt = spaceAt + pad(spaceSize);
  if (dataAt > at + size) file.fail('an attribute reaches past its place');
  return {
    name: file.text(nameAt, nameAt + nameSize),
    type: datatypeAt(file, typeAt),
    shape: dataspaceAt(file, spaceAt),
    at: dataAt,
    end: at + size,
  };
}

/** The texts that an attribute holds, or null where it holds none. */
export function textsOf(file: Hdf5Bytes, heap: GlobalHeap, attribute: Attribute): string[] | null {
  const { name, type, shape, at, end } = attribute;
  if ((type.kind !== 'text' && type.kind !== 'texts') || shape === null) return null;
  const count = sizeOf(shape);
  if (!(count <= MOST_VALUES)) file.fail(`the attribute "${name}" holds ${count} texts`);
  if (at + count * type.size > end) file.fail(`the attribute "${name}" is cut off`);
  file.spend(count);
  return Array.from({ length: count }, (_, i) => {
    const place = at + i * type.size;
    if (type.kind === 'text') return text(file, name, { at: place, size: type.size });
    const [length, collection] = [file.u32(place), file.address(place + 4)];
    if (length === 0 || collection === null || collection === 0) return '';
    const piece = heap.piece(collection, file.u32(place + 12));
    return text(file, name, { at: piece.at, size: Math.min(length, piece.size) });
  });
}

function text(file: Hdf5Bytes, name: string, { at, size }: Piece): string {
  if (size > MOST_TEXT) file.fail(`the attribute "${name}" has a text of ${size} bytes`);
  file.make(2 * size);
  return file.text(at, at + size);
}

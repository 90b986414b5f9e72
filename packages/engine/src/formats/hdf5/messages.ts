import type { Hdf5Bytes } from './bytes.js';

/** Kinds of messages in an object's header (HDF5 File Format Specification 3.0, IV.A.2). */
export const MESSAGE = {
  dataspace: 1,
  linkInfo: 2,
  datatype: 3,
  link: 6,
  externalFiles: 7,
  layout: 8,
  filters: 11,
  attribute: 12,
  continuation: 16,
  symbolTable: 17,
  attributeInfo: 21,
} as const;

/** A message: its data are `size` bytes at `at`. */
export interface Message {
  readonly type: number;
  readonly at: number;
  readonly size: number;
  /** The data are a reference to another object's message. */
  readonly shared: boolean;
}

interface Block {
  readonly at: number;
  readonly size: number;
}

/**
 * The messages of the object whose header is at `at`, those of its continuation blocks too.
 *
 * Source: HDF5 File Format Specification 3.0, IV.A.1 (versions 1 and 2).
 */
export function messagesOf(file: Hdf5Bytes, at: number): readonly Message[] {
  if (file.u8(at) === 1) return walk(file, { at: at + 16, size: file.u32(at + 8) }, firstVersion);
  file.expect(at, 'OHDR');
  const [version, flags] = [file.u8(at + 4), file.u8(at + 5)];
  if (version !== 2) file.fail(`an object's header has version ${version}; 1 and 2 are read`);
  const times = flags & 0x20 ? 16 : 0;
  const phases = flags & 0x10 ? 4 : 0;
  const sizeAt = at + 6 + times + phases;
  const width = 1 << (flags & 3);
  const first = { at: sizeAt + width, size: file.unsigned(sizeAt, width) };
  return walk(file, first, secondVersion(flags & 4 ? 6 : 4));
}

interface Version {
  readonly prefix: number;
  readonly read: (file: Hdf5Bytes, at: number) => { type: number; size: number; flags: number };
  /** The messages within a continuation block. */
  readonly within: (file: Hdf5Bytes, block: Block) => Block;
}

const firstVersion: Version = {
  prefix: 8,
  read: (file, at) => ({ type: file.u16(at), size: file.u16(at + 2), flags: file.u8(at + 4) }),
  within: (_, block) => block,
};

const secondVersion = (prefix: number): Version => ({
  prefix,
  read: (file, at) => ({ type: file.u8(at), size: file.u16(at + 1), flags: file.u8(at + 3) }),
  within: (file, { at, size }) => {
    file.expect(at, 'OCHK');
    return { at: at + 4, size: size - 8 }; // a checksum ends it
  },
});

function walk(file: Hdf5Bytes, first: Block, { prefix, read, within }: Version): readonly Message[] {
  const messages: Message[] = [];
  const blocks = [first];
  const seen = new Set<number>();
  // Continuation blocks join the list as they are met.
  for (let i = 0; i < blocks.length; i++) {
    const { at, size } = blocks[i]!;
    if (seen.has(at)) file.fail("an object's header continues where it was before");
    seen.add(at);
    file.need(at, size);
    for (let place = at; place + prefix <= at + size;) {
      file.spend();
      const message = read(file, place);
      const data = place + prefix;
      if (data + message.size > at + size) file.fail("a message reaches past its object's header");
      if (message.type === MESSAGE.continuation) {
        const next = file.address(data) ?? file.fail("an object's header continues nowhere");
        blocks.push(within(file, { at: next, size: file.u64(data + 8) }));
      } else if (message.type !== 0) {
        messages.push({
          type: message.type,
          at: data,
          size: message.size,
          shared: (message.flags & 2) !== 0,
        });
      }
      place = data + message.size;
    }
  }
  return messages;
}

/** The first message of a kind. */
export function messageOf(messages: readonly Message[], type: number): Message | null {
  return messages.find((message) => message.type === type) ?? null;
}

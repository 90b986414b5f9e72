import { Failure } from '../failure.js';

const BLOCK = 512;

/** A file of an archive. */
export interface TarFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The regular files of a tar archive, in order, without copying them. Links, folders and devices are passed over; long
 * names of GNU and pax archives are understood. Sizes are checked against the archive's own.
 */
export function* tarFiles(archive: Uint8Array): Generator<TarFile> {
  let longName: string | null = null;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const head = archive.subarray(at, at + BLOCK);
    if (head.every((byte) => byte === 0)) return;
    const size = octal(head.subarray(124, 136));
    const start = at + BLOCK;
    if (!Number.isSafeInteger(size) || size < 0 || start + size > archive.length) {
      throw new Failure('the archive is damaged: a file in it is longer than what is left');
    }
    const bytes = archive.subarray(start, start + size);
    const kind = String.fromCharCode(head[156]!);
    if (kind === 'L') longName = text(bytes);
    else if (kind === 'x') longName = paxPath(bytes) ?? longName;
    else {
      const prefix = text(head.subarray(345, 500));
      const short = text(head.subarray(0, 100));
      const isUstar = text(head.subarray(257, 262)) === 'ustar';
      const name = longName ?? (isUstar && prefix !== '' ? `${prefix}/${short}` : short);
      longName = null;
      if (kind === '0' || kind === '\0') yield { name, bytes };
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Octal digits, or GNU's big-endian binary where the first bit is set. */
function octal(bytes: Uint8Array): number {
  if (bytes[0]! & 0x80) return bytes.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
  return Number.parseInt(text(bytes).trim() || '0', 8);
}

/** `27 path=a/long/name\n` among the records of a pax header. */
function paxPath(bytes: Uint8Array): string | null {
  const match = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(new TextDecoder().decode(bytes));
  return match ? match[1]! : null;
}

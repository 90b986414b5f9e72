import { readFile, stat } from 'node:fs/promises';
import { Failure, readFailure } from '../failure.js';

const MOST_BYTES = 2 ** 31;

/** Bytes as text in UTF-8; one sentence where they are something else. */
export function decodeText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure(`${path}: expected text in UTF-8, got other bytes; save it as UTF-8`);
  }
}

/** A file's bytes; one sentence where that cannot be. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new Failure(`${path} has ${size} bytes; at most 2 GiB are read`);
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw readFailure(path, error);
  }
}

import { readFile, stat } from 'node:fs/promises';
import { Failure, readFailure } from '../failure.js';

const MOST_BYTES = 2 ** 31;

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

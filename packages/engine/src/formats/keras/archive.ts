import { Unzip, UnzipInflate } from 'fflate';
import { EngineError } from '../../core/errors.js';

/** Limits on an archive from anywhere; sizes are counted as they come out, whatever it claims. */
const MOST_ENTRIES = 10_000;
const MOST_CONFIG = 64 * 2 ** 20;
const MOST_RATIO = 1000;

/**
 * The `config.json` of a `.keras` file (a zip). Its weights are in HDF5 within; they are not read, so the network is
 * drawn anew.
 */
export function readKerasArchive(file: Uint8Array): unknown {
  if (file.length < 4 || file[0] !== 0x50 || file[1] !== 0x4b) fail('it does not start as a zip archive');
  const limit = Math.min(MOST_CONFIG, file.length * MOST_RATIO + 65_536);
  let [entries, total] = [0, 0];
  let config: Uint8Array[] | null = null;
  let whole = false;
  const unzip = new Unzip((entry) => {
    if (++entries > MOST_ENTRIES) fail(`it has more than ${MOST_ENTRIES} entries`);
    if (entry.name !== 'config.json' || config) return; // others are not unpacked at all
    const parts: Uint8Array[] = [];
    config = parts;
    entry.ondata = (error, part, final) => {
      if (error) fail(`"${entry.name}" is damaged: ${error.message}`);
      total += part.length;
      if (total > limit) fail(`its config.json unpacks to more than ${limit} bytes`);
      parts.push(part);
      whole ||= final;
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  try {
    unzip.push(file, true);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    fail(`the archive is damaged: ${(error as Error).message}`);
  }
  if (!config || !whole) fail('there is no config.json in it');
  return parseJson(new TextDecoder().decode(joined(config)));
}

/** JSON of a topology; deep nesting is refused by the reader, not here. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return fail(`its JSON is broken: ${(error as Error).message}`);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function fail(what: string): never {
  throw new EngineError('FORMAT', `the Keras file cannot be read: ${what}`);
}

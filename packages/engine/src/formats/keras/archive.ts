import { Unzip, UnzipInflate } from 'fflate';
import { EngineError } from '../../core/errors.js';
import { HDF5_FLOOR } from '../hdf5/bytes.js';

/** Limits on an archive from anywhere; sizes are counted as they come out, whatever it claims. */
const MOST_ENTRIES = 10_000;
const MOST_CONFIG = 64 * 2 ** 20;
const MOST_RATIO = 1000;

/** What a `.keras` file holds. */
export interface KerasArchive {
  /** `config.json`: the architecture. */
  readonly config: unknown;
  /** `model.weights.h5`, or null where there is none. */
  readonly weights: Uint8Array | null;
  /** `metadata.json` says which Keras wrote it. */
  readonly version: string | null;
}

/**
 * Opens a `.keras` file (a zip). Its entries are unpacked while they are counted: at most 64 MiB of configuration, and
 * of weights twice the file and a floor.
 */
export function readKerasArchive(file: Uint8Array): KerasArchive {
  if (file.length < 4 || file[0] !== 0x50 || file[1] !== 0x4b) fail('it does not start as a zip archive');
  const ofText = Math.min(MOST_CONFIG, file.length * MOST_RATIO + 65_536);
  const limits: Readonly<Record<string, number>> = {
    'config.json': ofText,
    'metadata.json': ofText,
    'model.weights.h5': 2 * file.length + HDF5_FLOOR,
  };
  const parts = new Map<string, Uint8Array[]>();
  const whole = new Set<string>();
  const others: string[] = [];
  let entries = 0;
  const unzip = new Unzip((entry) => {
    if (++entries > MOST_ENTRIES) fail(`it has more than ${MOST_ENTRIES} entries`);
    const { name } = entry;
    if (!Object.hasOwn(limits, name) || parts.has(name)) {
      others.push(name); // not unpacked at all
      return;
    }
    const own: Uint8Array[] = [];
    let total = 0;
    parts.set(name, own);
    entry.ondata = (error, part, final) => {
      if (error) fail(`"${name}" is damaged: ${error.message}`);
      total += part.length;
      if (total > limits[name]!) fail(`its ${name} unpacks to more than ${limits[name]!} bytes`);
      own.push(part);
      if (final) whole.add(name);
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
  const entry = (name: string): Uint8Array | null => {
    const own = parts.get(name);
    if (own && !whole.has(name)) fail(`its ${name} is cut off`);
    return own ? joined(own) : null;
  };
  const text = (name: string) => {
    const bytes = entry(name);
    return bytes && parseJson(new TextDecoder().decode(bytes));
  };
  const config = text('config.json') ?? fail('there is no config.json in it');
  const weights = entry('model.weights.h5');
  const elsewhere = others.find((name) => /^model.*\.(h5|npz|json)$/.test(name));
  if (!weights && elsewhere) {
    fail(
      `its weights are in "${elsewhere}", which is not read; save them in one file: model.save('model.keras')`,
    );
  }
  const metadata = text('metadata.json') as { keras_version?: unknown } | null;
  const version = metadata?.keras_version;
  return { config, weights, version: typeof version === 'string' ? version : null };
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

import { EngineError, givenTensorsOf, readNpz, readSafetensors, type GivenTensor } from '@fuga/engine';
import { extname } from 'node:path';
import { Failure } from '../failure.js';
import { readBytes } from './files.js';
import { readTable } from './table.js';

/** Samples and targets as a file holds them. */
export interface GivenTensors {
  readonly x: GivenTensor;
  readonly y: GivenTensor | null;
}

/** Reads the tensors `x` and `y` of an .npz or .safetensors file, or the columns of a .csv (the last one is y). */
export async function readTensors(path: string): Promise<GivenTensors> {
  const ending = extname(path).toLowerCase();
  if (ending === '.csv') return readTable(path, null);
  if (ending !== '.npz' && ending !== '.safetensors') {
    throw new Failure(`${path}: expected data as .npz, .safetensors or .csv, got "${ending}"`);
  }
  const bytes = await readBytes(path);
  const named = within(path, () =>
    ending === '.npz' ? readNpz(bytes) : givenTensorsOf(readSafetensors(bytes)),
  );
  const x = named['x'];
  if (!x)
    throw new Failure(
      `${path}: expected a tensor "x" (and "y"), got ${Object.keys(named).join(', ') || 'none'}`,
    );
  const y = named['y'] ?? null;
  if (x.shape.length === 0)
    throw new Failure(`${path}: x is a single number; its first axis must count the samples`);
  if (y && y.shape[0] !== x.shape[0]) {
    throw new Failure(`${path}: x has ${x.shape[0]} samples, y has ${y.shape[0] ?? 'none'}`);
  }
  return { x, y };
}

/** Puts the file's name before what the engine finds wrong with it. */
function within<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof EngineError) throw new Failure(`${path}: ${error.message}`);
    throw error;
  }
}

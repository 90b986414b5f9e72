import { EngineError, type DataShape } from '@fuga/engine';
import { resolve } from 'node:path';
import { Failure } from '../failure.js';
import type { GivenData } from '../tasks/task.js';
import { readSpecFile, specFileOf, type SpecFile } from './readData.js';

type Plain = Readonly<Record<string, unknown>>;

/** What each file gives, by all that decides it. A file must not change while a sweep runs. */
const shapes = new Map<string, DataShape>();
/** Trials of a sweep mostly share their data, so those read last are kept. */
let last: { readonly key: string; readonly data: Promise<GivenData> } | null = null;

/** The data that a spec takes from a file, or null where its source is on the shelf. Paths must be whole. */
export async function fileDataOf(input: object): Promise<GivenData | null> {
  const file = specFileOf(input as Plain, resolve('spec'));
  if (!file) return null;
  const key = keyOf(file);
  if (last?.key !== key) last = { key, data: read(file) };
  const data = await last.data;
  shapes.set(key, data.shape);
  return data;
}

/** What those data look like: enough to resolve the spec. */
export async function fileShapeOf(input: object): Promise<DataShape | undefined> {
  const file = specFileOf(input as Plain, resolve('spec'));
  if (!file) return undefined;
  return shapes.get(keyOf(file)) ?? (await fileDataOf(input))?.shape;
}

/** The spec with the path of its data file whole, so that it may be stored and run elsewhere. */
export function withWholePath<T extends Plain>(input: T, specPath: string): T {
  const file = specFileOf(input, specPath);
  return file ? { ...input, data: { ...(input['data'] as Plain), [file.key]: file.path } } : input;
}

/** The values of an axis over a data file, relative ones made whole too. */
export function withWholeAxes(axes: unknown, sweepPath: string): unknown {
  if (typeof axes !== 'object' || axes === null) return axes;
  const whole = Object.entries(axes as Plain).map(([path, values]) => {
    const key = /^data\.(\w+)$/.exec(path)?.[1];
    if (key === undefined || !Array.isArray(values)) return [path, values] as const;
    const fileAt = (value: unknown) =>
      typeof value === 'string' ? specFileOf({ data: { [key]: value } }, sweepPath)?.path : undefined;
    return [path, values.map((value: unknown) => fileAt(value) ?? value)] as const;
  });
  return Object.fromEntries(whole);
}

async function read(file: SpecFile): Promise<GivenData> {
  try {
    return await readSpecFile(file);
  } catch (error) {
    if (error instanceof Failure) throw new EngineError('SPEC', error.message, ['data']);
    throw error;
  }
}

/** The batch is cut from the data and does not change them. */
function keyOf({ key, path, options: { batch: _batch, ...options } }: SpecFile): string {
  return JSON.stringify([key, path, options]);
}

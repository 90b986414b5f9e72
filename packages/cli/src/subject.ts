import {
  EngineError,
  isUltralytics,
  parseSpec,
  resolveSpec,
  ultralyticsRun,
  type DataShape,
  type RunSpec,
} from '@fuga/engine';
import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { Failure, failureAt, readFailure, type Source } from './failure.js';

/** A spec read from a file: as written, and where from, so that errors can point into it. */
export interface Subject {
  readonly source: Source;
  /** Plain data as the file has it. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the command line says over what the file says. */
export interface Overrides {
  readonly seed?: number | undefined;
  readonly steps?: number | undefined;
  readonly loss?: string | undefined;
  readonly optimizer?: string | undefined;
  readonly lr?: number | undefined;
}

const MOST_BYTES = 4_000_000; // a spec has at most a million characters of at most four bytes
const specEndings = ['.yaml', '.yml', '.json'];

/** Reads a run spec. Throws a `Failure` that says what is wrong with the file, and where in it. */
export async function readSubject(path: string, options: { readonly scale?: string } = {}): Promise<Subject> {
  const ending = extname(path).toLowerCase();
  const text = await readText(path);
  if (!specEndings.includes(ending)) {
    throw new Failure(
      `${path}: expected a run spec (.fuga.yaml or .json), got ${ending === '' ? 'a file without an ending' : `"${ending}"`}`,
    );
  }
  const source = { path, text };
  const input = within(source, () => parseSpec(text));
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new Failure(
      `${path}: expected a run spec, a mapping that starts with "fuga: 1", got ${kindOf(input)}`,
    );
  }
  if ('fugaSweep' in input)
    throw new Failure(`${path} is a sweep; run it with: fuga sweep ${path} --out FOLDER`);
  if (isUltralytics(input))
    return { source, input: within(source, () => detectorSpec(path, input, options.scale)) };
  return { source, input: input as Record<string, unknown> };
}

/** A model file in Ultralytics' syntax as a spec, called by the file and its scale. */
function detectorSpec(path: string, input: object, asked: string | undefined): Record<string, unknown> {
  const { spec, scale } = ultralyticsRun(basename(path), input, asked);
  return { ...spec, name: `${basename(path)}${scale === null ? '' : `, scale ${scale}`}` };
}

/** The subject's spec with the command line's changes, all defaults filled in. */
export function resolveSubject({ source, input }: Subject, overrides: Overrides, given?: DataShape): RunSpec {
  const changed = override(input, overrides);
  // A spec without a name is called by its file.
  const named =
    'name' in changed ? changed : { ...changed, name: basename(source.path).replace(/(\.fuga)?\.\w+$/, '') };
  return within(source, () => resolveSpec(named, given));
}

/** The spec as written, with the command line's changes. */
export function override(
  input: Readonly<Record<string, unknown>>,
  { seed, steps, loss, optimizer, lr }: Overrides,
): Record<string, unknown> {
  const written = input['optimizer'];
  const known =
    typeof written === 'string' ? { type: written } : ((written ?? { type: 'sgd' }) as { type: string });
  const changed = optimizer === undefined || optimizer === known.type ? known : { type: optimizer };
  return {
    ...input,
    ...(seed === undefined ? {} : { seed }),
    ...(steps === undefined ? {} : { steps }),
    ...(loss === undefined || loss === typeIn(input['loss']) ? {} : { loss }),
    ...(optimizer === undefined && lr === undefined
      ? {}
      : { optimizer: { ...changed, ...(lr === undefined ? {} : { lr }) } }),
  };
}

function typeIn(part: unknown): unknown {
  return typeof part === 'object' && part !== null ? (part as { type?: unknown }).type : part;
}

/** Runs `read`; what the engine finds wrong gets file, line and column. */
export function within<T>(source: Source, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof EngineError) throw failureAt(error, source);
    throw error;
  }
}

/** A text file, or a failure in words. Reads no more than a spec may have. */
export async function readText(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > MOST_BYTES)
        throw new Failure(
          `${path}: a spec has at most 1,000,000 characters, the file has ${size.toLocaleString('en')} bytes`,
        );
      bytes = await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw readFailure(path, error);
  }
  try {
    if (bytes.includes(0)) throw new TypeError('a zero byte');
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure(`${path}: expected text in UTF-8, this is a binary file`);
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing: the file is empty';
  return Array.isArray(value) ? 'a list' : `${typeof value === 'string' ? 'text' : `a ${typeof value}`}`;
}

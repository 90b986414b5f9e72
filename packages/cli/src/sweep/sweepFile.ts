import {
  EngineError,
  parseSpec,
  readSweep,
  resolveSpec,
  type RunSpec,
  type Sweep,
  type Trial,
} from '@fuga/engine';
import { dirname, resolve } from 'node:path';
import { fileShapeOf, withWholeAxes, withWholePath } from '../data/fileData.js';
import { failureAt, type Source } from '../failure.js';
import { readSubject, readText } from '../subject.js';
import { hashOf } from './hash.js';

/** What the command line says over what the base spec says. */
export interface Overrides {
  readonly seed?: number | undefined;
  readonly steps?: number | undefined;
}

/** A sweep read from a file: its trials, and the hash of all that decides their numbers. */
export interface LoadedSweep {
  readonly sweep: Sweep;
  readonly hash: string;
}

/** Reads a sweep file and the base that it names; checks that trials resolve before any of them is run. */
export async function loadSweep(path: string, overrides: Overrides, exact: boolean): Promise<LoadedSweep> {
  const source = { path, text: await readText(path) };
  const loaded = await within(source, async () => {
    const data = parseSpec(source.text);
    if (typeof data !== 'object' || data === null || !('fugaSweep' in data)) {
      throw new EngineError(
        'SPEC',
        'this is no sweep; expected fugaSweep: 1, base and axes (a run spec is trained with "fuga train")',
        [],
      );
    }
    const base = await readBase((data as { base?: unknown }).base, path);
    const written = 'axes' in data ? { axes: withWholeAxes(data.axes, path) } : {};
    const sweep = readSweep({ ...data, ...written, base: override(base, overrides) });
    await checkTrials(sweep);
    return sweep;
  });
  return { sweep: loaded, hash: sweepHash(loaded, exact) };
}

/** The hash of all that decides which trial has which index and which numbers; its name is not among it. */
export function sweepHash(sweep: Sweep, exact: boolean): string {
  const include = (sweep.plain['include'] ?? []) as readonly object[];
  const order = [sweep.axes.map(({ path }) => path), include.map((entry) => Object.keys(entry))];
  return hashOf({ ...sweep.plain, order, exact });
}

/** A trial's resolved spec and the id that follows from it. */
export async function resolveTrial(trial: Trial): Promise<{ spec: RunSpec; id: string }> {
  const spec = resolveSpec(trial.input, await fileShapeOf(trial.input));
  return { spec, id: hashOf(spec) };
}

/** `3 (model.depth=20, seed=1)`: how messages name a trial. */
export function nameTrial({ index, values }: Pick<Trial, 'index' | 'values'>): string {
  const parts = Object.entries(values).map(
    ([path, value]) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${index} (${parts.join(', ')})`;
}

async function readBase(base: unknown, sweepPath: string): Promise<object> {
  if (typeof base !== 'string') {
    if (typeof base === 'object' && base !== null) return withWholePath({ ...base }, sweepPath);
    throw new EngineError('SPEC', 'expected the path of a run spec, or a run spec', ['base']);
  }
  const path = resolve(dirname(sweepPath), base);
  return withWholePath((await readSubject(path)).input, path);
}

function override(base: object, { seed, steps }: Overrides): object {
  return { ...base, ...(seed === undefined ? {} : { seed }), ...(steps === undefined ? {} : { steps }) };
}

/** The first trial must resolve, and each value of each axis in its place; so a typo costs no hour of computing. */
async function checkTrials(sweep: Sweep): Promise<void> {
  let first: Trial | null = null;
  for (const trial of sweep.trials()) {
    first = trial;
    break;
  }
  if (!first) throw new EngineError('SPEC', 'every trial is excluded', ['exclude']);
  await resolveAt(first);
  let stride = 1;
  for (const axis of [...sweep.axes].reverse()) {
    const place = Math.floor(first.index / stride) % axis.length;
    for (let i = 0; i < Math.min(axis.length, MOST_CHECKED); i++) {
      const trial = sweep.trial(first.index + (i - place) * stride);
      if (trial) await resolveAt(trial);
    }
    stride *= axis.length;
  }
  for (let index = sweep.included; index < Math.min(sweep.size, sweep.included + MOST_CHECKED); index++) {
    const trial = sweep.trial(index);
    if (trial) await resolveAt(trial);
  }
}

const MOST_CHECKED = 1000;

/** Resolves; a fault at a place that an axis sets is the axis' fault. */
async function resolveAt(trial: Trial): Promise<void> {
  try {
    await resolveTrial(trial);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const at = error.path.join('.');
    const axis = Object.keys(trial.values).find(
      (path) => at === path || at.startsWith(`${path}.`) || path.startsWith(`${at}.`),
    );
    const reason = `trial ${nameTrial(trial)}: ${error.message}`;
    throw new EngineError(error.code, reason, axis && at !== '' ? ['axes', axis] : ['base']);
  }
}

/** Puts file, line and column in front of what the engine says is wrong with a file. */
async function within<T>(source: Source, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof EngineError ? failureAt(error, source) : error;
  }
}

import { EngineError, readTrace, type Trace } from '@fuga/engine';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, readFailure } from '../failure.js';
import { keptFiles } from '../sweep/keep.js';
import { fromJson } from '../sweep/numbers.js';

/** What a run's journal says at its end: how it came out, and what ails the network. */
export interface RunEnd {
  readonly reason: 'done' | 'interrupted' | 'nonFinite';
  readonly metric?: number;
  readonly loss?: number;
  readonly verdict?: 'healthy' | 'unhealthy';
  readonly findings?: readonly {
    readonly id: string;
    readonly severity: number;
    readonly sites: readonly string[];
    readonly message: string;
    readonly cause: { readonly detail: string };
  }[];
}

/** A folder of "fuga train", read. */
export interface FinishedRun {
  readonly path: string;
  readonly name: string;
  /** The spec as the folder has it. */
  readonly spec: string;
  readonly trace: Trace;
  /** Null where the journal has no last line: the run was killed. */
  readonly end: RunEnd | null;
}

/** Reads a folder of "fuga train"; null where it is none (it keeps no trace). */
export async function readRun(path: string): Promise<FinishedRun | null> {
  const trace = await textOf(join(path, keptFiles.trace));
  if (trace === null) return null;
  const spec = (await textOf(join(path, 'spec.yaml'))) ?? '';
  const journal = (await textOf(join(path, 'journal.jsonl'))) ?? '';
  const lines = journal.trim().split('\n');
  const [start, end] = [eventOf(lines[0]), eventOf(lines.at(-1))];
  try {
    return {
      path,
      name: typeof start?.['name'] === 'string' ? start['name'] : path,
      spec,
      trace: readTrace(trace),
      end: end?.['event'] === 'end' ? (end as unknown as RunEnd) : null,
    };
  } catch (error) {
    if (error instanceof EngineError) throw new Failure(`${join(path, keptFiles.trace)}: ${error.message}`);
    throw error;
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw readFailure(path, error);
  }
}

/** A line of the journal; null where it is torn. */
function eventOf(line: string | undefined): Readonly<Record<string, unknown>> | null {
  try {
    return fromJson(line ?? '') as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}

import type { RunTrial, TrialResult } from '@fuga/engine';
import { availableParallelism } from 'node:os';
import { exitCodes, Failure } from '../failure.js';
import { listenForInterrupt } from '../interrupt.js';
import { Pool } from '../sweep/pool.js';
import type { NetworkFile } from '../network.js';
import type { GivenData } from '../tasks/task.js';
import { clip, terminalOf } from '../terminal.js';
import type { TrialBeat, TrialJob } from './worker.js';

/** How a proof runs its trials. */
export interface Proving {
  readonly workers?: number;
  readonly exact?: boolean;
  readonly quiet?: boolean;
  readonly data: GivenData | null;
  readonly network: NetworkFile | null;
}

/** What a proof is given: where to run a trial, and whom to tell when one is done. */
export interface Bench {
  readonly runTrial: RunTrial;
  readonly onTrial: (progress: {
    readonly done: number;
    readonly name: string;
    readonly result: TrialResult;
  }) => void;
}

/**
 * Runs a proof whose trials go to parallel workers, as many as there are cores. Ctrl-C ends them all at once: half a
 * proof proves nothing, so there is nothing to keep.
 */
export async function proving<T>(options: Proving, prove: (bench: Bench) => Promise<T>): Promise<T> {
  const { data, network, exact = false, workers = availableParallelism() } = options;
  const pool = new Pool<TrialJob, TrialBeat, TrialResult>({
    entry: new URL('./worker.js', import.meta.url),
    size: workers,
    heapMb: 4096,
    silenceMs: 300_000,
  });
  const interrupt = listenForInterrupt();
  const stopped = new Promise<never>((_, reject) => {
    interrupt.signal.addEventListener('abort', () => {
      reject(new Failure('interrupted; nothing was proven', exitCodes.interrupted));
    });
  });
  const line = openLine(options.quiet ?? false);
  try {
    const bench: Bench = {
      runTrial: (spec) => pool.run({ spec, data, network, exact }),
      onTrial: ({ done, name, result }) => {
        line.show(
          `${done} trials · ${name}, seed ${result.seed}: loss ${result.loss.toPrecision(3)}, ${result.verdict}`,
        );
      },
    };
    const proof = prove(bench);
    proof.catch(() => undefined); // a stop may win the race
    return await Promise.race([proof, stopped]);
  } finally {
    line.close();
    interrupt.release();
    await pool.close();
  }
}

/** One line on a terminal's standard error; nothing elsewhere. */
function openLine(quiet: boolean): { show: (text: string) => void; close: () => void } {
  const { stderr } = process;
  if (quiet || !stderr.isTTY) return { show: () => undefined, close: () => undefined };
  const terminal = terminalOf(stderr);
  return {
    show: (text) => stderr.write(`\r\x1b[K  ${clip(text, terminal.width - 4, terminal)}`),
    close: () => stderr.write('\r\x1b[K'),
  };
}

import { cpus, totalmem } from 'node:os';
import type { Executor } from './coordinator.js';
import { Pool } from './pool.js';
import type { TrialOutcome, TrialProgress, TrialTask } from './trial.js';

/** After Ctrl-C, trials have so long to save themselves. */
const GRACE_MS = 5000;

/** How many workers, and how much of the machine each may take. */
export interface LocalOptions {
  readonly workers: number;
  readonly heapMb: number;
  readonly silenceMs: number;
}

/** One worker a core. */
export function defaultWorkers(): number {
  return Math.max(1, cpus().length);
}

/** Memory for the networks of one worker: its share of four fifths of the machine's. */
export function defaultMaxBytes(workers: number): number {
  return Math.floor((0.8 * totalmem()) / workers);
}

/** Trials on worker threads of this process. */
export class LocalExecutor implements Executor {
  readonly #pool: Pool<TrialTask, TrialProgress, TrialOutcome>;
  #grace: NodeJS.Timeout | null = null;
  #cancelled = false;

  constructor({ workers, heapMb, silenceMs }: LocalOptions, entry = new URL('./worker.js', import.meta.url)) {
    this.#pool = new Pool({ entry, size: workers, heapMb, silenceMs });
  }

  get workers(): number {
    return this.#pool.size;
  }

  async ready(): Promise<void> {
    try {
      if (!this.#cancelled) await this.#pool.ready();
    } catch (error) {
      if (!this.#cancelled) throw error;
    }
  }

  async run(task: TrialTask, progress: (progress: TrialProgress) => void): Promise<TrialOutcome> {
    return this.#cancelled ? { kind: 'cancelled' } : this.#pool.run(task, progress);
  }

  cancel(): void {
    this.#cancelled = true;
    this.#pool.cancel();
    this.#grace ??= setTimeout(() => void this.#pool.close(), GRACE_MS);
  }

  async close(): Promise<void> {
    if (this.#grace) clearTimeout(this.#grace);
    await this.#pool.close();
  }
}

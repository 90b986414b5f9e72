import { proxy, wrap, type Remote } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { Worker } from 'node:worker_threads';

/** What a worker of a pool offers: one task at a time, signs of life meanwhile, and an ear for `cancel`. */
export interface PoolWorker<Task, Progress, Outcome> {
  /** Called once, before the first task. */
  listen(progress: (progress: Progress) => void): void;
  run(task: Task): Promise<Outcome>;
  cancel(): void;
}

export interface PoolOptions {
  /** The worker's module. */
  readonly entry: URL;
  readonly size: number;
  /** Most JavaScript memory of a worker, in MiB; the kernels' memory is bounded by the task. */
  readonly heapMb: number;
  /** A worker that is silent for so long hangs: it is replaced. */
  readonly silenceMs: number;
}

/** A worker died or hung while it had a task; another worker is in its place. */
export class WorkerLost extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'WorkerLost';
  }
}

interface Seat<Task, Progress, Outcome> {
  readonly thread: Worker;
  readonly remote: Remote<PoolWorker<Task, Progress, Outcome>>;
  /** Settles the running task as lost. */
  lose: ((reason: string) => void) | null;
  progress: ((progress: Progress) => void) | null;
  heard: number;
}

/** So many workers in a row that die before they are ready mean that none ever will be. */
const MOST_FALSE_STARTS = 3;

/**
 * A fixed number of worker threads, one task each. A worker that dies or hangs loses its task (`WorkerLost`) and is
 * replaced; the others go on.
 */
export class Pool<Task, Progress, Outcome> {
  readonly #options: PoolOptions;
  readonly #seats = new Set<Seat<Task, Progress, Outcome>>();
  readonly #idle: Seat<Task, Progress, Outcome>[] = [];
  readonly #busy = new Set<Seat<Task, Progress, Outcome>>();
  #waiting: { give: (seat: Seat<Task, Progress, Outcome>) => void; fail: (error: Error) => void }[] = [];
  readonly #watch: NodeJS.Timeout;
  #closed = false;
  #falseStarts = 0;
  #broken: Error | null = null;

  constructor(options: PoolOptions) {
    this.#options = options;
    for (let i = 0; i < options.size; i++) this.#hire();
    const every = Math.min(1000, options.silenceMs / 2);
    this.#watch = setInterval(() => {
      this.#dismissSilent();
    }, every);
  }

  get size(): number {
    return this.#options.size;
  }

  /** Resolves when a worker is free: make tasks only as fast as they are done. */
  async ready(): Promise<void> {
    if (this.#idle.length === 0) this.#give(await this.#take());
  }

  /** Runs a task on the next free worker. Rejects with `WorkerLost` or with the worker's own error. */
  async run(task: Task, progress: (progress: Progress) => void = () => undefined): Promise<Outcome> {
    const seat = this.#idle.shift() ?? (await this.#take());
    this.#busy.add(seat);
    seat.heard = Date.now();
    seat.progress = progress;
    try {
      const lost = new Promise<never>((_, reject) => {
        seat.lose = (reason) => {
          reject(new WorkerLost(reason));
        };
      });
      // The cast: comlink maps types argument by argument and cannot see that a task is plain data.
      const run = seat.remote.run as unknown as (task: Task) => Promise<Outcome>;
      return await Promise.race([run(task), lost]);
    } finally {
      seat.lose = null;
      seat.progress = null;
      if (this.#busy.delete(seat)) this.#give(seat);
    }
  }

  /** Tells every running task to stop, and turns away those that wait for a worker. */
  cancel(): void {
    for (const { remote } of this.#busy) void remote.cancel();
    for (const { fail } of this.#waiting) fail(new Error('cancelled'));
    this.#waiting = [];
  }

  /** Ends all workers; running tasks are lost. */
  async close(): Promise<void> {
    this.#fail(new Error('the pool was closed'));
    clearInterval(this.#watch);
    await Promise.all([...this.#seats].map(({ thread }) => thread.terminate()));
  }

  #take(): Promise<Seat<Task, Progress, Outcome>> {
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise((give, fail) => this.#waiting.push({ give, fail }));
  }

  #give(seat: Seat<Task, Progress, Outcome>): void {
    const next = this.#waiting.shift();
    if (next) next.give(seat);
    else this.#idle.push(seat);
  }

  /** Starts a worker; it gets tasks when its module has loaded. */
  #hire(): void {
    const { entry, heapMb } = this.#options;
    const thread = new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: heapMb } });
    const remote = wrap<PoolWorker<Task, Progress, Outcome>>(nodeEndpoint(thread));
    const seat: Seat<Task, Progress, Outcome> = {
      thread,
      remote,
      lose: null,
      progress: null,
      heard: Date.now(),
    };
    this.#seats.add(seat);
    let why = '';
    thread.on('error', (error: Error & { code?: string }) => {
      const memory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      why = memory ? `the worker ran out of memory (${heapMb} MiB)` : `the worker died: ${error.message}`;
    });
    thread.on('exit', (code) => {
      this.#dismiss(seat, why || `the worker ended with code ${code}`);
    });
    const told = proxy((progress: Progress) => {
      seat.heard = Date.now();
      seat.progress?.(progress);
    });
    const listen = remote.listen as unknown as (progress: typeof told) => Promise<void>;
    void listen(told).then(() => {
      if (!this.#seats.has(seat)) return;
      this.#falseStarts = 0;
      this.#give(seat);
    });
  }

  /** Takes a worker out and another one in. */
  #dismiss(seat: Seat<Task, Progress, Outcome>, reason: string): void {
    if (!this.#seats.delete(seat)) return;
    const place = this.#idle.indexOf(seat);
    if (place >= 0) this.#idle.splice(place, 1);
    const started = place >= 0 || this.#busy.delete(seat);
    seat.lose?.(reason);
    if (this.#closed) return;
    if (!started && ++this.#falseStarts >= MOST_FALSE_STARTS)
      this.#fail(new Error(`no worker can be started: ${reason}`));
    else this.#hire();
  }

  #fail(error: Error): void {
    this.#closed = true;
    this.#broken ??= error;
    for (const { fail } of this.#waiting) fail(this.#broken);
    this.#waiting = [];
    for (const seat of this.#busy) seat.lose?.(error.message);
  }

  #dismissSilent(): void {
    const { silenceMs } = this.#options;
    for (const seat of [...this.#busy]) {
      if (Date.now() - seat.heard <= silenceMs) continue;
      this.#dismiss(
        seat,
        `the worker gave no sign of life for ${(silenceMs / 1000).toFixed(silenceMs < 2000 ? 1 : 0)} s`,
      );
      void seat.thread.terminate();
    }
  }
}

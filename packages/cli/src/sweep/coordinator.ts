import { EngineError, type RunSpec, type Shard, type Trial } from '@fuga/engine';
import { join } from 'node:path';
import type { Report, SweepSummary } from './events.js';
import { openFolder, placeIn, type OpenFolder } from './folder.js';
import { hashOf } from './hash.js';
import { writeResultsCsv } from './resultsCsv.js';
import { explainWriteError, SweepError } from './sweepError.js';
import { resolveTrial, type LoadedSweep } from './sweepFile.js';
import type { TrialOutcome, TrialProgress, TrialTask } from './trial.js';
import type { TrialRow } from './trialRow.js';

/** Whoever runs trials: worker threads of this process, or workers anywhere behind Redis. */
export interface Executor {
  readonly workers: number;
  /** Resolves when it will take another task. */
  ready(): Promise<void>;
  run(task: TrialTask, progress: (progress: TrialProgress) => void): Promise<TrialOutcome>;
  /** A trial's result is on the disk: whatever was kept for it elsewhere may go. */
  settled?(id: string): void;
  /** Stops what is running. */
  cancel(): void;
  close(): Promise<void>;
}

export interface SweepOptions {
  readonly out: string;
  readonly resume: boolean;
  readonly exact: boolean;
  readonly shard: Shard;
  readonly retryFailed: boolean;
  readonly maxBytes: number;
  /** How often a long trial saves itself; 0 for never. */
  readonly checkpointMs: number;
  readonly keep: { readonly trace: boolean; readonly weights: boolean };
  readonly executor: (sweep: string) => Executor | Promise<Executor>;
  readonly report: Report;
  /** Ctrl-C: stop, keep everything. */
  readonly signal: AbortSignal;
}

/** A trial is tried once and, where its worker is lost, so many times more. */
export const MOST_RETRIES = 3;
const PROGRESS_MS = 5000;

/** Runs what is left of a sweep; resolves when all is settled or it was told to stop. Rejects where results cannot be kept. */
export async function runSweep(loaded: LoadedSweep, options: SweepOptions): Promise<SweepSummary> {
  const folder = await openFolder(options.out, loaded, options.exact, options.resume);
  try {
    return await new Coordinator(loaded, options, folder).run();
  } finally {
    await folder.journal.close();
    await folder.lock.release();
  }
}

class Coordinator {
  readonly #loaded: LoadedSweep;
  readonly #options: SweepOptions;
  readonly #folder: OpenFolder;
  readonly #inFlight = new Set<Promise<void>>();
  /** Ids that are running now: a twin waits until it can be skipped. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #start = performance.now();
  #executor: Executor | null = null;
  #fatal: unknown = null;
  #trials = 0;
  #same = 0;
  #doneNow = 0;
  #best: SweepSummary['best'] = null;

  constructor(loaded: LoadedSweep, options: SweepOptions, folder: OpenFolder) {
    this.#loaded = loaded;
    this.#options = options;
    this.#folder = folder;
  }

  get #stopping(): boolean {
    return this.#fatal !== null || this.#options.signal.aborted;
  }

  async run(): Promise<SweepSummary> {
    const { sweep, hash } = this.#loaded;
    const { options, ledger, report } = {
      options: this.#options,
      ledger: this.#folder.ledger,
      report: this.#options.report,
    };
    await this.#refuseOtherVersion();
    if (options.retryFailed) ledger.forgetFailures();
    this.#trials = sweep.count(options.shard);
    this.#executor = await options.executor(hash);
    const { workers } = this.#executor;
    report({
      event: 'start',
      name: sweep.name,
      sweep: hash,
      out: options.out,
      trials: this.#trials,
      done: ledger.done,
      failed: ledger.failed,
      workers,
      exact: options.exact,
    });
    for (const message of this.#folder.warnings) report({ event: 'note', message });
    const stop = () => this.#executor?.cancel();
    options.signal.addEventListener('abort', stop);
    const beat = setInterval(() => {
      this.#tellProgress();
    }, PROGRESS_MS);
    try {
      await this.#dispatch();
      await Promise.all(this.#inFlight);
    } finally {
      clearInterval(beat);
      options.signal.removeEventListener('abort', stop);
      await this.#executor.close();
    }
    if (this.#fatal) throw this.#fatal;
    await this.#writeResults();
    const summary = this.#summary();
    report(summary);
    return summary;
  }

  async #dispatch(): Promise<void> {
    const { sweep } = this.#loaded;
    const { shard } = this.#options;
    const { ledger } = this.#folder;
    for (const trial of sweep.trials(shard, (index) => ledger.isSettled(index))) {
      await this.#executor!.ready();
      if (this.#stopping) return;
      const work = this.#settle(trial).catch((error: unknown) => {
        this.#fatal ??= error;
        this.#executor!.cancel();
      });
      this.#inFlight.add(work);
      void work.finally(() => this.#inFlight.delete(work));
      // Lets what just finished be written before the next one is made.
      if (this.#inFlight.size > 4 * this.#executor!.workers + 64) await Promise.race(this.#inFlight);
    }
  }

  /** Runs one trial to its end, whatever happens to workers on the way, and writes down how it ended. */
  async #settle(trial: Trial): Promise<void> {
    const { index, values } = trial;
    let resolved: { spec: RunSpec; id: string };
    try {
      resolved = await resolveTrial(trial);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return this.#fail(trial, hashOf(trial.input), 1, error.message);
    }
    const { id, spec } = resolved;
    // A twin that is running now decides for both.
    await this.#running.get(id);
    if (this.#folder.ledger.hasId(id)) {
      this.#same++;
      return;
    }
    const work = this.#attempt(trial, id, spec);
    const quiet = work.catch(() => undefined);
    this.#running.set(id, quiet);
    try {
      this.#options.report({ event: 'trial', index, id, values });
      await work;
    } finally {
      this.#running.delete(id);
    }
  }

  async #attempt(trial: Trial, id: string, spec: RunSpec): Promise<void> {
    const { index } = trial;
    const { journal, ledger } = this.#folder;
    const task = this.#task(id, spec);
    for (let attempt = ledger.attempts(index) + 1; ; attempt++) {
      let outcome: TrialOutcome;
      try {
        outcome = await this.#executor!.run(task, (progress) => {
          this.#options.report({ event: 'step', index, progress });
        });
      } catch (error) {
        if (this.#stopping) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (attempt > MOST_RETRIES) return this.#fail(trial, id, attempt, reason);
        await journal.append({ kind: 'retry', index, id, attempt, reason });
        this.#options.report({ event: 'retry', index, id, attempt, reason });
        continue;
      }
      if (outcome.kind === 'cancelled') return;
      if (outcome.kind === 'refused') return this.#fail(trial, id, attempt, outcome.reason);
      return this.#finish(trial, id, outcome);
    }
  }

  #task(id: string, spec: RunSpec): TrialTask {
    const { out, exact, maxBytes, checkpointMs, keep } = this.#options;
    return {
      id,
      spec,
      exact,
      maxBytes,
      checkpoint:
        checkpointMs > 0
          ? {
              path: join(placeIn(out, 'checkpoints'), `${id}.checkpoint`),
              everyMs: checkpointMs,
              exists: this.#folder.checkpoints.has(id),
            }
          : null,
      keep: keep.trace || keep.weights ? { folder: join(placeIn(out, 'trials'), id), ...keep } : null,
    };
  }

  async #finish(
    { index, values }: Trial,
    id: string,
    { row, timing }: Extract<TrialOutcome, { kind: 'done' }>,
  ): Promise<void> {
    this.#folder.lock.check();
    const place = await this.#folder.journal.append({ kind: 'done', index, id, values, row, timing });
    this.#folder.ledger.note(index, id, 'done', place);
    this.#doneNow++;
    const { verdict, lossLast, metric, gradientDecades } = row;
    this.#rank(index, values, row);
    this.#executor!.settled?.(id);
    this.#options.report({
      event: 'done',
      index,
      id,
      values,
      verdict,
      loss: lossLast,
      metric: metric.value,
      metricName: metric.id,
      better: metric.better,
      gradientDecades,
      ms: timing.ms,
    });
  }

  async #fail({ index, values }: Trial, id: string, attempts: number, reason: string): Promise<void> {
    this.#folder.lock.check();
    const place = await this.#folder.journal.append({ kind: 'failed', index, id, attempts, reason, values });
    this.#folder.ledger.note(index, id, 'failed', place);
    this.#doneNow++;
    this.#executor!.settled?.(id);
    this.#options.report({ event: 'failed', index, id, values, reason });
  }

  #rank(index: number, values: object, { metric }: TrialRow): void {
    if (!Number.isFinite(metric.value)) return;
    const better =
      !this.#best ||
      (metric.better === 'higher' ? metric.value > this.#best.metric : metric.value < this.#best.metric);
    if (better) this.#best = { index, values, metricName: metric.id, metric: metric.value };
  }

  #tellProgress(): void {
    const { done, failed } = this.#folder.ledger;
    const minutes = (performance.now() - this.#start) / 60_000;
    const perMinute = this.#doneNow / minutes;
    const left = this.#trials - done - failed - this.#same;
    const secondsLeft = this.#doneNow > 0 ? (60 * left) / perMinute : null;
    this.#options.report({
      event: 'progress',
      done,
      failed,
      running: this.#running.size,
      trials: this.#trials,
      perMinute,
      secondsLeft,
    });
  }

  #summary(): SweepSummary {
    const { sweep, hash } = this.#loaded;
    const { done, failed } = this.#folder.ledger;
    const settled = done + failed + this.#same;
    return {
      event: 'end',
      format: 'fuga-sweep-summary-1',
      name: sweep.name,
      sweep: hash,
      out: this.#options.out,
      trials: this.#trials,
      done,
      failed,
      same: this.#same,
      interrupted: this.#options.signal.aborted && settled < this.#trials,
      seconds: (performance.now() - this.#start) / 1000,
      best: this.#best,
    };
  }

  async #writeResults(): Promise<void> {
    const { path, ledger } = this.#folder;
    try {
      await writeResultsCsv(path, this.#loaded.sweep, ledger);
    } catch (error) {
      throw explainWriteError(error, placeIn(path, 'results'));
    }
  }

  /** A trial that is done must have the id that this version gives it, or rows of two versions would be mixed. */
  async #refuseOtherVersion(): Promise<void> {
    const first = this.#folder.firstDone;
    const trial = first && this.#loaded.sweep.trial(first.index);
    if (!trial || (await resolveTrial(trial)).id === first.id) return;
    throw new SweepError(
      `${this.#options.out} was made by another version of fuga, whose defaults differ: the new rows would not belong to the old ones. Take another --out.`,
      2,
    );
  }
}

import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Executor } from '../coordinator.js';
import { fromJson } from '../numbers.js';
import { SweepError } from '../sweepError.js';
import type { TrialOutcome, TrialProgress, TrialTask } from '../trial.js';
import { cancelledKey, connect, coordinatorKey, disconnect, PREFIX, showUrl } from './connection.js';

/** A trial as it lies on Redis. */
export interface TrialJob {
  readonly sweep: string;
  readonly task: TrialTask;
}

export interface RedisOptions {
  readonly url: string;
  readonly queue: string;
  readonly sweep: string;
  readonly out: string;
  readonly note: (message: string) => void;
}

interface Pending {
  readonly task: TrialTask;
  readonly done: (outcome: TrialOutcome) => void;
  readonly failed: (error: Error) => void;
  readonly progress: (progress: TrialProgress) => void;
}

/** Trials that are handed out but not settled: enough for a few hundred workers, few enough to list often. */
const WINDOW = 512;
const POLL_MS = 1000;
const CLAIM_MS = 30_000;
/** What a worker says of a trial that it was told to stop. */
export const CANCELLED = 'cancelled';

/**
 * Trials handed to workers through a BullMQ queue; a job's id is its trial's id, so that no trial is there twice.
 *
 * Events make it fast, polling makes it sure: a job's result stays on Redis until it is in the journal, so whatever
 * dies in between (this process, a worker, Redis) the row is taken once. Jobs that Redis lost are handed in again.
 */
export class RedisExecutor implements Executor {
  readonly workers = WINDOW;
  readonly #options: RedisOptions;
  readonly #redis: Redis;
  readonly #connections: readonly Redis[];
  readonly #queue: Queue<TrialJob, string>;
  readonly #events: QueueEvents;
  readonly #claim: string;
  readonly #pending = new Map<string, Pending>();
  /** Settled, but perhaps still on Redis. */
  readonly #settled = new Set<string>();
  readonly #timers: NodeJS.Timeout[] = [];
  #room: (() => void)[] = [];
  #polling: Promise<void> | null = null;
  #cancelled = false;

  /** Connects, and claims the queue: one sweep at a time. */
  static async connect(options: RedisOptions): Promise<RedisExecutor> {
    const redis = await connect(options.url, options.note);
    const events = await connect(options.url).catch((error: unknown) => {
      disconnect(redis);
      throw error;
    });
    const executor = new RedisExecutor(options, redis, events);
    try {
      await executor.#open();
    } catch (error) {
      await executor.close();
      throw error;
    }
    return executor;
  }

  private constructor(options: RedisOptions, redis: Redis, events: Redis) {
    this.#options = options;
    this.#redis = redis;
    this.#connections = [redis, events];
    this.#queue = new Queue(options.queue, { connection: redis, prefix: PREFIX });
    this.#events = new QueueEvents(options.queue, { connection: events, prefix: PREFIX });
    this.#claim = `${options.sweep} ${hostname()}:${resolve(options.out)}`;
    // Errors of a connection that comes back by itself; what matters is told by `note`.
    this.#queue.on('error', () => undefined);
    this.#events.on('error', () => undefined);
  }

  ready(): Promise<void> {
    if (this.#cancelled || this.#pending.size < WINDOW) return Promise.resolve();
    return new Promise((resolve) => this.#room.push(resolve));
  }

  async run(task: TrialTask, progress: (progress: TrialProgress) => void): Promise<TrialOutcome> {
    if (this.#cancelled) return { kind: 'cancelled' };
    const outcome = new Promise<TrialOutcome>((done, failed) => {
      this.#pending.set(task.id, { task, done, failed, progress });
    });
    try {
      await Promise.race([this.#add(task), outcome]);
      return await outcome;
    } finally {
      this.#pending.delete(task.id);
      this.#room.shift()?.();
    }
  }

  settled(id: string): void {
    this.#settled.add(id);
    void this.#remove(id);
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    void this.#redis
      .set(cancelledKey(this.#options.queue, this.#options.sweep), '1', 'EX', 3600)
      .catch(() => undefined);
    for (const { done } of this.#pending.values()) done({ kind: 'cancelled' });
    for (const resolve of this.#room) resolve();
    this.#room = [];
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const tidy = async () => {
      if (this.#cancelled) await this.#queue.drain(true);
      const claimed = await this.#redis.get(coordinatorKey(this.#options.queue));
      if (claimed === this.#claim) await this.#redis.del(coordinatorKey(this.#options.queue));
    };
    // Where Redis is away, what is left there is found again by --resume.
    await Promise.race([tidy().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 3000))]);
    await Promise.race([
      Promise.allSettled([this.#events.close(), this.#queue.close()]),
      new Promise((resolve) => setTimeout(resolve, 1000)),
    ]);
    for (const redis of this.#connections) disconnect(redis);
  }

  async #open(): Promise<void> {
    const { queue, sweep, note, url } = this.#options;
    const key = coordinatorKey(queue);
    if ((await this.#redis.set(key, this.#claim, 'PX', CLAIM_MS, 'NX')) === null) {
      const holder = await this.#redis.get(key);
      if (holder !== null && holder !== this.#claim) {
        throw new SweepError(
          `another sweep (${holder}) hands out trials on the queue "${queue}" of ${showUrl(url)}; wait for it, or take another --queue (workers too)`,
        );
      }
      await this.#redis.set(key, this.#claim, 'PX', CLAIM_MS);
    }
    await this.#redis.del(cancelledKey(queue, sweep));
    await this.#warnOfEviction(note);
    // What an earlier coordinator left: results of this sweep are taken when their trial's turn comes.
    for (const job of await this.#queue.getJobs(['waiting', 'completed', 'failed'])) {
      if (job?.id && (job.data.sweep !== sweep || (await job.isFailed()))) await this.#remove(job.id);
    }
    this.#events.on('completed', () => void this.#poll());
    this.#events.on('failed', () => void this.#poll());
    this.#events.on('progress', ({ jobId, data }) =>
      this.#pending.get(jobId)?.progress(data as unknown as TrialProgress),
    );
    this.#timers.push(setInterval(() => void this.#poll(), POLL_MS));
    this.#timers.push(setInterval(() => void this.#lookForLost().catch(() => undefined), 5 * POLL_MS));
    this.#timers.push(
      setInterval(
        () => void this.#redis.set(key, this.#claim, 'PX', CLAIM_MS).catch(() => undefined),
        CLAIM_MS / 3,
      ),
    );
  }

  async #warnOfEviction(note: (message: string) => void): Promise<void> {
    // Hosted servers may refuse CONFIG; then nothing can be said.
    const policy = await this.#redis.config('GET', 'maxmemory-policy').catch(() => null);
    const value = Array.isArray(policy) ? String(policy[1]) : '';
    if (value !== '' && value !== 'noeviction')
      note(`Redis may throw away keys when it is full (maxmemory-policy ${value}); set it to noeviction`);
  }

  async #add(task: TrialTask): Promise<void> {
    const { sweep } = this.#options;
    await this.#queue.add('trial', { sweep, task }, { jobId: task.id, attempts: 1 });
  }

  /** Takes finished jobs; a poll that comes while one is running waits for it and looks again. */
  #poll(): Promise<void> {
    this.#polling ??= this.#takeFinished()
      .catch(() => undefined)
      .finally(() => {
        this.#polling = null;
      });
    return this.#polling;
  }

  async #takeFinished(): Promise<void> {
    for (const job of await this.#queue.getJobs(['completed', 'failed'], 0, 2 * WINDOW)) {
      // A job that was removed between listing and reading comes as undefined.
      if (!job?.id) continue;
      const pending = this.#pending.get(job.id);
      if (!pending) {
        if (this.#settled.has(job.id)) await this.#remove(job.id);
      } else if (typeof job.returnvalue === 'string') {
        pending.done(fromJson(job.returnvalue) as TrialOutcome);
      } else if (job.failedReason) {
        await this.#remove(job.id);
        if (job.failedReason === CANCELLED && !this.#cancelled) await this.#add(pending.task);
        else pending.failed(new Error(job.failedReason));
      }
    }
  }

  /** Hands in again what Redis no longer knows: it was restarted without its data. */
  async #lookForLost(): Promise<void> {
    for (const [id, { task }] of [...this.#pending]) {
      const state = await this.#queue.getJobState(id);
      if (state === 'unknown' && this.#pending.has(id)) await this.#add(task);
    }
  }

  async #remove(id: string): Promise<void> {
    try {
      await this.#queue.remove(id);
      this.#settled.delete(id);
    } catch {
      // It is being worked on a second time (its first worker seemed dead): gone at a later poll.
    }
  }
}

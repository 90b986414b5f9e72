import type { Outcome } from '@fuga/engine';
import { startBench, type LawBench } from './client.js';
import type { LawCard, LawNews } from './laws.protocol.js';

/** One experiment's last run. Replaced, never changed. */
export interface LawRun {
  readonly state: 'waiting' | 'running' | 'done' | 'stopped' | 'failed';
  readonly seed: number;
  /** Share of its runs that are made, 0 to 1. */
  readonly part: number;
  readonly outcome: Outcome | null;
  readonly holds: boolean | null;
  readonly seconds: number | null;
  readonly fault: string | null;
}

const waiting: LawRun = {
  state: 'waiting',
  seed: 1,
  part: 0,
  outcome: null,
  holds: null,
  seconds: null,
  fault: null,
};

/** The shelf of experiments, and the runs made of them: one at a time, in a worker of their own. */
export class Gallery {
  laws = $state.raw<readonly LawCard[]>([]);
  runs = $state.raw<Readonly<Record<string, LawRun>>>({});
  /** Why the shelf could not be read, or null. */
  fault = $state<string | null>(null);
  readonly running = $derived(
    Object.keys(this.runs).find((id) => this.runs[id]!.state === 'running') ?? null,
  );
  readonly busy = $derived(
    Object.values(this.runs).some(({ state }) => state === 'running' || state === 'waiting'),
  );
  readonly held = $derived(Object.values(this.runs).filter(({ holds }) => holds === true).length);
  readonly judged = $derived(Object.values(this.runs).filter(({ holds }) => holds !== null).length);

  #bench: LawBench | null = null;

  /** Reads the shelf, once. */
  async open(): Promise<void> {
    if (this.laws.length > 0) return;
    try {
      this.laws = (await this.#started().api.list()) as readonly LawCard[];
      this.fault = null;
    } catch (error) {
      this.fault = messageOf(error);
      this.#end(); // the next question is put to a new worker
    }
  }

  /** Runs experiments one after the other; those that already run or wait are left alone. */
  run(ids: readonly string[], seed = 1): void {
    const fresh = ids.filter((id) => !['running', 'waiting'].includes(this.runs[id]?.state ?? ''));
    this.runs = { ...this.runs, ...Object.fromEntries(fresh.map((id) => [id, { ...waiting, seed }])) };
    void this.#next();
  }

  /** Stops the one that runs, or takes a waiting one off the list. */
  stop(id: string): void {
    if (this.runs[id]?.state === 'running') this.#end();
    else this.#change(id, { state: 'stopped' });
  }

  stopAll(): void {
    for (const [id, { state }] of Object.entries(this.runs)) {
      if (state === 'waiting') this.#change(id, { state: 'stopped' });
    }
    this.#end();
  }

  async #next(): Promise<void> {
    if (this.running !== null) return;
    const id = Object.keys(this.runs).find((known) => this.runs[known]!.state === 'waiting');
    if (id === undefined) return;
    this.#change(id, { state: 'running' });
    const { seed } = this.runs[id]!;
    try {
      const result = await this.#started().run(id, seed, (news) => this.#take(id, news));
      this.#change(id, { state: 'done', part: 1, ...result });
    } catch (error) {
      const stopped = error instanceof DOMException && error.name === 'AbortError';
      if (!stopped) this.#end(); // a worker that died would fail at every one that waits
      this.#change(id, stopped ? { state: 'stopped' } : { state: 'failed', fault: messageOf(error) });
    }
    void this.#next();
  }

  #take(id: string, { done, total, outcome }: LawNews): void {
    if (this.runs[id]?.state !== 'running') return; // news that was still on its way
    this.#change(id, { part: done / total, ...(outcome ? { outcome } : {}) });
  }

  #change(id: string, change: Partial<LawRun>): void {
    this.runs = { ...this.runs, [id]: { ...this.runs[id]!, ...change } };
  }

  #started(): LawBench {
    this.#bench ??= startBench();
    return this.#bench;
  }

  #end(): void {
    this.#bench?.end();
    this.#bench = null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One for the page: what has been measured stays while other screens are looked at. */
export const gallery = new Gallery();

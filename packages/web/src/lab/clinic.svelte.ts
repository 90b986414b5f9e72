import type { Finding, TrialResult } from '@fuga/engine';
import type { Given } from '../take/brought.js';
import type { Offer, TrialFrame, Verdict } from '../worker/desk.protocol.js';
import type { Language, SpecInput } from '../worker/protocol.js';
import { startDesk, type Desk } from './client.js';

/** A proof is a paired comparison over at least this many seeds. */
const SEEDS = 5;
/** Steps of a trial, at most: enough to see whether learning has begun. */
const MOST_STEPS = 300;

/** One side of a trial while it runs: the seed that is on, and the picture of its gradient. */
export interface Live {
  readonly seed: number;
  readonly step: number;
  readonly losses: Float32Array;
  readonly gradient: Float64Array;
}

/** One treatment, tried against the patient on the same seeds and batch order. Replaced, never changed. */
export interface Trial {
  readonly id: number;
  readonly remedies: readonly string[];
  readonly patient: SpecInput;
  readonly treated: SpecInput;
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly before: readonly TrialResult[];
  readonly after: readonly TrialResult[];
  readonly live: { readonly before: Live | null; readonly after: Live | null };
  readonly verdict: Verdict | null;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly fault: string | null;
}

type Side = 'before' | 'after';

/** Whether it is the engine that refuses a spec, and not a fault of ours. */
function isRefused(error: unknown): error is Error {
  return error instanceof Error && error.name === 'EngineError';
}

function sayRefused(error: unknown): { readonly ok: false; readonly reason: string } {
  if (!isRefused(error)) throw error;
  return { ok: false, reason: error.message };
}

/** Where remedies are tried: two workers side by side, one seed after the other. */
export class Clinic {
  trials = $state.raw<readonly Trial[]>([]);
  offers = $state.raw<readonly Offer[]>([]);
  shown = $state<number | null>(null);
  readonly trial = $derived(this.trials.find(({ id }) => id === this.shown) ?? this.trials.at(-1) ?? null);
  readonly running = $derived(this.trials.some(({ state }) => state === 'running'));

  /** What the patient's spec needs beside itself. */
  #given: Given | null = null;
  #desk: Desk | null = null;
  #pair: Partial<Record<Side, Desk>> = {};
  #made = 0;
  /** Runs of patients that have been made, by spec and seed: the next treatment is held against the same. */
  // Nothing is drawn from it, so it need not be reactive.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #known = new Map<string, { readonly result: TrialResult; readonly live: Live | null }>();

  /** The desk for short questions; started when the first one is asked, and anew when it has died. */
  get desk(): Desk {
    if (!this.#desk?.alive) this.#desk = startDesk(this.#given);
    return this.#desk;
  }

  /** Puts a question to the desk; to a new one where it dies, or is ended, before it has answered. */
  async ask<T>(question: (api: Desk['api']) => T): Promise<Awaited<T>> {
    const { desk } = this;
    try {
      return await question(desk.api);
    } catch (error) {
      if (desk.alive) throw error;
      return await question(this.desk.api);
    }
  }

  /** Ends what the desk is at; whoever waits for it hears an `AbortError`. */
  interrupt(): void {
    this.#desk?.end();
  }

  /** The patient's spec needs this beside itself from now on. */
  give(given: Given | null): void {
    if (given === this.#given) return;
    this.#given = given;
    this.stop();
    this.#known.clear();
    if (this.#desk?.alive) void this.#desk.api.give(given).catch(() => undefined); // a dead one is not asked again
  }

  /** Asks which remedies there are for a patient, and in which order its findings want them. */
  async consult(spec: SpecInput, findings: readonly Finding[], language: Language): Promise<void> {
    try {
      this.offers = (await this.ask((api) => api.offers(spec, findings, language))) as readonly Offer[];
    } catch (error) {
      if (!isRefused(error)) throw error;
      this.offers = []; // the page says elsewhere why there is no such patient
    }
  }

  /** Tries remedies on a patient. Ends what is still running. */
  async try(
    patient: SpecInput,
    remedies: readonly string[],
    findings: readonly Finding[],
    language: Language,
  ): Promise<void> {
    this.stop();
    const treated = await this.ask((api) => api.treat(patient, remedies, findings, language)).catch(
      sayRefused,
    );
    const first = typeof patient['seed'] === 'number' ? patient['seed'] : 1;
    const steps = Math.min(MOST_STEPS, typeof patient['steps'] === 'number' ? patient['steps'] : MOST_STEPS);
    const id = ++this.#made;
    const trial: Trial = {
      id,
      remedies,
      patient: { ...patient, steps },
      treated: treated.ok ? { ...(treated.spec as unknown as SpecInput), steps } : patient,
      seeds: Array.from({ length: SEEDS }, (_, i) => first + i),
      steps,
      before: [],
      after: [],
      live: { before: null, after: null },
      verdict: null,
      state: treated.ok ? 'running' : 'failed',
      fault: treated.ok ? null : treated.reason,
    };
    this.trials = [...this.trials, trial];
    this.shown = id;
    if (!treated.ok) return;
    try {
      for (const seed of trial.seeds) {
        const [before, after] = await Promise.all([
          this.#run(id, 'before', { ...trial.patient, seed }, seed, language),
          this.#run(id, 'after', { ...trial.treated, seed }, seed, language),
        ]);
        this.#change(id, (now) => ({ before: [...now.before, before], after: [...now.after, after] }));
        const now = this.trials.find((known) => known.id === id)!;
        const verdict = (await this.ask((api) => api.judge(now.before, now.after))) as Verdict;
        this.#change(id, () => ({ verdict }));
      }
      this.#change(id, () => ({ state: 'done' }));
    } catch (error) {
      const stopped = error instanceof DOMException && error.name === 'AbortError';
      this.#change(id, () => ({
        state: stopped ? 'stopped' : 'failed',
        fault: stopped ? null : error instanceof Error ? error.message : String(error),
      }));
    } finally {
      if (!this.running) this.#close();
    }
  }

  /** Ends the trial that is running; what its seeds have shown so far stays. */
  stop(): void {
    this.#close();
  }

  async #run(
    id: number,
    side: Side,
    spec: SpecInput,
    seed: number,
    language: Language,
  ): Promise<TrialResult> {
    const key = JSON.stringify(spec);
    const known = side === 'before' ? this.#known.get(key) : undefined;
    if (known) {
      this.#change(id, ({ live }) => ({ live: { ...live, [side]: known.live } }));
      return known.result;
    }
    const desk = (this.#pair[side] ??= startDesk(this.#given));
    const result = await desk.trial(spec, language, (frame) => this.#take(id, side, seed, frame));
    if (side === 'before') {
      this.#known.set(key, {
        result,
        live: this.trials.find((trial) => trial.id === id)?.live.before ?? null,
      });
    }
    return result;
  }

  #take(id: number, side: Side, seed: number, frame: TrialFrame): void {
    this.#change(id, ({ live }) => {
      const last = live[side];
      const old = last?.seed === seed ? last.losses : new Float32Array();
      const losses = new Float32Array(old.length + frame.losses.length);
      losses.set(old);
      losses.set(frame.losses, old.length);
      return { live: { ...live, [side]: { seed, step: frame.step, losses, gradient: frame.gradient } } };
    });
  }

  #change(id: number, change: (trial: Trial) => Partial<Trial>): void {
    this.trials = this.trials.map((trial) => (trial.id === id ? { ...trial, ...change(trial) } : trial));
  }

  #close(): void {
    for (const desk of Object.values(this.#pair)) desk.end();
    this.#pair = {};
  }
}

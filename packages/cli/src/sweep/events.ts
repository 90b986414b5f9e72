import type { TrialProgress } from './trial.js';

/** What a sweep tells while it runs; off a terminal each is one line of JSON. */
export type SweepEvent =
  | {
      readonly event: 'start';
      readonly name: string;
      readonly sweep: string;
      readonly out: string;
      readonly trials: number;
      readonly done: number;
      readonly failed: number;
      readonly workers: number;
      readonly exact: boolean;
    }
  | { readonly event: 'note'; readonly message: string }
  | { readonly event: 'trial'; readonly index: number; readonly id: string; readonly values: object }
  | { readonly event: 'step'; readonly index: number; readonly progress: TrialProgress }
  /** The trial's row is on the disk: it is never lost and never run again. */
  | {
      readonly event: 'done';
      readonly index: number;
      readonly id: string;
      readonly values: object;
      readonly verdict: string;
      readonly loss: number;
      readonly metric: number;
      readonly metricName: string;
      readonly better: 'higher' | 'lower';
      readonly gradientDecades: number;
      readonly ms: number;
    }
  | {
      readonly event: 'retry';
      readonly index: number;
      readonly id: string;
      readonly attempt: number;
      readonly reason: string;
    }
  | {
      readonly event: 'failed';
      readonly index: number;
      readonly id: string;
      readonly values: object;
      readonly reason: string;
    }
  | {
      readonly event: 'progress';
      readonly done: number;
      readonly failed: number;
      readonly running: number;
      readonly trials: number;
      readonly perMinute: number;
      readonly secondsLeft: number | null;
    }
  | SweepSummary;

/** How a sweep ended. */
export interface SweepSummary {
  readonly event: 'end';
  readonly format: 'fuga-sweep-summary-1';
  readonly name: string;
  readonly sweep: string;
  readonly out: string;
  /** Trials of the sweep, or of this shard of it. */
  readonly trials: number;
  readonly done: number;
  readonly failed: number;
  /** Trials whose resolved spec is the same as another's: one row stands for both. */
  readonly same: number;
  readonly interrupted: boolean;
  readonly seconds: number;
  readonly best: {
    readonly index: number;
    readonly values: object;
    readonly metricName: string;
    readonly metric: number;
  } | null;
}

export type Report = (event: SweepEvent) => void;

import type { Outcome, Variant } from '@fuga/engine';

/** An experiment to run in a worker. */
export interface LawJob {
  readonly id: string;
  readonly seed: number;
  readonly variant: Variant | null;
}

/** How far it is. */
export interface LawProgress {
  readonly id: string;
  readonly done: number;
  readonly total: number;
}

/** What came of it. */
export interface LawResult {
  readonly id: string;
  readonly seed: number;
  readonly outcome: Outcome;
  readonly holds: boolean;
  readonly seconds: number;
}

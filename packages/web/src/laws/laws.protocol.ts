// What crosses between the page and the worker that runs experiments: plain data only.
import type { Outcome } from '@fuga/engine';

/** The same words in both languages. */
export interface Both {
  readonly en: string;
  readonly 'pt-BR': string;
}

/** An experiment of the shelf without the part that runs. */
export interface LawCard {
  readonly id: string;
  readonly title: Both;
  readonly question: Both;
  readonly story: Both;
  readonly law: { readonly formula: string; readonly source: string };
  /** The band and its reason. */
  readonly tolerance: string;
  readonly kind: 'init' | 'training';
  /** Seconds on one core, measured natively; a browser may need longer. */
  readonly seconds: number;
}

/** How far an experiment is; what it has drawn so far, where that may be shown. */
export interface LawNews {
  readonly done: number;
  readonly total: number;
  readonly outcome: Outcome | null;
}

/** What came of an experiment. */
export interface LawResult {
  readonly outcome: Outcome;
  readonly holds: boolean;
  readonly seconds: number;
}

/** What a page can ask of the worker. A run is ended by ending its worker. */
export interface LawsApi {
  list(): LawCard[];
  /** Runs one experiment from a base seed, on the kernels that give the same bits everywhere. */
  run(id: string, seed: number, tell: (news: LawNews) => void): Promise<LawResult>;
}

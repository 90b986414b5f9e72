import type { FindingId, RemedyId } from './words/words.js';

/** A factor that the gradient's fate can be put down to. */
export type CauseFactor =
  | 'activation'
  | 'weights'
  | 'normalization'
  | 'skip'
  | 'recurrence'
  | 'loss'
  | 'optimizer'
  | 'data'
  | 'architecture';

/** One disease found: what, how bad, where, why, on what evidence, and what may help. Plain data. */
export interface Finding {
  readonly id: FindingId;
  /** Name for people, in the report's language. */
  readonly title: string;
  /** 0 (harmless) to 1; grows with harm. */
  readonly severity: number;
  /** Names of the sites it is at, the culprit first; empty where it is the whole network's. */
  readonly sites: readonly string[];
  readonly cause: { readonly factor: CauseFactor; readonly detail: string };
  /** What is wrong, in plain words. */
  readonly message: string;
  /** What to change, in plain words. */
  readonly advice: string;
  readonly evidence: Readonly<Record<string, number>>;
  /** Ids of remedies, the most promising first. */
  readonly remedies: readonly RemedyId[];
  /** Where the disease is described. */
  readonly source: string;
  /** The finding of this report that brings this one about, or null for a root cause. */
  readonly consequenceOf: FindingId | null;
}

/** What one backward step through a site multiplies rms(gradient) by, and what that is made of. */
export interface Factor {
  readonly total: number | null;
  readonly weights: number | null;
  readonly activation: number | null;
  readonly normalization: number | null;
  readonly skip: number | null;
}

/** One site's numbers in a report. */
export interface SiteReport {
  readonly site: string;
  readonly type: string;
  readonly depth: number;
  readonly activation: {
    readonly rms: number | null;
    readonly mean: number | null;
    readonly std: number | null;
    readonly saturated: number | null;
    readonly dead: number | null;
  };
  readonly gradient: {
    readonly rms: number | null;
    readonly norm: number | null;
    readonly zero: number | null;
  };
  readonly parameters: {
    readonly norm: number | null;
    readonly gradNorm: number | null;
    readonly updateRatio: number | null;
  } | null;
  readonly factor: Factor;
  /** Low, mean and high of rms(gradient) by the theory; null where no law applies. */
  readonly theory: { readonly gradRms: readonly [number, number, number] } | null;
}

/** The document that `fuga diagnose --json` prints; see the contract `fuga-diagnosis-1`. */
export interface DiagnosisReport {
  readonly format: 'fuga-diagnosis-1';
  readonly subject: string;
  readonly seed: number;
  readonly kernels: 'relaxed' | 'simd';
  readonly verdict: 'healthy' | 'unhealthy';
  readonly findings: readonly Finding[];
  readonly sites: readonly SiteReport[];
  readonly loss: { readonly first: number; readonly last: number };
  readonly steps: number;
  /** Share of the time that probing took. */
  readonly probeShare: number;
}

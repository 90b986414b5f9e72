import type { About } from '../core/layer.js';
import type { Evidence } from './evidence.js';
import type { CauseFactor } from './report.js';
import type { FindingId, RemedyId } from './words/words.js';

/** A bound that a diagnosis draws, what it means, and where it comes from. */
export interface Threshold {
  readonly value: number;
  readonly unit: string;
  readonly meaning: string;
  readonly source: string;
}

/** What a diagnosis found, before it is put into words. */
export interface Symptom {
  /** 0 to 1. Grows with harm; below 0.05 it is not worth a finding. */
  readonly severity: number;
  /** Indices of the sites it is at, the culprit first; empty where it is the whole network's. */
  readonly sites: readonly number[];
  readonly factor: CauseFactor;
  /** Which of the diagnosis' explanations applies: a key of its words. */
  readonly reason: string;
  /** Findings that this one follows from, if they are there: told after them. */
  readonly because?: readonly FindingId[];
  /** Numbers that were measured or computed, for the report and for the words. */
  readonly evidence: Readonly<Record<string, number>>;
  /** Names that the words need: a site, an activation, an init. */
  readonly names?: Readonly<Record<string, string>>;
}

/**
 * A disease: how it is told from what was measured.
 *
 * It reads only the evidence. Which of several diseases is the root cause follows from `leadsTo` and `hides`: a
 * finding that another one explains is told after it, or not at all.
 */
export interface Diagnosis {
  readonly id: FindingId;
  readonly about: About;
  /** By name; every number that `test` compares with. */
  readonly thresholds: Readonly<Record<string, Threshold>>;
  /** Diseases that this one can bring about: they are told after it. */
  readonly leadsTo: readonly FindingId[];
  /** Findings that are nothing but signs of this one: they are not told beside it. */
  readonly hides: (symptom: Symptom) => readonly FindingId[];
  /** Remedies, the most promising first. */
  readonly remedies: (symptom: Symptom, evidence: Evidence) => readonly RemedyId[];
  /** Looks at the evidence; null where the disease is not there. */
  readonly test: (evidence: Evidence) => Symptom | null;
}

import type { About } from '../core/layer.js';
import type { DataShape } from '../datasets/dataset.js';
import type { Finding } from '../diagnoses/report.js';
import {
  factsIn,
  wordsIn,
  type FindingId,
  type Language,
  type RefusalId,
  type RemedyId,
} from '../diagnoses/words/words.js';
import type { RunSpec } from '../run/spec.js';

/** Why a remedy does not apply to a spec; the words for it are in the dictionaries. */
export interface Refusal {
  readonly reason: RefusalId;
  readonly names?: Readonly<Record<string, string>>;
}

/** What a remedy may look at beside the spec. */
export interface Patient {
  /** What the data look like. */
  readonly data: DataShape;
  /** The finding that it is to cure, where one was made: it may suggest a learning rate. */
  readonly finding?: Finding;
}

/**
 * A cure: a spec is made into another spec, with the same seed, data and batch order. Nothing running is touched.
 *
 * Title and reason for people are in the dictionaries (`words.remedies`).
 */
export interface Remedy {
  readonly id: RemedyId;
  readonly about: About;
  readonly treats: readonly FindingId[];
  /**
   * 1 for a change of numbers (a learning rate, an init), 2 for a change of parts (an activation), 3 for a change of
   * the network's build: between two cures that work alike, the one that changes less is taken.
   */
  readonly effort: 1 | 2 | 3;
  /** The treated spec, unresolved defaults allowed; or why it does not apply. */
  readonly apply: (spec: RunSpec, patient: Patient) => RunSpec | Refusal;
}

/** Whether a remedy said that it does not apply. */
export function isRefusal(result: RunSpec | Refusal): result is Refusal {
  return 'reason' in result;
}

/** A refusal in words. */
export function sayRefusal({ reason, names = {} }: Refusal, language: Language = 'en'): string {
  const words = wordsIn(language);
  return words.refusals[reason](factsIn(words.locale, {}, names));
}

import type { Opened, SpecInput, StepRecord } from '../worker/protocol.js';
import type { TermId } from './glossary/formulas.js';

/** The same thing in both languages. */
export interface InBoth<T> {
  readonly en: T;
  readonly 'pt-BR': T;
}

/** Where the reader's controls stand. */
export type Setting = Readonly<Record<string, string | number | boolean>>;

/** One control that turns a chapter's spec. */
export type Turn =
  | { readonly id: string; readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly id: string; readonly kind: 'switch' }
  | {
      readonly id: string;
      readonly kind: 'number';
      readonly low: number;
      readonly high: number;
      readonly log?: boolean;
      readonly whole?: boolean;
    };

/** What can be measured on a chapter's network after a step. */
export interface Reading {
  readonly opened: Opened;
  readonly record: StepRecord;
  readonly loss: number;
  /** By walk (`hidden`, `cell`): rms of the gradient at each time step of the first layer that has any. */
  readonly walks: Readonly<Record<string, Float64Array>>;
  /** The newest test score; null before the first. */
  readonly score: number | null;
}

/** A question whose answer the chapter's own network gives. */
export interface Question {
  /** Steps after which the answer is measured. */
  readonly after: number;
  /** NaN where it cannot be told. */
  readonly measure: (reading: Reading) => number;
  /** Possible answers, and the number that each stands for: the nearest to what was measured is right. */
  readonly options: readonly { readonly id: string; readonly value: number }[];
  /** Whether near means a small ratio or a small difference. */
  readonly near: 'ratio' | 'difference';
  readonly format: 'number' | 'percent';
  /** What theory predicts, where it predicts a number. */
  readonly predicted?: number;
}

/** The words of a chapter; `[[term|shown]]` opens the glossary, `$…$` is a formula, `**…**` strong. */
export interface ChapterWords {
  readonly title: string;
  readonly lead: string;
  readonly text: readonly string[];
  readonly question: string;
  readonly options: Readonly<Record<string, string>>;
  /** What the measured number is, in a few words. */
  readonly measured: string;
  /** Said once an answer is given. */
  readonly why: string;
  /** What to try with the controls. */
  readonly goal: string;
  /** Said once it has worked. */
  readonly reached: string;
  readonly turns: Readonly<Record<string, string>>;
  /** Names of choices where the items' own would not do. */
  readonly choices?: Readonly<Record<string, string>>;
}

/** One chapter of the tour: an experiment, a question, something to try. */
export interface Chapter {
  readonly id: string;
  readonly start: Setting;
  readonly turns: readonly Turn[];
  /** The spec that the controls stand for. */
  readonly spec: (setting: Setting) => SpecInput;
  /** What is drawn beside the gradient's flow: its way through time, or the input and what blames it. */
  readonly shows?: 'time' | 'pictures';
  /** The law in formulas, as TeX, one line each. */
  readonly formulas: readonly string[];
  readonly question: Question;
  /** Whether the reader has done what there is to try. */
  readonly reached: (reading: Reading, setting: Setting) => boolean;
  /** The term that the chapter is about. */
  readonly terms: readonly TermId[];
  /** Where it is written: arXiv numbers become links. */
  readonly sources: readonly string[];
  readonly words: InBoth<ChapterWords>;
}

/** The possible answer that a measured number stands for; null where nothing was measured. */
export function answerOf({ options, near }: Question, measured: number): string | null {
  if (Number.isNaN(measured)) return null;
  const distance = (value: number) => {
    if (near === 'difference') return Math.abs(value - measured);
    if (value === 0 || measured === 0) return value === measured ? 0 : Infinity;
    return Math.abs(Math.log(value / measured));
  };
  return options.reduce((best, option) => (distance(option.value) < distance(best.value) ? option : best)).id;
}

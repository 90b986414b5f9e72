import { en } from './en.js';
import { ptBR } from './ptBR.js';

/** Language of the words in a report. */
export type Language = 'en' | 'pt-BR';

type English = typeof en;

/** Ids of the findings of the contract `fuga-diagnosis-1`. */
export type FindingId = keyof English['findings'];

/** Ids of the remedies of the contract. */
export type RemedyId = keyof English['remedies'];

/** Why a remedy does not apply. */
export type RefusalId = keyof English['refusals'];

/** A sentence with facts in it. */
type Speech = (facts: Facts) => string;

/** The English dictionary is the model: every other one must have the same entries, or it does not compile. */
export interface Words {
  readonly locale: string;
  readonly findings: {
    readonly [Id in FindingId]: {
      readonly title: string;
      readonly message: Speech;
      readonly advice: Speech;
      readonly reasons: { readonly [Reason in keyof English['findings'][Id]['reasons']]: Speech };
    };
  };
  readonly remedies: Readonly<Record<RemedyId, { readonly title: string; readonly why: string }>>;
  readonly refusals: Readonly<Record<RefusalId, Speech>>;
  /** How the proof was made, in words. */
  readonly method: (seeds: number) => string;
}

const dictionaries: Readonly<Record<Language, Words>> = { en, 'pt-BR': ptBR };

/** The dictionary of a language; English where it is not one we speak. */
export function wordsIn(language = 'en'): Words {
  if (language in dictionaries) return dictionaries[language as Language];
  return language.toLowerCase().startsWith('pt') ? ptBR : en;
}

/** The words of one finding, in a form that does not depend on which one. */
export interface FindingWords {
  readonly title: string;
  readonly message: (facts: Facts) => string;
  readonly advice: (facts: Facts) => string;
  /** Why, by the symptom's reason. */
  readonly reasons: Readonly<Record<string, (facts: Facts) => string>>;
}

/** What a sentence can be filled with, already in the language's way of writing numbers. */
export interface Facts {
  readonly number: (key: string, digits?: number) => string;
  /** A share as a percentage. */
  readonly percent: (key: string) => string;
  /** 10 to the power of |x|, as people say it: "40", "3 × 10⁹". */
  readonly fold: (key: string) => string;
  /** 10 to the power of −|x|: "0.025", "6.6 × 10⁻¹³". */
  readonly shrunk: (key: string) => string;
  /** 10 to the power of x. */
  readonly power: (key: string) => string;
  /** A count, without decimals. */
  readonly count: (key: string) => string;
  readonly name: (key: string) => string;
  readonly has: (key: string) => boolean;
  readonly value: (key: string) => number;
}

/** Facts from the numbers and names of a symptom. */
export function factsIn(
  locale: string,
  numbers: Readonly<Record<string, number>>,
  names: Readonly<Record<string, string>> = {},
): Facts {
  const value = (key: string) => numbers[key] ?? NaN;
  return {
    value,
    number: (key, digits = 2) => showNumber(value(key), digits, locale),
    percent: (key) => showPercent(value(key), locale),
    fold: (key) => showNumber(10 ** Math.abs(value(key)), 2, locale),
    shrunk: (key) => showNumber(10 ** -Math.abs(value(key)), 2, locale),
    power: (key) => showNumber(10 ** value(key), 2, locale),
    count: (key) => Math.round(value(key)).toLocaleString(locale),
    name: (key) => names[key] ?? key,
    has: (key) => names[key] !== undefined || Number.isFinite(value(key)),
  };
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A number for people: `0.23`, `1,500`, `6.3 × 10¹¹`. */
export function showNumber(value: number, digits: number, locale: string): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    let power = Math.floor(Math.log10(size));
    let mantissa = Number((value / 10 ** power).toPrecision(digits));
    if (Math.abs(mantissa) >= 10) [mantissa, power] = [mantissa / 10, power + 1];
    const raised = [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[Number(digit)]).join('');
    const tens = `10${power < 0 ? '⁻' : ''}${raised}`;
    return mantissa === 1 ? tens : `${mantissa.toLocaleString(locale)} × ${tens}`.replace('-', '−');
  }
  const rounded = Number(value.toPrecision(digits));
  return rounded.toLocaleString(locale, { maximumSignificantDigits: Math.max(digits, 3) }).replace('-', '−');
}

function showPercent(share: number, locale: string): string {
  if (Number.isNaN(share)) return '–';
  const percent = 100 * share;
  if (Math.abs(percent) >= 1e5) return `${showNumber(percent, 2, locale)} %`;
  return `${percent.toLocaleString(locale, { maximumFractionDigits: percent < 10 || (percent > 99 && percent < 100) ? 1 : 0 })} %`;
}

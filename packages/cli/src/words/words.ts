import { en } from './en.js';
import { ptBR } from './ptBR.js';

/** Languages that the program speaks. */
export type Language = 'en' | 'pt-BR';

/** The English dictionary is the model: the other one must have the same entries, or it does not compile. */
export type Words = {
  readonly [Key in keyof typeof en]: (typeof en)[Key] extends (...args: infer Args) => string
    ? (...args: Args) => string
    : string;
};

const dictionaries: Readonly<Record<Language, Words>> = { en, 'pt-BR': ptBR };

/** What the program itself says; findings bring their own words from the engine. */
export function wordsIn(language: Language): Words {
  return dictionaries[language];
}

/** `1,234` or `1.234`. */
export function showCount(value: number, language: Language): string {
  return value.toLocaleString(language);
}

/** `2.1e-16`, `0.0034`, `0.93`, `12.5`: at most eight characters; never 0 for what is not 0. */
export function showNumber(value: number | null, language: Language = 'en'): string {
  if (value === null || Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    size < 1e-3 || size >= 1e5
      ? value.toExponential(1).replace('e+', 'e')
      : value.toPrecision(size >= 1000 ? Math.ceil(Math.log10(size + 1)) : size < 1e-2 ? 2 : 3);
  return language === 'pt-BR' ? text.replace('.', ',') : text;
}

/** A number that somebody chose: as short as it can be written. */
export function showSetting(value: number, language: Language = 'en'): string {
  return language === 'pt-BR' ? String(value).replace('.', ',') : String(value);
}

/** `1.2 s`, `350 ms`, `4 min`, `2.5 h`. */
export function showTime(ms: number, language: Language = 'en'): string {
  const decimal = (value: number, digits: number) =>
    value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  if (ms < 1) return `${decimal(ms, 2)} ms`;
  if (ms < 10) return `${decimal(ms, 1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 90_000) return `${decimal(ms / 1000, 1)} s`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`;
  return `${decimal(ms / 3_600_000, 1)} h`;
}

/** `1.5 GiB`, `320 KiB`. */
export function showBytes(bytes: number, language: Language = 'en'): string {
  const units = ['KiB', 'MiB', 'GiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value.toLocaleString(language, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${units[unit]!}`;
}

import {
  diagnoses,
  experiments,
  measures,
  probes,
  remedies,
  fieldsOf,
  shelves,
  type About,
  type Experiment,
  type Field,
} from '@fuga/engine';
import type { Kind } from './commands/list.js';
import { ascii } from './picture/findings.js';
import { padEnd, paint, wrap, type Terminal } from './terminal.js';

/** An item of a shelf, as it is listed. */
export interface Item extends About {
  readonly id: string;
  /** What a spec may say of it, with defaults. */
  readonly options?: readonly Field[];
}

interface Described {
  readonly about?: About;
  readonly title?: string;
  readonly unit?: string;
  readonly source?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The items of a shelf, by name. */
export function itemsOf(kind: Kind): Item[] {
  const shelf: Readonly<Record<string, Described>> = {
    ...shelves,
    probes,
    measures,
    diagnoses,
    remedies,
    experiments: lawsAsItems(),
  }[kind];
  return Object.entries(shelf)
    .map(([id, { about, title, unit, source, options }]) => ({
      id,
      does: about?.does ?? [title, unit && `[${unit}]`].filter(Boolean).join(' '),
      ...about,
      ...(about || source === undefined ? {} : { source }),
      ...(options ? { options: fieldsOf(options) } : {}),
    }))
    .sort((a, b) => a.id.localeCompare(b.id, 'en'));
}

/** An experiment says its question and its law in its own words. */
function lawsAsItems(): Readonly<Record<string, Described>> {
  const shelf: Readonly<Record<string, Experiment>> = experiments;
  return Object.fromEntries(
    Object.entries(shelf).map(([id, { question, law }]) => [
      id,
      { about: { does: question.en, formula: law.formula, source: law.source } },
    ]),
  );
}

/** A list for people: name and what it does; with details also formula, shapes, gradient, source. */
export function listPage(items: readonly Item[], terminal: Terminal, details: boolean): string {
  const names = Math.max(...items.map(({ id }) => id.length));
  const lines = items.flatMap((item) => {
    const text = (value: string, ink?: 'quiet') =>
      wrap(ascii(value, terminal), terminal.width - names - 4).map((line) =>
        ink ? paint(terminal, ink, line) : line,
      );
    const more = details
      ? (['formula', 'shapes', 'gradient', 'source'] as const).flatMap((key) =>
          item[key] ? text(item[key], 'quiet') : [],
        )
      : [];
    const options =
      details && item.options?.length ? text(`options: ${item.options.map(optionText).join(', ')}`) : [];
    return [...text(item.does), ...options, ...more].map(
      (line, i) =>
        `  ${paint(terminal, i === 0 ? ['title'] : [], padEnd(i === 0 ? item.id : '', names))}  ${line}`,
    );
  });
  return `${lines.join('\n')}\n`;
}

/** `out`, `kernel (3)`, `norm (none; batch, layer)`: an option, its default, and what else it may be. */
function optionText({ name, fallback, choices = [] }: Field): string {
  const usual =
    fallback === undefined
      ? []
      : [typeof fallback === 'object' ? JSON.stringify(fallback) : String(fallback)];
  const others = choices.filter((choice) => choice !== fallback);
  const notes = [...usual, ...(others.length > 0 ? [others.join(', ')] : [])];
  return notes.length === 0 ? name : `${name} (${notes.join('; ')})`;
}

import * as v from 'valibot';
import { EngineError, nearestName, type PathStep } from './errors.js';
import type { Options, Parsed } from './layer.js';

/** A whole number of at least `min` (default 1). */
export function count(min = 1, max = 1e9) {
  return v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
}

/** A finite number between `min` and `max`. */
export function real(min = -Infinity, max = Infinity) {
  return v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max));
}

/** A finite number above 0. */
export function positive(max = Infinity) {
  return v.pipe(v.number(), v.finite(), v.gtValue(0), v.maxValue(max));
}

/** A probability below 1. */
export function share() {
  return v.pipe(v.number(), v.minValue(0), v.ltValue(1));
}

/** An option with a default. */
export function optional<const S extends v.GenericSchema>(schema: S, fallback: v.InferInput<S>) {
  return v.optional(schema, fallback as never);
}

/** One of the given words. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return v.picklist(words);
}

/** A list of layers; its items are checked by the shelf that knows them. */
export function layerList() {
  return v.pipe(
    v.array(v.looseObject({ type: v.string() })),
    v.transform((list) => list as { readonly type: string; readonly [option: string]: unknown }[]),
  );
}

/**
 * Parses `input` by `schema`, or throws an `EngineError` whose path starts with `path` and whose reason says what
 * was expected, what came, and the nearest valid name.
 */
export function parse<S extends v.GenericSchema>(
  schema: S,
  input: unknown,
  path: readonly PathStep[],
): v.InferOutput<S> {
  const result = v.safeParse(schema, input, { abortPipeEarly: true });
  if (result.success) return result.output;
  const issue = clearest(result.issues);
  throw new EngineError('SPEC', explain(issue, schema), [...path, ...stepsOf(issue)]);
}

/** Parses an item's options: unknown keys are errors, defaults are filled in. */
export function parseOptions<E extends Options>(
  entries: E,
  input: unknown,
  path: readonly PathStep[],
): Parsed<E> {
  return parse(v.strictObject(entries), input, path);
}

/** An unknown key explains a missing one (`outt` for `out`), so it goes first. */
function clearest(issues: readonly v.BaseIssue<unknown>[]): v.BaseIssue<unknown> {
  return issues.find((issue) => issue.type === 'strict_object' && issue.expected === 'never') ?? issues[0]!;
}

function stepsOf(issue: v.BaseIssue<unknown>): PathStep[] {
  return (issue.path ?? []).map((item) => item.key as PathStep);
}

function explain(issue: v.BaseIssue<unknown>, schema: v.GenericSchema): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const key = String(issue.path?.at(-1)?.key);
    const known = keysAt(schema, stepsOf(issue).slice(0, -1));
    const near = nearestName(key, known);
    return `unknown key "${key}"${near ? `; did you mean "${near}"?` : ''}${known.length > 0 ? `${near ? '' : ';'} known keys: ${known.join(', ')}` : ''}`;
  }
  const came = issue.received === 'undefined' ? 'nothing' : show(issue.input, issue.received);
  if (issue.type === 'picklist' || issue.type === 'literal' || issue.type === 'union') {
    const known = [...String(issue.expected).matchAll(/"([^"]+)"/g)].map((match) => match[1]!);
    const near = typeof issue.input === 'string' ? nearestName(issue.input, known) : null;
    return `expected ${alternatives(String(issue.expected), known)}, got ${came}${near ? `; did you mean "${near}"?` : ''}`;
  }
  return `expected ${wording(issue)}, got ${came}`;
}

/** `("same" | "valid" | number)` in words: same, valid or a number. */
function alternatives(expected: string, known: readonly string[]): string {
  const kinds: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    boolean: 'true or false',
    Array: 'a list',
    Object: 'a mapping',
  };
  const others = expected.split(/[()|\s]+/).flatMap((word) => kinds[word] ?? []);
  if (known.length > 1 && others.length === 0) return `one of ${known.join(', ')}`;
  const all = [...known, ...new Set(others)];
  return all.length < 2 ? (all[0] ?? expected) : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

/** The issue's requirement in words. */
function wording(issue: v.BaseIssue<unknown>): string {
  const expected = String(issue.expected ?? 'something else');
  if (issue.type === 'integer') return 'a whole number';
  if (issue.type === 'finite') return 'a finite number';
  if (issue.type === 'number') return 'a number';
  if (issue.type === 'boolean') return 'true or false';
  if (issue.type === 'string') return 'text';
  if (issue.type === 'array') return 'a list';
  if (issue.type === 'min_length') return `at least ${expected.replace('>=', '')} entries`;
  if (issue.type === 'min_value') return `at least ${expected.replace('>=', '')}`;
  if (issue.type === 'max_value') return `at most ${expected.replace('<=', '')}`;
  if (issue.type === 'gt_value') return `more than ${expected.replace('>', '')}`;
  if (issue.type === 'lt_value') return `less than ${expected.replace('<', '')}`;
  if (issue.received === 'undefined' && expected.startsWith('"')) return `the key ${expected}`;
  return expected === 'Object' ? 'a mapping' : expected;
}

function show(input: unknown, received: string): string {
  if (typeof input === 'string') return JSON.stringify(input);
  if (typeof input === 'number' || typeof input === 'boolean' || input === null) return String(input);
  return Array.isArray(input) ? 'a list' : typeof input === 'object' ? 'a mapping' : received;
}

/** Keys that a strict object allows at the place `steps` within `schema`. */
function keysAt(schema: v.GenericSchema, steps: readonly PathStep[]): string[] {
  // valibot's schemas are plain objects; a generic one does not say which of these it has.
  interface Open {
    entries?: Record<string, Open>;
    item?: Open;
    wrapped?: Open;
  }
  let at = schema as Open;
  for (const step of steps) {
    while (at.wrapped) at = at.wrapped;
    const next = typeof step === 'number' ? at.item : at.entries?.[step];
    if (!next) return [];
    at = next;
  }
  while (at.wrapped) at = at.wrapped;
  return Object.keys(at.entries ?? {});
}

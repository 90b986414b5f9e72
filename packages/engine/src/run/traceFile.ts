import * as v from 'valibot';
import { EngineError } from '../core/errors.js';
import { count, oneOf, parse } from '../core/options.js';
import { probeIds, type SiteDetails, type Trace, type TraceRecord } from './trace.js';

/** Most characters of a trace that is read. */
const MOST_CHARACTERS = 512 * 2 ** 20;
const MOST_SITES = 100_000;
/** How deep a site's options may be nested: bodies within bodies. */
const MOST_DEPTH = 64;

/** Any number, NaN and infinities included: what was measured. */
const measured = v.custom<number>((value) => typeof value === 'number', 'a number');
const sizes = v.array(count(0));
const plain = v.record(v.string(), v.unknown());

const site = v.object({
  name: v.string(),
  type: v.string(),
  depth: count(0),
  parent: v.nullable(count(0)),
  factor: oneOf(['weights', 'normalization', 'skip']),
  options: plain,
  activation: v.nullable(v.object({ fn: v.string(), options: plain })),
  shape: sizes,
  inputShape: sizes,
  parameters: v.array(v.object({ name: v.string(), shape: sizes, fanIn: measured, fanOut: measured })),
  meters: v.exactOptional(
    v.array(v.object({ id: v.string(), title: v.string(), unit: v.string(), labels: v.array(v.string()) })),
  ),
  steps: v.nullable(count(0)),
});

/** All of a trace but its long lists of numbers, which are checked without a schema's cost a number. */
const frame = v.object({
  sites: v.pipe(v.array(site), v.maxLength(MOST_SITES)),
  batch: count(0),
  parameters: count(0, Number.MAX_SAFE_INTEGER),
  lossEvery: count(),
  steps: count(0),
  every: count(),
  metric: v.object({ id: v.string(), title: v.string(), better: oneOf(['higher', 'lower']) }),
  metrics: v.array(v.object({ step: count(0), value: measured })),
  stopped: v.nullable(v.object({ step: count(0), reason: oneOf(['nonFinite']) })),
  timing: v.object({ stepMs: measured, probeShare: measured }),
});

const recordHead = v.object({
  step: count(0),
  loss: measured,
  lr: measured,
  gradNorm: measured,
  turn: v.exactOptional(measured),
});

/**
 * A trace as JSON. Numbers that JSON does not know are written as words ("NaN", "Infinity"), typed arrays as lists;
 * the probes' names go along, so that a reader with other probes finds the right numbers.
 */
export function writeTrace(trace: Trace): string {
  return JSON.stringify({ format: 'fuga-trace-1', probes: probeIds, ...trace }, (_, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
    if (value instanceof Float64Array) return Array.from(value);
    return value;
  });
}

/**
 * The trace that `writeTrace` wrote. Probes that are not ours are left out; ours that it lacks become NaN. A trace may
 * come from anyone: every field is checked, and what is not known is left out.
 * Errors: FORMAT, where it is something else, with the place in it.
 */
export function readTrace(text: string): Trace {
  if (text.length > MOST_CHARACTERS) fail('the file is too long');
  let raw: unknown;
  try {
    raw = JSON.parse(text, (_, value: unknown) =>
      value === 'NaN' ? NaN : value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : value,
    );
  } catch {
    fail('the file is not JSON');
  }
  if (!isMapping(raw) || raw['format'] !== 'fuga-trace-1') fail('expected a file of the format fuga-trace-1');
  const { probes, records, losses } = raw;
  if (!isList(probes) || !probes.every((probe) => typeof probe === 'string'))
    fail('expected the names of its probes');
  const known = checked(frame, raw);
  checkSites(known.sites);
  if (!isNumbers(losses)) fail('losses: expected a list of numbers');
  if (!isList(records)) fail('records: expected a list');
  let last = -1;
  return {
    ...known,
    losses,
    records: records.map((each, at) => {
      const record = readRecord(each, probes, known.sites.length, ['records', at]);
      if (record.step <= last)
        fail(`records.${at}.step: expected more than ${last}, got ${record.step}: records go by their steps`);
      last = record.step;
      return record;
    }),
  };
}

/** Names tell sites apart, and a container comes before what it contains. */
function checkSites(sites: Trace['sites']): void {
  const names = new Set<string>();
  sites.forEach(({ name, parent, options, activation }, at) => {
    if (names.has(name)) fail(`sites.${at}.name: expected another name, "${name.slice(0, 80)}" is taken`);
    names.add(name);
    if (parent !== null && parent >= at)
      fail(`sites.${at}.parent: expected the index of a site before it, got ${parent}`);
    if (!isShallow(options, MOST_DEPTH) || !isShallow(activation?.options, MOST_DEPTH))
      fail(`sites.${at}: its options are nested too deep`);
  });
}

function readRecord(
  raw: unknown,
  probes: readonly string[],
  sites: number,
  where: readonly (string | number)[],
): TraceRecord {
  const head = checked(recordHead, raw, where);
  const { values, time, details } = raw as Record<string, unknown>;
  if (!isNumbers(values) || values.length !== probes.length * sites)
    fail(`${where.join('.')}.values: expected ${probes.length * sites} numbers`);
  const ordered = new Float64Array(probeIds.length * sites).fill(NaN);
  probeIds.forEach((probe, p) => {
    const at = probes.indexOf(probe);
    if (at >= 0) ordered.set(values.slice(at * sites, (at + 1) * sites), p * sites);
  });
  return {
    ...head,
    values: ordered,
    time: bySite(time ?? {}, sites, [...where, 'time'], numbersAt),
    ...(details === undefined ? {} : { details: bySite(details, sites, [...where, 'details'], readDetails) }),
  };
}

/** A mapping whose keys are indices of sites. */
function bySite<T>(
  raw: unknown,
  sites: number,
  where: readonly (string | number)[],
  read: (raw: unknown, where: readonly (string | number)[]) => T,
): Record<number, T> {
  if (!isMapping(raw)) fail(`${where.join('.')}: expected a mapping`);
  return Object.fromEntries(
    Object.entries(raw).map(([key, each]) => {
      if (!/^(0|[1-9]\d{0,8})$/.test(key) || Number(key) >= sites)
        fail(`${where.join('.')}: expected the index of a site, got "${key.slice(0, 40)}"`);
      return [key, read(each, [...where, key])];
    }),
  );
}

function readDetails(raw: unknown, where: readonly (string | number)[]): SiteDetails {
  if (!isMapping(raw)) fail(`${where.join('.')}: expected a mapping`);
  return {
    states: byName(raw['states'], [...where, 'states'], numbersAt),
    meters: byName(raw['meters'], [...where, 'meters'], numbersAt),
    parts: byName(raw['parts'], [...where, 'parts'], numberAt),
  };
}

function byName<T>(
  raw: unknown,
  where: readonly (string | number)[],
  read: (raw: unknown, where: readonly (string | number)[]) => T,
): Record<string, T> {
  if (raw === undefined) return {};
  if (!isMapping(raw)) fail(`${where.join('.')}: expected a mapping`);
  return Object.fromEntries(Object.entries(raw).map(([key, each]) => [key, read(each, [...where, key])]));
}

function numbersAt(raw: unknown, where: readonly (string | number)[]): Float64Array {
  if (!isNumbers(raw)) fail(`${said(where)}: expected a list of numbers`);
  return Float64Array.from(raw);
}

function numberAt(raw: unknown, where: readonly (string | number)[]): number {
  if (typeof raw !== 'number') fail(`${said(where)}: expected a number`);
  return raw;
}

/** A place; names of a stranger's are cut. */
function said(where: readonly (string | number)[]): string {
  return where.map((step) => String(step).slice(0, 40)).join('.');
}

/** What a schema makes of data; its complaint becomes one of this file. */
function checked<S extends v.GenericSchema>(
  schema: S,
  raw: unknown,
  where: readonly (string | number)[] = [],
): v.InferOutput<S> {
  try {
    return parse(schema, raw, where);
  } catch (error) {
    if (error instanceof EngineError) fail(error.message);
    throw error;
  }
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((each) => isShallow(each, depth - 1));
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}

function fail(reason: string): never {
  throw new EngineError('FORMAT', `trace: ${reason}`);
}

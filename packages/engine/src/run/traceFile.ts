import { EngineError } from '../core/errors.js';
import { probeIds, type SiteDetails, type SiteInfo, type Trace, type TraceRecord } from './trace.js';

/** Most characters of a trace that is read. */
const MOST_CHARACTERS = 512 * 2 ** 20;
const MOST_SITES = 100_000;

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
 * The trace that `writeTrace` wrote. Probes that are not ours are left out; ours that it lacks become NaN.
 * Errors: FORMAT, where it is something else.
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
  const { format: _, probes, ...trace } = raw;
  const { sites, records, losses, metrics } = trace;
  if (!isList(sites) || sites.length > MOST_SITES || !sites.every(isSite)) fail('expected a list of sites');
  if (!isList(probes) || !probes.every((probe) => typeof probe === 'string'))
    fail('expected the names of its probes');
  if (!isList(records) || !isNumbers(losses) || !isList(metrics))
    fail('expected records, losses and metrics');
  for (const key of ['batch', 'parameters', 'lossEvery', 'steps', 'every']) {
    if (typeof trace[key] !== 'number') fail(`expected a number for ${key}`);
  }
  return {
    // Every field that is read by name was checked above or is checked by `readRecord`.
    ...(trace as unknown as Trace),
    records: records.map((record) => readRecord(record, probes, sites.length)),
  };
}

function readRecord(raw: unknown, probes: readonly string[], sites: number): TraceRecord {
  if (!isMapping(raw)) fail('a record is not a mapping');
  const { step, loss, lr, gradNorm, turn, values, time, details } = raw;
  if (![step, loss, lr, gradNorm].every((value) => typeof value === 'number'))
    fail('a record lacks its step or loss');
  if (!isNumbers(values) || values.length !== probes.length * sites)
    fail('a record has another number of values');
  const ordered = new Float64Array(probeIds.length * sites).fill(NaN);
  probeIds.forEach((probe, p) => {
    const at = probes.indexOf(probe);
    if (at >= 0) ordered.set(values.slice(at * sites, (at + 1) * sites), p * sites);
  });
  return {
    step: step as number,
    loss: loss as number,
    lr: lr as number,
    gradNorm: gradNorm as number,
    ...(typeof turn === 'number' ? { turn } : {}),
    values: ordered,
    time: arraysOf(time),
    ...(isMapping(details)
      ? {
          details: Object.fromEntries(
            Object.entries(details).map(([site, each]) => [site, readDetails(each)]),
          ),
        }
      : {}),
  };
}

function readDetails(raw: unknown): SiteDetails {
  if (!isMapping(raw)) fail('the details of a site are not a mapping');
  const parts = isMapping(raw['parts']) ? Object.entries(raw['parts']) : [];
  if (!parts.every(([, value]) => typeof value === 'number')) fail('a part of a site is not a number');
  return {
    states: arraysOf(raw['states']),
    meters: arraysOf(raw['meters']),
    parts: Object.fromEntries(parts) as Record<string, number>,
  };
}

function arraysOf(raw: unknown): Record<string, Float64Array> {
  if (raw === undefined) return {};
  if (!isMapping(raw)) fail('expected lists of numbers by name');
  return Object.fromEntries(
    Object.entries(raw).map(([key, list]) => {
      if (!isNumbers(list)) fail(`expected a list of numbers for ${key.slice(0, 40)}`);
      return [key, Float64Array.from(list)];
    }),
  );
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

function isSite(value: unknown): value is SiteInfo {
  return (
    isMapping(value) &&
    typeof value['name'] === 'string' &&
    typeof value['type'] === 'string' &&
    typeof value['depth'] === 'number' &&
    isNumbers(value['shape']) &&
    isList(value['parameters'])
  );
}

function fail(reason: string): never {
  throw new EngineError('FORMAT', `trace: ${reason}`);
}

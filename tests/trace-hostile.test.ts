import { beforeAll, describe, expect, test } from 'vitest';
import { loadKernels } from '@fuga/core-wasm';
import { diagnose, probeIds, readTrace, reopenRun, writeTrace, type Trace } from '@fuga/engine';
import { NumberFormat } from '../packages/web/src/charts/format.js';
import { flowPicture } from '../packages/web/src/lab/flowPicture.js';
import { emptyHistory, grow, type History } from '../packages/web/src/lab/history.js';
import { measurements } from '../packages/web/src/take/measurements.js';
import { Player } from '../packages/web/src/take/player.js';
import { en } from '../packages/web/src/words/en.js';
import type { LabFrame } from '../packages/web/src/worker/protocol.js';
import { FUZZ_TIMEOUT, fuzz } from './fuzz.js';
import { Lcg } from './nets.js';
import { honestTraces, hostileTrace, tracedSpecs } from './traces.js';

const kernels = await loadKernels({ exact: true });
let honest: readonly string[];
beforeAll(async () => {
  honest = await honestTraces();
});

const isNumber = (value: unknown) => typeof value === 'number';
const isText = (value: unknown) => typeof value === 'string';
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

/** Every field that the type promises, looked at by itself: null where all is as it says. */
function wrongIn(trace: Trace): string | null {
  const { sites, records, metric, metrics, timing, stopped } = trace;
  for (const key of ['batch', 'parameters', 'lossEvery', 'steps', 'every'] as const)
    if (!isCount(trace[key])) return key;
  if (trace.lossEvery < 1 || trace.every < 1) return 'every';
  if (!trace.losses.every(isNumber)) return 'losses';
  if (!isText(metric.id) || !isText(metric.title) || !['higher', 'lower'].includes(metric.better))
    return 'metric';
  if (!metrics.every(({ step, value }) => isCount(step) && isNumber(value))) return 'metrics';
  if (!isNumber(timing.stepMs) || !isNumber(timing.probeShare)) return 'timing';
  if (stopped !== null && (!isCount(stopped.step) || stopped.reason !== 'nonFinite')) return 'stopped';
  if (new Set(sites.map(({ name }) => name)).size !== sites.length) return 'names';
  for (const [at, site] of sites.entries()) {
    const { name, type, depth, parent, factor, options, activation, shape, inputShape, steps } = site;
    if (![name, type].every(isText) || !isCount(depth)) return 'site';
    if (parent !== null && (!isCount(parent) || parent >= at)) return 'parent';
    if (!['weights', 'normalization', 'skip'].includes(factor)) return 'factor';
    if (typeof options !== 'object' || options === null || Array.isArray(options)) return 'options';
    if (activation !== null && !isText(activation.fn)) return 'activation';
    if (![...shape, ...inputShape].every(isCount)) return 'shape';
    if (steps !== null && !isCount(steps)) return 'steps';
    for (const { name: own, shape: size, fanIn, fanOut } of site.parameters)
      if (!isText(own) || !size.every(isCount) || !isNumber(fanIn) || !isNumber(fanOut)) return 'parameters';
    for (const { id, title, unit, labels } of site.meters ?? [])
      if (![id, title, unit, ...labels].every(isText)) return 'meters';
  }
  let last = -1;
  for (const { step, loss, lr, gradNorm, turn, values, time, details } of records) {
    if (!isCount(step) || step <= last) return 'record.step';
    last = step;
    if (![loss, lr, gradNorm, turn ?? 0].every(isNumber)) return 'record';
    if (!(values instanceof Float64Array) || values.length !== probeIds.length * sites.length)
      return 'values';
    for (const key of [...Object.keys(time), ...Object.keys(details ?? {})])
      if (!(Number(key) < sites.length)) return 'key';
    const lists = [
      ...Object.values(time),
      ...Object.values(details ?? {}).flatMap(({ states, meters }) => [
        ...Object.values(states),
        ...Object.values(meters),
      ]),
    ];
    if (!lists.every((list) => list instanceof Float64Array)) return 'time';
    if (!Object.values(details ?? {}).every(({ parts }) => Object.values(parts).every(isNumber)))
      return 'parts';
  }
  return null;
}

/** What the page does with a trace: crosses to it, is walked through, drawn, told in numbers, exported. */
function show(trace: Trace): void {
  const recording = {
    name: 'it',
    trace: structuredClone(trace),
    probes: probeIds,
    spec: null,
    written: null,
    weights: null,
    report: null,
    why: null,
  };
  let history: History = emptyHistory;
  const format = new NumberFormat('en');
  let opened: Player['opened'] | null = null;
  const player = new Player(recording, 'max', (frame: LabFrame) => {
    history = grow(history, frame);
    format.number(frame.loss);
    format.number(frame.stepMs);
    format.integer(frame.step);
    for (const selected of [null, 0])
      flowPicture(
        { opened, latest: history.records.at(-1) ?? null, report: null, selected, reached: null },
        en.flow,
      );
  });
  opened = player.opened;
  player.seek(trace.records.length - 1);
  history = emptyHistory;
  player.seek(0);
  for (const _ of trace.records) player.step();
  measurements(trace);
  format.integer(trace.parameters);
}

describe('hostile traces', () => {
  test('honest ones are read, and say the same again', () => {
    for (const text of honest) {
      const trace = readTrace(text);
      expect(wrongIn(trace)).toBeNull();
      expect(JSON.parse(writeTrace(trace))).toEqual(JSON.parse(text));
      show(trace);
    }
  });

  test.each([
    ['metric', (raw: Raw) => (raw['metric'] = null), /metric: expected/],
    [
      'metric.better',
      (raw: Raw) => ((raw['metric'] as Raw)['better'] = 'up'),
      /metric\.better: expected one of/,
    ],
    ['timing', (raw: Raw) => (raw['timing'] = { stepMs: {}, probeShare: 0 }), /timing\.stepMs: expected/],
    [
      'metrics',
      (raw: Raw) => (raw['metrics'] = [{ step: 'now', value: 1 }]),
      /metrics\.0\.step: expected a number/,
    ],
    [
      'a parent that comes later',
      (raw: Raw) => (sitesOf(raw)[1]!['parent'] = 2),
      /sites\.1\.parent: expected/,
    ],
    ['a parent of itself', (raw: Raw) => (sitesOf(raw)[1]!['parent'] = 1), /sites\.1\.parent: expected/],
    ['a name twice', (raw: Raw) => (sitesOf(raw)[1]!['name'] = sitesOf(raw)[0]!['name']), /sites\.1\.name/],
    ['a shape of words', (raw: Raw) => (sitesOf(raw)[0]!['inputShape'] = ['4']), /sites\.0\.inputShape\.0/],
    ['options nested too deep', (raw: Raw) => (sitesOf(raw)[0]!['options'] = deep(100)), /sites\.0/],
    ['no steps between losses', (raw: Raw) => (raw['lossEvery'] = 0), /lossEvery: expected at least 1/],
    ['records out of order', (raw: Raw) => (raw['records'] as unknown[]).reverse(), /records\.1\.step/],
    ['a stop for another reason', (raw: Raw) => (raw['stopped'] = 'x'), /stopped: expected/],
  ])('%s of a wrong kind is refused with its place', (_, change, message) => {
    const raw = JSON.parse(honest[0]!) as Raw;
    change(raw);
    expect(() => readTrace(JSON.stringify(raw))).toThrow(message);
  });

  test(
    'are read as what their type says or refused, and what is read can be shown',
    () => {
      const { accepted, defects, read } = fuzz(
        'traces',
        (draw) => {
          const trace = readTrace(hostileTrace(honest, draw));
          const wrong = wrongIn(trace);
          if (wrong !== null) throw new Error(`${wrong} is not what its type says`);
          show(trace);
        },
        { seconds: 10 },
      );
      expect(defects).toEqual([]);
      // Neither turns the reader everything away, nor lets it everything through.
      expect(accepted).toBeGreaterThan(read / 50);
      expect(accepted).toBeLessThan((3 * read) / 4);
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
    FUZZ_TIMEOUT,
  );

  test(
    'beside the spec of their run are diagnosed or refused',
    async () => {
      const counts = { diagnosed: 0, refused: 0 };
      for (let i = 0; i < 600; i++) {
        const draw = new Lcg(Math.imul(i, 2654435761) + 5);
        const text = hostileTrace(honest, draw);
        try {
          const trace = readTrace(text);
          const spec = tracedSpecs[i % tracedSpecs.length];
          diagnose(await reopenRun(spec, trace, null, { exact: true, kernels }));
          counts.diagnosed++;
        } catch (error) {
          if ((error as Error).name !== 'EngineError') throw new Error(`mutant ${i}`, { cause: error });
          counts.refused++;
        }
      }
      expect(counts.diagnosed).toBeGreaterThan(20);
      expect(counts.refused).toBeGreaterThan(20);
    },
    FUZZ_TIMEOUT,
  );
});

type Raw = Record<string, unknown>;

function sitesOf(raw: Raw): Raw[] {
  return raw['sites'] as Raw[];
}

function deep(levels: number): unknown {
  return levels === 0 ? {} : { body: deep(levels - 1) };
}

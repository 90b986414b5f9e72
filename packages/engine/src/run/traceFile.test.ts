import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EngineError } from '../core/errors.js';
import { openRun } from './run.js';
import { readTrace, writeTrace } from './traceFile.js';
import { train } from './train.js';

async function tracedRun() {
  const run = await openRun({
    fuga: 1,
    steps: 6,
    data: { source: 'adding', length: 5, batch: 4 },
    network: [
      { type: 'rnn', hidden: 4 },
      { type: 'residual', body: [{ type: 'dense', out: 4 }] },
      { type: 'dense', out: 1 },
    ],
  });
  for (const _ of train(run));
  return run;
}

test('a trace is read back as it was written, with NaN and the time axis', async () => {
  const { trace } = await tracedRun();
  trace.records[0]!.values[0] = Infinity;
  expect(trace.records[0]!.values.some(Number.isNaN)).toBe(true);
  expect(Object.keys(trace.records[0]!.time)).toHaveLength(1);
  expect(readTrace(writeTrace(trace))).toEqual(trace);
});

test('numbers of probes that this version does not have are left out, those it lacks are NaN', async () => {
  const { trace } = await tracedRun();
  const raw = JSON.parse(writeTrace(trace)) as { probes: string[] };
  raw.probes[0] = 'fromTheFuture';
  const read = readTrace(JSON.stringify(raw));
  const sites = trace.sites.length;
  expect(Array.from(read.records[0]!.values.subarray(0, sites))).toEqual(
    Array.from({ length: sites }, () => NaN),
  );
  expect(read.records[0]!.values.subarray(sites)).toEqual(trace.records[0]!.values.subarray(sites));
});

test('mutated traces are read or refused with an EngineError', async () => {
  const text = writeTrace((await tracedRun()).trace);
  fc.assert(
    fc.property(
      fc.nat(text.length - 1),
      fc.nat(text.length - 1),
      fc.string({ maxLength: 4 }),
      (a, b, patch) => {
        const mutant = text.slice(0, Math.min(a, b)) + patch + text.slice(Math.max(a, b));
        try {
          readTrace(mutant);
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
        }
      },
    ),
    { seed: 3, numRuns: 1000 },
  );
});

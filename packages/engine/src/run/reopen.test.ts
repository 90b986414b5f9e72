import { expect, it } from 'vitest';
import { diagnose } from '../diagnoses/diagnose.js';
import { openRun } from './run.js';
import { reopenRun } from './reopen.js';
import { readTrace, writeTrace } from './traceFile.js';
import { train } from './train.js';

const spec = {
  fuga: 1,
  data: { source: 'digits', batch: 32 },
  model: { type: 'mlp', depth: 12, width: 32, activation: 'sigmoid', init: 'xavierUniform' },
  optimizer: { type: 'sgd', lr: 0.1 },
  steps: 30,
};

it('gives the diagnosis that the run itself gave', async () => {
  const run = await openRun(spec, { exact: true });
  for (const _ of train(run));
  const report = diagnose(run);
  const text = writeTrace(run.trace);
  const weights = Object.fromEntries(
    run.parameters.all.map(({ path, tensor }) => {
      const size = tensor.shape.reduce((product, axis) => product * axis, 1);
      const values = run.arena.read(tensor.data, size);
      return [path, { type: 'F32' as const, shape: tensor.shape, bytes: new Uint8Array(values.buffer) }];
    }),
  );
  const again = await reopenRun(spec, readTrace(text), { tensors: weights, metadata: {} }, { exact: true });
  expect(report.findings[0]!.id).toBe('vanishing');
  expect(diagnose(again)).toEqual(report);
});

it('refuses the trace of another network', async () => {
  const run = await openRun({ ...spec, steps: 1 }, { exact: true });
  for (const _ of train(run));
  const other = { ...spec, model: { ...spec.model, depth: 5 } };
  await expect(reopenRun(other, readTrace(writeTrace(run.trace)))).rejects.toThrow(
    /another network: it has 13 sites .* the spec makes 6/,
  );
});

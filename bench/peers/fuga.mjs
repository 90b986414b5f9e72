// Ours, as a user calls it.
import * as engine from '@fuga/engine';
import { specOf, workloads } from '../workloads.mjs';
import { report } from './turns.mjs';

await report(async (name) => {
  const run = await engine.openRun(specOf(workloads[name], 1e6), { exact: process.argv[3] === 'simd' });
  const steps = engine.train(run);
  return () => void steps.next();
});

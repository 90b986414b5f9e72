import { diagnose, openRun } from '@fuga/engine';
import { drive } from './drive.js';
import { factsOf, given, startFrom, timeFlowOf } from './facts.js';
import { subjectOf } from '../network.js';
import type { DiagnoseJob, Hooks, Outcome } from './task.js';

/** Looks at a network's gradients at its init and over a short window of training. */
export async function run(job: DiagnoseJob, hooks: Hooks): Promise<Outcome> {
  const start = performance.now();
  const { exact, window, language } = job;
  const { spec, data } = await subjectOf(job);
  const run = await openRun(spec, { exact, window, ...given(data) });
  startFrom(run, job.weights);
  const told = (interrupted: boolean): Outcome => ({
    kind: 'diagnosed',
    spec: run.spec,
    report: diagnose(run, { language }),
    facts: factsOf(run, start, window, null),
    time: timeFlowOf(run),
    interrupted,
  });
  const interrupted = await drive(run, { window, hooks, snapshot: () => told(true) });
  return told(interrupted);
}

import { diagnose, openRun } from '@fuga/engine';
import { drive } from './drive.js';
import { factsOf, given, timeFlowOf } from './facts.js';
import type { DiagnoseJob, Hooks, Outcome } from './task.js';

/** Looks at a network's gradients at its init and over a short window of training. */
export async function run(job: DiagnoseJob, hooks: Hooks): Promise<Outcome> {
  const start = performance.now();
  const { spec, exact, window, language } = job;
  const run = await openRun(spec, { exact, window, ...given(job.data) });
  const told = (interrupted: boolean): Outcome => ({
    kind: 'diagnosed',
    report: diagnose(run, { language }),
    facts: factsOf(run, start, window, null),
    time: timeFlowOf(run),
    interrupted,
  });
  const interrupted = await drive(run, { window, hooks, snapshot: () => told(true) });
  return told(interrupted);
}

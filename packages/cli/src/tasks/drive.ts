import { train, type Run } from '@fuga/engine';
import type { Hooks, Outcome, Progress } from './task.js';

/** How often progress is sent, and how often the thread listens whether it should stop. */
const BEAT_MS = 40;
/** From this on a stop might come too late for a step to end: every step then sends what could be told. */
const SLOW_STEP_MS = 60;

/** What to do besides stepping. */
export interface Drive {
  /** Stop after so many steps. */
  readonly window: number;
  readonly hooks: Hooks;
  /** What could be told now. */
  readonly snapshot: () => Outcome;
  /** Called after every step; may say a metric. */
  readonly afterStep?: (step: number) => Progress['metric'];
}

/** Steps a run until its window or its spec is done, or somebody says stop; gives whether it was stopped. */
export async function drive(run: Run, { window, hooks, snapshot, afterStep }: Drive): Promise<boolean> {
  const steps = Math.min(window, run.spec.steps);
  let beat = performance.now();
  let metric: Progress['metric'] = null;
  if (run.trace.steps >= steps) return false;
  for (const { step, loss } of train(run)) {
    metric = afterStep?.(step) ?? metric;
    const now = performance.now();
    const slow = run.trace.timing.stepMs > SLOW_STEP_MS;
    if (now - beat > BEAT_MS || slow || step >= steps) {
      beat = now;
      const { stepMs } = run.trace.timing;
      hooks.progress({ step, steps, loss, stepMs, metric, snapshot: slow ? snapshot() : null });
      metric = null;
      await new Promise((resolve) => setImmediate(resolve)); // hear whether to stop
      if (step < steps && hooks.cancelled()) return true;
    }
    if (step >= steps) break;
  }
  return false;
}

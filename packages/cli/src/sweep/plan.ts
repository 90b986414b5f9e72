import { EngineError, openRun, train, type Shard } from '@fuga/engine';
import { fileDataOf } from '../data/fileData.js';
import { given } from '../tasks/facts.js';
import { resolveTrial, type LoadedSweep } from './sweepFile.js';

/** What a sweep would take, by measuring a few steps of a few of its trials. */
export interface SweepPlan {
  readonly format: 'fuga-sweep-plan-1';
  readonly name: string;
  readonly sweep: string;
  readonly trials: number;
  readonly axes: readonly { readonly path: string; readonly values: number | 'random' }[];
  readonly steps: number;
  readonly memory: { readonly bytes: number; readonly trial: number };
  readonly time: {
    readonly stepMs: number;
    readonly trialSeconds: number;
    readonly totalSeconds: number;
    readonly workers: number;
  };
  /** Trials that were measured. */
  readonly measured: number;
  readonly refused: readonly { readonly trial: number; readonly reason: string }[];
}

const MOST_MEASURED = 8;
const MEASURE_MS = 400;
const LEAST_STEPS = 2;

/** Opens trials spread evenly over the sweep, runs each for a moment, and reckons up. */
export async function planSweep(
  { sweep, hash }: LoadedSweep,
  shard: Shard,
  exact: boolean,
  workers: number,
): Promise<SweepPlan> {
  const trials = sweep.count(shard);
  let [bytes, largest, stepSum, secondsSum, measured, steps] = [0, 0, 0, 0, 0, 0];
  const refused: { trial: number; reason: string }[] = [];
  for (const index of spread(sweep.size, MOST_MEASURED)) {
    const trial = sweep.trial(index);
    if (!trial) continue;
    try {
      const { spec } = await resolveTrial(trial);
      const data = await fileDataOf(spec);
      const opening = performance.now();
      const run = await openRun(spec, { exact, ...given(data) });
      const opened = performance.now() - opening;
      if (run.memory.total > bytes) [bytes, largest] = [run.memory.total, index];
      const [stepMs] = measure(run, spec.steps);
      stepSum += stepMs;
      steps += spec.steps;
      secondsSum += (opened + stepMs * spec.steps) / 1000;
      measured++;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      refused.push({ trial: index, reason: error.message });
    }
  }
  const trialSeconds = measured > 0 ? secondsSum / measured : 0;
  return {
    format: 'fuga-sweep-plan-1',
    name: sweep.name,
    sweep: hash,
    trials,
    axes: sweep.axes.map(({ path, length, random }) => ({ path, values: random ? 'random' : length })),
    steps: measured > 0 ? Math.round(steps / measured) : 0,
    memory: { bytes, trial: largest },
    time: {
      stepMs: measured > 0 ? stepSum / measured : 0,
      trialSeconds,
      totalSeconds: (trialSeconds * trials) / workers,
      workers,
    },
    measured,
    refused,
  };
}

/** Mean time of a step: the first, which warms up, is not counted where there are others. */
function measure(run: Parameters<typeof train>[0], steps: number): [number] {
  const start = performance.now();
  let [first, count] = [NaN, 0];
  for (const _ of train(run)) {
    const elapsed = performance.now() - start;
    if (++count === 1) first = elapsed;
    if (count >= Math.min(LEAST_STEPS, steps) && elapsed > MEASURE_MS) break;
  }
  if (count === 0) return [0];
  return [count === 1 ? first : (performance.now() - start - first) / (count - 1)];
}

/** At most `most` whole numbers from 0 to `size`, exclusive: the ends and evenly between, each once. */
function spread(size: number, most: number): number[] {
  const count = Math.min(size, most);
  return [
    ...new Set(
      Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((i * (size - 1)) / (count - 1)))),
    ),
  ];
}

import { EngineError, loadWeights, readSafetensors, type evaluate, type Run } from '@fuga/engine';
import type { GivenData, RunFacts, TimeFlow } from './task.js';

/** Facts of a run as it stands. */
export function factsOf(
  run: Run,
  start: number,
  window: number,
  score: ReturnType<typeof evaluate> | null,
): RunFacts {
  const { trace, memory, spec, variant } = run;
  const { id, title, better } = trace.metric;
  return {
    name: spec.name,
    parameters: trace.parameters,
    sites: trace.sites.length,
    memory,
    kernels: variant,
    steps: trace.steps,
    wantedSteps: Math.min(window, spec.steps),
    stepMs: trace.timing.stepMs,
    probeShare: trace.timing.probeShare,
    elapsedMs: performance.now() - start,
    loss: { first: trace.losses[0] ?? NaN, last: trace.losses.at(-1) ?? NaN },
    losses: thinned(trace.losses, 256),
    stopped: trace.stopped,
    metric: score && { id, title, better, value: score.metric, samples: score.samples },
  };
}

/** The gradient's way back through time at the init, for sites with a time axis. */
export function timeFlowOf({ trace }: Run): TimeFlow {
  const first = trace.records[0];
  if (!first) return {};
  return Object.fromEntries(
    Object.entries(first.time).map(([site, values]) => [trace.sites[Number(site)]!.name, Array.from(values)]),
  );
}

/** At most so many values, evenly taken, the last one included. */
function thinned(values: readonly number[], most: number): number[] {
  if (values.length <= most) return [...values];
  return Array.from({ length: most }, (_, i) => values[Math.round((i * (values.length - 1)) / (most - 1))]!);
}

export type Given = { readonly data: GivenData } | Record<never, never>;

/** Options of `openRun` for data that may have been read from a file. */
export function given(data: GivenData | null): Given {
  return data ? { data } : {};
}

/** Puts the job's weights, where it brings some, in place of those that the init drew. */
export function startFrom(run: Run, weights: Uint8Array | null): void {
  if (!weights) return;
  try {
    loadWeights(run, readSafetensors(weights));
  } catch (error) {
    // The option as a path, so that the message is not taken for one about the spec.
    throw error instanceof EngineError ? new EngineError(error.code, error.reason, ['--weights']) : error;
  }
}

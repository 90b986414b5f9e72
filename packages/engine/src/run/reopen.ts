import { EngineError } from '../core/errors.js';
import type { SafeTensors } from '../formats/safetensors.js';
import { openRun, type Run, type RunOptions } from './run.js';
import type { Trace } from './trace.js';
import { loadWeights } from './weights.js';

/**
 * A run of the past as it stood at its end: opened by its spec, with the trace that it left and, where they were kept,
 * its weights. It can be diagnosed and scored; it is not trained on.
 *
 * Errors: as `openRun`; `DATA` where the trace is of another network than the spec, or the weights do not fit.
 *
 * @example
 * diagnose(await reopenRun(spec, readTrace(text), readSafetensors(bytes)));
 */
export async function reopenRun(
  spec: unknown,
  trace: Trace,
  weights: SafeTensors | null = null,
  options: RunOptions = {},
): Promise<Run> {
  const run = await openRun(spec, options);
  const { sites } = run.trace;
  const same =
    sites.length === trace.sites.length && sites.every(({ name }, i) => name === trace.sites[i]!.name);
  if (!same) {
    throw new EngineError(
      'DATA',
      `the trace is of another network: it has ${trace.sites.length} sites (${trace.sites[0]?.name ?? 'none'}, …), the spec makes ${sites.length} (${sites[0]?.name ?? 'none'}, …)`,
    );
  }
  if (weights) loadWeights(run, weights);
  // The sites are kept as recorded here: those of a file may lack what a newer engine knows of them.
  Object.assign(run.trace, { ...trace, sites });
  return run;
}

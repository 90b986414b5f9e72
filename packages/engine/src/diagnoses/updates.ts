import { median, type Evidence } from './evidence.js';
import { profile, type TraceRecord } from '../run/trace.js';
import { sizeOf } from '../core/shape.js';

/**
 * A step's size against the weights': median over the sites of ‖Δw‖ / max(‖w‖, natural ‖w‖), the natural norm being that
 * of weights of variance 1 / fanIn. (Against tiny weights any step looks large, and does no harm.)
 */
function updateAt({ trace, sites }: Evidence, record: TraceRecord): number {
  const ratios = profile(trace, 'updateRatio', record);
  const norms = profile(trace, 'parameterNorm', record);
  return median(
    sites.map(({ index, info }) => {
      const natural = Math.sqrt(
        info.parameters.reduce(
          (sum, { shape, fanIn }) => (shape.length > 1 ? sum + sizeOf(shape) / fanIn : sum),
          0,
        ),
      );
      return (ratios[index]! * norms[index]!) / Math.max(norms[index]!, natural);
    }),
  );
}

/** Size of the first step. */
export function firstUpdate(evidence: Evidence): number {
  return updateAt(evidence, evidence.initial);
}

/** Median size of the steps of the window. */
export function usualUpdate(evidence: Evidence): number {
  return median(evidence.window.map((record) => updateAt(evidence, record)));
}

/** Size of the largest recorded step with a finite loss. */
export function largestUpdate(evidence: Evidence): number {
  const steps = evidence.trace.records
    .filter(({ loss }) => Number.isFinite(loss))
    .map((record) => updateAt(evidence, record));
  return Math.max(0, ...steps.filter(Number.isFinite));
}

/** Largest norm of the whole gradient over its first value. */
export function gradientGrowth({ trace, initial }: Evidence): number {
  const norms = trace.records.map(({ gradNorm }) => gradNorm).filter(Number.isFinite);
  return Math.max(...norms) / initial.gradNorm;
}

/** A learning rate at which a step would change the weights by `target` of their size, in one digit. */
export function suggestRate(lr: number, update: number, target: number): number {
  const wanted = update > 0 && Number.isFinite(update) ? (lr * target) / update : lr / 10;
  return Number(wanted.toPrecision(1));
}

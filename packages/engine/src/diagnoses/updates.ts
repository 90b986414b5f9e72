import { median, type Evidence } from './evidence.js';
import { profile } from '../run/trace.js';

/** Median over the sites of the first step's update : weight. */
export function firstUpdate({ trace, initial }: Evidence): number {
  return median([...profile(trace, 'updateRatio', initial)]);
}

/** Median over the window of the median over the sites. */
export function usualUpdate({ trace, window }: Evidence): number {
  return median(window.map((record) => median([...profile(trace, 'updateRatio', record)])));
}

/** Largest median update : weight of any record with a finite loss. */
export function largestUpdate({ trace }: Evidence): number {
  return Math.max(
    0,
    ...trace.records
      .filter(({ loss }) => Number.isFinite(loss))
      .map((record) => median([...profile(trace, 'updateRatio', record)]))
      .filter(Number.isFinite),
  );
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

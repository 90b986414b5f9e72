import type { Evidence, SiteEvidence } from './evidence.js';
import { median } from './evidence.js';
import { LEAST_DECADES } from './flow.js';
import type { TraceRecord } from '../run/trace.js';

/** How the gradient fares on its way back through time in one recurrent layer. */
export interface TimeFlow {
  readonly site: SiteEvidence;
  /** log₁₀ of rms(gradient) at the first step over that at the last. */
  readonly decades: number;
  readonly steps: number;
  /** What one step multiplies rms(gradient) by, as a geometric mean. */
  readonly perStep: number;
}

/**
 * The flow through time of each recurrent layer that gives only its last state: there the gradient comes in at the
 * last step and must reach the first. (Where every step has an output, every step has a gradient of its own.)
 *
 * A cell with two states (LSTM) passes the gradient on by the one that keeps more of it.
 */
export function timeFlows(evidence: Evidence, when: 'initial' | 'window'): TimeFlow[] {
  const records = when === 'initial' ? [evidence.initial] : evidence.window;
  return evidence.sites.flatMap((site) => {
    const { steps, options } = site.info;
    if (steps === null || steps < 2 || options['returns'] !== 'last') return [];
    const decades = median(records.map((record) => decadesIn(record, site)));
    if (Number.isNaN(decades)) return [];
    return [{ site, decades, steps, perStep: 10 ** (decades / (steps - 1)) }];
  });
}

function decadesIn(record: TraceRecord, { index }: SiteEvidence): number {
  const walks = Object.entries(
    record.details?.[index]?.states ?? { hidden: record.time[index] ?? new Float64Array() },
  );
  // Only the top layer's walks get their gradient at the end alone: the labels of lower ones come first.
  const top = walks.at(-1)?.[0].match(/l\d+/)?.[0] ?? '';
  const kept = walks
    .filter(([label]) => label.includes(top))
    .map(([label, gradients]) => {
      const [start, end] = [gradients[0] ?? NaN, gradients.at(-1) ?? NaN];
      const ratio = label.includes('reverse') ? end / start : start / end;
      return Math.max(LEAST_DECADES, Math.log10(ratio));
    });
  const known = kept.filter((value) => !Number.isNaN(value));
  return known.length > 0 ? Math.max(...known) : NaN;
}

import {
  Lens,
  logBins,
  probeIds,
  profile,
  type EventHistogram,
  type Run,
  type SiteSpread,
  type StepEvents,
  type Trace,
} from '@fuga/engine';

/** The spread of every site's numbers in one step. */
export interface SpreadRecord {
  readonly step: number;
  readonly spreads: readonly SiteSpread[];
}

const MOST = 24;

/** Looks closely at some of the steps that are recorded anyway: at most about 24, evenly over the run. */
export class HistogramTap {
  readonly records: SpreadRecord[] = [];
  readonly #run: Run;
  readonly #every: number;
  #lens: Lens | null = null;

  constructor(run: Run) {
    this.#run = run;
    const { every } = run.trace;
    this.#every = every * Math.max(1, Math.ceil(run.spec.steps / every / MOST));
  }

  /** Called before each step: whether to look at it. */
  before(): void {
    const { trace, spec, recorder } = this.#run;
    const due = trace.steps % this.#every === 0 || trace.steps === spec.steps - 1;
    this.#lens = due ? new Lens(this.#run) : null;
    recorder.companion = this.#lens;
  }

  /** Called after each step. */
  after(): void {
    if (this.#lens) this.records.push({ step: this.#run.trace.steps - 1, spreads: this.#lens.spreads });
  }
}

/** A run's trace as TensorBoard's scalars (every probe at every site) and histograms (of every site). */
export function* traceEvents(
  trace: Trace,
  spreads: readonly SpreadRecord[],
): Generator<StepEvents, void, void> {
  const bySteps = new Map(spreads.map((record) => [record.step, record.spreads]));
  for (const record of trace.records) {
    const scalars: Record<string, number> = { loss: record.loss, lr: record.lr, gradNorm: record.gradNorm };
    for (const id of probeIds) {
      profile(trace, id, record).forEach((value, s) => {
        // A probe that does not apply at a site says NaN there.
        if (!Number.isNaN(value)) scalars[`${id}/${trace.sites[s]!.name}`] = value;
      });
    }
    const histograms = histogramsOf(trace, bySteps.get(record.step) ?? []);
    // A run has no time of its own; a second a step keeps TensorBoard's relative axis readable.
    yield { step: record.step, time: record.step, scalars, histograms };
  }
  for (const { step, value } of trace.metrics)
    yield { step, time: step, scalars: { [`test ${trace.metric.id}`]: value } };
}

function histogramsOf(
  trace: Trace,
  spreads: readonly (SiteSpread | undefined)[],
): Record<string, EventHistogram> {
  const out: Record<string, EventHistogram> = {};
  spreads.forEach((spread, s) => {
    if (!spread) return;
    const { name } = trace.sites[s]!;
    const { low, high, counts } = spread.activation;
    const width = (high - low) / counts.length;
    const activation = histogram(Array.from(counts), low, width);
    if (activation) out[`activation/${name}`] = activation;
    // Magnitudes span decades: their logarithm is what can be looked at.
    const step = Math.log10(4);
    for (const kind of ['gradient', 'parameters'] as const) {
      const bins = spread[kind];
      const drawn =
        bins && histogram(Array.from(bins.subarray(0, logBins.count)), logBins.first * step, step);
      if (drawn) out[`log10 |${kind}|/${name}`] = drawn;
    }
  });
  return out;
}

/** Equal bins from `low`; empty ones at the ends are left out. Sums are of the bins' middles. Null where all are empty. */
function histogram(counts: readonly number[], low: number, width: number): EventHistogram | null {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0 || !(width > 0)) return null;
  const last = counts.findLastIndex((count) => count > 0);
  let [sum, sumSquares] = [0, 0];
  const limits: number[] = [];
  for (let i = first; i <= last; i++) {
    const middle = low + (i + 0.5) * width;
    sum += counts[i]! * middle;
    sumSquares += counts[i]! * middle * middle;
    limits.push(low + (i + 1) * width);
  }
  return {
    min: low + first * width,
    max: low + (last + 1) * width,
    sum,
    sumSquares,
    limits,
    counts: counts.slice(first, last + 1),
  };
}

/** Text of a file of spreads; counts are short lists of whole numbers. */
export function writeSpreads(records: readonly SpreadRecord[]): string {
  return JSON.stringify(records, (_, value: unknown) =>
    value instanceof Uint32Array ? Array.from(value) : value,
  );
}

/** What `writeSpreads` wrote. */
export function readSpreads(text: string): SpreadRecord[] {
  const records = JSON.parse(text) as SpreadRecord[];
  const counts = (list: unknown) => (list === null ? null : Uint32Array.from(list as number[]));
  return records.map(({ step, spreads }) => ({
    step,
    spreads: spreads.map((spread) => ({
      activation: { ...spread.activation, counts: counts(spread.activation.counts)! },
      gradient: counts(spread.gradient),
      parameters: counts(spread.parameters),
    })),
  }));
}

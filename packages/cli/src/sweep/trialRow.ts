import { diagnose, evaluate, probeIds, profile, type Run, type TraceRecord } from '@fuga/engine';

/** What a trial tells: plain data, the same on every machine for the same spec and kernels. No times in it. */
export interface TrialRow {
  readonly verdict: 'healthy' | 'unhealthy';
  readonly findings: readonly {
    readonly id: string;
    readonly severity: number;
    readonly sites: readonly string[];
    readonly message: string;
  }[];
  readonly lossFirst: number;
  readonly lossLast: number;
  /** Loss and metric over the test samples. */
  readonly testLoss: number;
  readonly metric: { readonly id: string; readonly value: number; readonly better: 'higher' | 'lower' };
  readonly steps: number;
  readonly stopped: string | null;
  readonly parameters: number;
  readonly kernels: string;
  /** Per layer of the hidden stack at initialisation; see `flowOf`. */
  readonly gradientFactor: number;
  readonly gradientDecades: number;
  readonly forwardDecades: number;
  /** Outermost sites, first to last: rms of gradient and activation in the first and in the last record. */
  readonly flow: {
    readonly gradient: readonly number[];
    readonly activation: readonly number[];
    readonly gradientLast: readonly number[];
  };
}

/** How long it took: kept beside the row, because it is different every time. */
export interface TrialTiming {
  readonly ms: number;
  readonly stepMs: number;
  readonly probeShare: number;
}

const MOST_SITES = 256;
const MOST_NAMES = 3;

/** Reads a finished run. */
export function rowOf(run: Run): TrialRow {
  const { trace } = run;
  const report = diagnose(run);
  const score = evaluate(run);
  const [first, last] = [trace.records[0], trace.records.at(-1)];
  const outer = trace.sites.flatMap(({ parent }, s) => (parent === null ? [s] : []));
  const read = (probe: 'gradientRms' | 'activationRms', record: TraceRecord | undefined) => {
    const values = record && profile(trace, probe, record);
    return values ? outer.map((s) => short(values[s]!)) : [];
  };
  const gradient = read('gradientRms', first);
  const activation = read('activationRms', first);
  const hidden = gradient.length > 2 ? gradient.length - 1 : gradient.length;
  const gradientDecades = decades(gradient[hidden - 1], gradient[0]);
  return {
    verdict: report.verdict,
    findings: report.findings.map(({ id, severity, sites, message }) => ({
      id,
      severity,
      sites: sites.slice(0, MOST_NAMES),
      message,
    })),
    lossFirst: trace.losses[0] ?? NaN,
    lossLast: trace.losses.at(-1) ?? NaN,
    testLoss: score.loss,
    metric: { id: trace.metric.id, value: score.metric, better: trace.metric.better },
    steps: trace.steps,
    stopped: trace.stopped?.reason ?? null,
    parameters: trace.parameters,
    kernels: run.variant,
    gradientFactor: hidden > 1 ? 10 ** (gradientDecades / (hidden - 1)) : NaN,
    gradientDecades,
    forwardDecades: decades(activation[0], activation[hidden - 1]),
    flow: {
      gradient: thinned(gradient),
      activation: thinned(activation),
      gradientLast: thinned(read('gradientRms', last)),
    },
  };
}

/**
 * log10(to / from). Of the gradient: from the last hidden layer (the output layer's gradient is the loss's own) back
 * to the first; negative where it vanishes on the way. Of the signal: from the first to the last hidden layer.
 */
function decades(from: number | undefined, to: number | undefined): number {
  return from === undefined || to === undefined ? NaN : Math.log10(to / from);
}

/** Six digits are more than a picture or a factor needs, and half the journal. */
function short(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : value;
}

/** At most 256 points of a profile: the first, the last, and evenly between. */
function thinned(values: readonly number[]): number[] {
  if (values.length <= MOST_SITES) return [...values];
  return Array.from(
    { length: MOST_SITES },
    (_, i) => values[Math.round((i * (values.length - 1)) / (MOST_SITES - 1))]!,
  );
}

/** Bytes that one record of a run's trace takes, for estimates of what keeping it costs. */
export function recordBytes(sites: number): number {
  return 8 * sites * probeIds.length;
}

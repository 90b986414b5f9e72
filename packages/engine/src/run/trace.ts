import type { Shape } from '../core/shape.js';
import * as probes from '../probes/index.js';

/** Names of the probes on the shelf. */
export type ProbeId = keyof typeof probes;

/** Ids of the probes, in the order of a record's values. */
export const probeIds = Object.keys(probes) as readonly ProbeId[];

/** What is known of a site without running anything. */
export interface SiteInfo {
  readonly name: string;
  readonly type: string;
  /** 1 for the site next to the input. */
  readonly depth: number;
  /** Index of the site that contains it, or null. */
  readonly parent: number | null;
  readonly factor: 'weights' | 'normalization' | 'skip';
  readonly options: Readonly<Record<string, unknown>>;
  readonly activation: { readonly fn: string; readonly options: Readonly<Record<string, unknown>> } | null;
  /** Shapes of output and input without the batch axis. */
  readonly shape: Shape;
  readonly inputShape: Shape;
  /** Its own parameters: name, shape, fans. */
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: Shape;
    readonly fanIn: number;
    readonly fanOut: number;
  }[];
  /** Numbers of its own, as `details.meters` holds them. */
  readonly meters?: readonly {
    readonly id: string;
    readonly title: string;
    readonly unit: string;
    readonly labels: readonly string[];
  }[];
  /** Length of its time axis, or null. */
  readonly steps: number | null;
}

/** What one site tells in a record beside the probes. */
export interface SiteDetails {
  /** By walk (`hidden`, `cell`): rms of the gradient with respect to the state at each step. */
  readonly states: Readonly<Record<string, Float64Array>>;
  /** By meter (`gateSaturation`, `headEntropy`): one number a label. */
  readonly meters: Readonly<Record<string, Float64Array>>;
  /** By part (`branchIn`, `branchOut`): rms of the gradient there. */
  readonly parts: Readonly<Record<string, number>>;
}

/** What was measured in one step. */
export interface TraceRecord {
  readonly step: number;
  readonly loss: number;
  readonly lr: number;
  /** Norm of the gradient over all parameters, before clipping. */
  readonly gradNorm: number;
  /**
   * Cosine between the step taken here and the one that the next batch's gradient asks for: above 0 they agree, near
   * −1 the step went too far and is undone. Absent where there was no next step.
   */
  turn?: number;
  /** Probe by probe, then site by site: `values[p * sites + s]`. */
  readonly values: Float64Array;
  /** For sites with a time axis, by the site's index: rms of the gradient with respect to each hidden state. */
  readonly time: Readonly<Record<number, Float64Array>>;
  /** By the site's index, for sites that have more to tell. */
  readonly details?: Readonly<Record<number, SiteDetails>>;
}

/** A test score taken during a run. */
export interface MetricRecord {
  readonly step: number;
  readonly value: number;
}

/** The record of a run: plain data that crosses workers and files. */
export interface Trace {
  readonly sites: readonly SiteInfo[];
  /** Number of classes or outputs, batch size and other facts that diagnoses need. */
  readonly batch: number;
  readonly parameters: number;
  /** Losses of the steps 0, lossEvery, 2 lossEvery, …; each is the mean over its lossEvery steps. */
  losses: number[];
  lossEvery: number;
  /** Steps done. */
  steps: number;
  records: TraceRecord[];
  /** Every how many steps a record is made. */
  every: number;
  readonly metric: { readonly id: string; readonly title: string; readonly better: 'higher' | 'lower' };
  metrics: MetricRecord[];
  /** Why the run ended before its steps were done: the first step whose loss was not finite. */
  stopped: { readonly step: number; readonly reason: 'nonFinite' } | null;
  /** Time, for people: not part of what must be equal between machines. */
  timing: { stepMs: number; probeShare: number };
}

/** One probe's values at every site, first to last, in one record. */
export function profile(trace: Trace, probe: ProbeId, record: TraceRecord): Float64Array {
  const sites = trace.sites.length;
  const at = probeIds.indexOf(probe) * sites;
  return record.values.subarray(at, at + sites);
}

/** One probe at one site over all records. */
export function course(trace: Trace, probe: ProbeId, site: number): Float64Array {
  const at = probeIds.indexOf(probe) * trace.sites.length + site;
  return Float64Array.from(trace.records, ({ values }) => values[at]!);
}

const MOST_RECORDS = 512;
const MOST_LOSSES = 8192;

/** Adds a record; past 512 every other one is dropped and only every other step is recorded from then on. */
export function addRecord(trace: Trace, record: TraceRecord): void {
  trace.records.push(record);
  if (trace.records.length <= MOST_RECORDS) return;
  trace.records = trace.records.filter((_, i) => i % 2 === 0);
  trace.every *= 2;
}

/** Adds a step's loss, halving the resolution when the list is full: memory stays bounded for any run. */
export function addLoss(trace: Trace, step: number, loss: number): void {
  const slot = Math.floor(step / trace.lossEvery);
  const within = step % trace.lossEvery;
  trace.losses[slot] =
    within === 0 ? loss : trace.losses[slot]! + (loss - trace.losses[slot]!) / (within + 1);
  if (trace.losses.length <= MOST_LOSSES) return;
  const halved: number[] = [];
  for (let i = 0; i + 1 < trace.losses.length; i += 2)
    halved.push((trace.losses[i]! + trace.losses[i + 1]!) / 2);
  trace.losses = halved;
  trace.lossEvery *= 2;
}

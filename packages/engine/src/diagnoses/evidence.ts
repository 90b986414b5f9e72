import type { Run } from '../run/run.js';
import {
  profile,
  probeIds,
  type ProbeId,
  type SiteInfo,
  type Trace,
  type TraceRecord,
} from '../run/trace.js';
import type { RunSpec } from '../run/spec.js';
import { sizeOf } from '../core/shape.js';
import type { Site } from '../core/site.js';
import { ownerOf, type Tensor } from '../core/tensor.js';
import { examineData, type DataFacts } from './dataFacts.js';
import { equalRows } from './equalRows.js';
import { Looks } from './looks.js';
import { examineLearning, type Learning } from './learning.js';

/** Every probe's number at one site; NaN where it was not measured. */
export type Reading = Readonly<Record<ProbeId, number>>;

/** What is known of one site: its reading at initialisation and the median reading of the training window. */
export interface SiteEvidence {
  readonly index: number;
  readonly info: SiteInfo;
  readonly initial: Reading;
  readonly window: Reading;
  /** Numbers a sample that go in and come out. */
  readonly inputs: number;
  readonly outputs: number;
  /** Sites within it, outermost level only. */
  readonly children: readonly number[];
  /** The site whose output it takes in; null where that is the data, or made of several sites' outputs. */
  readonly source: number | null;
  /** Two or more of its units have the same weights: share of its weight matrices' rows that repeat the first. */
  readonly equalUnits: number;
}

/** All that diagnoses may read: plain numbers about one run. */
export interface Evidence {
  readonly spec: RunSpec;
  readonly trace: Trace;
  readonly sites: readonly SiteEvidence[];
  /** Sites that are within no other, first to last: the chain from the input to the loss. */
  readonly chain: readonly SiteEvidence[];
  readonly initial: TraceRecord;
  /** The later half of the records whose loss is finite: what is judged is a stretch of steps, not one batch. */
  readonly window: readonly TraceRecord[];
  readonly learning: Learning;
  readonly data: DataFacts;
  /** Classes or numbers that the network gives a sample (or a position). */
  readonly classes: number;
  /** Measurements that are taken when asked for. */
  readonly looks: Looks;
}

/** Gathers the evidence of a run that has taken at least one step; null for one that has taken none. */
export function gatherEvidence(run: Run): Evidence | null {
  const { trace, spec } = run;
  const [initial] = trace.records;
  if (!initial) return null;
  const finite = trace.records.filter(({ loss }) => Number.isFinite(loss));
  const later = finite.slice(Math.min(finite.length - 1, Math.max(1, finite.length >> 1)));
  const window = later.length > 0 ? later : [initial];
  const sources = sourcesOf(run.sites);
  const sites = trace.sites.map((info, index): SiteEvidence => {
    const initially = readingAt(trace, initial, index);
    return {
      index,
      info,
      initial: initially,
      window: medianReading(trace, window, index),
      inputs: sizeOf(info.inputShape),
      outputs: sizeOf(info.shape),
      source: sources[index]!,
      children: trace.sites.flatMap(({ parent }, child) => (parent === index ? [child] : [])),
      equalUnits: equalRows(run, index),
    };
  });
  const data = examineData(run);
  return {
    spec,
    trace,
    sites,
    chain: sites.filter(({ info }) => info.parent === null),
    initial,
    window,
    learning: examineLearning(run, data),
    data,
    classes: run.data.outputs,
    looks: new Looks(run),
  };
}

/** For each site, the index of the site that makes its input. */
function sourcesOf(sites: readonly Site[]): (number | null)[] {
  const makers = new Map<Tensor, number>();
  sites.forEach(({ output }, index) => makers.set(ownerOf(output), index));
  const sources: (number | null)[] = [];
  sites.forEach(({ input, parent }, index) => {
    const maker = makers.get(ownerOf(input));
    if (maker !== undefined && maker !== index) sources.push(maker);
    // The first site of a body takes in what its container takes in, behind a fork.
    else sources.push(parent !== null && parent === index - 1 ? sources[parent]! : null);
  });
  return sources;
}

function readingAt(trace: Trace, record: TraceRecord, site: number): Reading {
  return Object.fromEntries(probeIds.map((id) => [id, profile(trace, id, record)[site]!])) as Reading;
}

function medianReading(trace: Trace, records: readonly TraceRecord[], site: number): Reading {
  return Object.fromEntries(
    probeIds.map((id) => [id, median(records.map((record) => profile(trace, id, record)[site]!))]),
  ) as Reading;
}

/** Median of the numbers that are not NaN; NaN where there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

import { settledRecords, type ReadFolder, type SettledRecord } from '../folder.js';
import type { TrialRow } from '../trialRow.js';
import { reportAxes, type ReportAxis } from './axes.js';

/** Something that was measured of each trial, and how pictures show it. */
export interface Measure {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** `signed`: 0 is good, both sides are bad; `high`, `low`: which end is good; `log` of what is positive. */
  readonly kind: 'signed' | 'high' | 'low';
  readonly log: boolean;
  readonly read: (row: TrialRow) => number;
}

/** All finished trials, as short columns. */
export interface Gathered {
  readonly axes: readonly ReportAxis[];
  readonly measures: readonly Measure[];
  readonly trials: readonly GatheredTrial[];
  readonly failed: readonly {
    readonly index: number;
    readonly values: Readonly<Record<string, unknown>>;
    readonly reason: string;
  }[];
  /** Ids of findings, the most frequent first, and what each says. */
  readonly findings: readonly { readonly id: string; readonly count: number }[];
}

export interface GatheredTrial {
  readonly index: number;
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly verdict: string;
  readonly findings: readonly string[];
  /** First site, sentence of the gravest finding. */
  readonly worst: string;
  readonly numbers: Readonly<Record<string, number>>;
  /** log₁₀ rms of the gradient at the outermost sites, first to last, at initialisation. */
  readonly flow: readonly number[];
  readonly stopped: string | null;
  readonly ms: number;
}

const MOST_FLOW = 64;

/** Reads a folder's trials, in order. */
export async function gather({ path, sweep, ledger }: ReadFolder): Promise<Gathered> {
  const trials: GatheredTrial[] = [];
  const failed: Gathered['failed'][number][] = [];
  const counts = new Map<string, number>();
  const seen = new Map<string, unknown[]>();
  const known = new Map<string, Set<string>>();
  let metric: TrialRow['metric'] | null = null;
  for await (const record of settledRecords(path, ledger)) {
    const values = record.values as Record<string, unknown>;
    if (record.kind === 'failed') {
      failed.push({ index: record.index, values, reason: record.reason });
      continue;
    }
    for (const [key, value] of Object.entries(values)) {
      const text = JSON.stringify(value);
      const set = known.get(key) ?? new Set();
      known.set(key, set);
      if (set.has(text)) continue;
      set.add(text);
      seen.set(key, [...(seen.get(key) ?? []), value]);
    }
    const row = record.row as TrialRow;
    metric ??= row.metric;
    for (const { id } of row.findings) counts.set(id, (counts.get(id) ?? 0) + 1);
    trials.push(trialOf(record, row));
  }
  return {
    axes: reportAxes(sweep, seen),
    measures: measuresOf(metric).filter(({ id }) =>
      trials.some(({ numbers }) => Number.isFinite(numbers[id])),
    ),
    trials,
    failed,
    findings: [...counts].map(([id, count]) => ({ id, count })).sort((a, b) => b.count - a.count),
  };
}

function trialOf(record: Extract<SettledRecord, { kind: 'done' }>, row: TrialRow): GatheredTrial {
  const worst = [...row.findings].sort((a, b) => b.severity - a.severity)[0];
  const numbers = Object.fromEntries(measuresOf(row.metric).map(({ id, read }) => [id, read(row)]));
  const { gradient } = row.flow;
  const step = Math.max(1, gradient.length / MOST_FLOW);
  return {
    index: record.index,
    id: record.id,
    values: record.values as Record<string, unknown>,
    verdict: row.verdict,
    findings: row.findings.map(({ id }) => id),
    worst: worst ? worst.message : '',
    numbers,
    flow: Array.from({ length: Math.min(gradient.length, MOST_FLOW) }, (_, i) =>
      Math.log10(gradient[Math.floor(i * step)]!),
    ),
    stopped: row.stopped,
    ms: (record.timing as { ms: number }).ms,
  };
}

function measuresOf(metric: TrialRow['metric'] | null): Measure[] {
  return [
    {
      id: 'gradientDecades',
      title: 'Gradient ratio',
      about:
        'log₁₀ of rms(∂L/∂a) at the first hidden layer over the last, at initialisation: below 0 it vanishes on its way back, above it explodes',
      kind: 'signed',
      log: false,
      read: (row) => row.gradientDecades,
    },
    {
      id: 'forwardDecades',
      title: 'Signal ratio',
      about:
        'log₁₀ of rms(a) at the last hidden layer over the first, at initialisation: below 0 the signal dies on its way in',
      kind: 'signed',
      log: false,
      read: (row) => row.forwardDecades,
    },
    {
      id: 'metric',
      title: metric ? `Test ${metric.id}` : 'Test metric',
      about: 'over the test samples, at the end',
      kind: metric?.better === 'lower' ? 'low' : 'high',
      log: false,
      read: (row) => row.metric.value,
    },
    {
      id: 'lossLast',
      title: 'Loss',
      about: 'of the last step',
      kind: 'low',
      log: true,
      read: (row) => row.lossLast,
    },
    {
      id: 'severity',
      title: 'Severity',
      about: 'of the gravest finding: 0 healthy, 1 hopeless',
      kind: 'low',
      log: false,
      read: (row) => row.findings.reduce((most, { severity }) => Math.max(most, severity), 0),
    },
  ];
}

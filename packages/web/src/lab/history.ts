import type { LabFrame, StepRecord } from '../worker/protocol.js';

/** Numbers that the page keeps of the records, at most: about 24 MB. */
const MOST_NUMBERS = 3e6;
const MOST_RECORDS = 240;
const MOST_LOSSES = 4096;

/** What the page remembers of a run: bounded, thinned out evenly as the run grows. Replaced, never changed. */
export interface History {
  readonly records: readonly StepRecord[];
  /** Every how many steps a record is kept. */
  readonly every: number;
  /** Mean losses of `lossEvery` steps each. */
  readonly losses: Float32Array;
  readonly lossEvery: number;
  readonly steps: number;
  readonly metrics: readonly { readonly step: number; readonly value: number }[];
}

export const emptyHistory: History = {
  records: [],
  every: 1,
  losses: new Float32Array(),
  lossEvery: 1,
  steps: 0,
  metrics: [],
};

/** The history with a frame's news added. */
export function grow(history: History, frame: LabFrame): History {
  const { records, every } = growRecords(history, frame.records);
  return {
    records,
    every,
    ...growLosses(history, frame.losses.values),
    metrics: growMetrics(history, frame),
  };
}

function growRecords(history: History, news: readonly StepRecord[]): Pick<History, 'records' | 'every'> {
  let { every } = history;
  const last = history.records.at(-1)?.step ?? -1;
  let records = [...history.records, ...news.filter(({ step }) => step > last && step % every === 0)];
  const size = records[0]?.values.length ?? 1;
  const most = Math.max(32, Math.min(MOST_RECORDS, Math.floor(MOST_NUMBERS / size)));
  while (records.length > most) {
    every *= 2;
    records = records.filter(({ step }) => step % every === 0);
  }
  return { records, every };
}

function growLosses(history: History, news: Float32Array): Pick<History, 'losses' | 'lossEvery' | 'steps'> {
  let { lossEvery } = history;
  const sums = Array.from(history.losses);
  let steps = history.steps;
  for (const loss of news) {
    const slot = Math.floor(steps / lossEvery);
    const within = steps % lossEvery;
    sums[slot] = within === 0 ? loss : sums[slot]! + (loss - sums[slot]!) / (within + 1);
    steps++;
    if (sums.length > MOST_LOSSES && steps % (2 * lossEvery) === 0) {
      for (let i = 0; 2 * i + 1 < sums.length; i++) sums[i] = (sums[2 * i]! + sums[2 * i + 1]!) / 2;
      sums.length = sums.length >> 1;
      lossEvery *= 2;
    }
  }
  return { losses: Float32Array.from(sums), lossEvery, steps };
}

function growMetrics(history: History, frame: LabFrame): History['metrics'] {
  if (frame.metrics.length === 0) return history.metrics;
  const metrics = [...history.metrics, ...frame.metrics];
  return metrics.length > 400 ? metrics.filter((_, i) => i % 2 === 1) : metrics;
}

import type { Chart } from './examine.js';

/** Scores of the clinic, and the table that is printed. */
export interface Scores {
  readonly patients: number;
  /** Patients whose label the independent criterion does not bear out; they are left out of all the rest. */
  readonly unclear: number;
  /** Sick patients with any finding. */
  readonly recall: number;
  /** Healthy patients without a finding. */
  readonly specificity: number;
  /** Sick patients whose first finding is the right one. */
  readonly root: number;
  /** Patients with one sick layer whose finding names it or a neighbour. */
  readonly culprit: number;
  /** The same of AutoTrainer's rules: any problem in the sick, none in the healthy, the right one. */
  readonly autoTrainer: { readonly recall: number; readonly specificity: number; readonly root: number };
}

/** Whether the independent look agrees with the label: the healthy learn, the sick do not (or not as they should). */
export function isClear({ patient, verdict }: Chart): boolean {
  const { decades64 } = verdict;
  if (patient.roots.length === 0) {
    return verdict.learns && (decades64 === null || (decades64 > -1.5 && decades64 < 1.5));
  }
  if (verdict.learns && (!mayLearn.has(patient.ward) || verdict.progress > LEARNT)) return false;
  if (decades64 === null) return true;
  if (patient.ward === 'vanishing') return decades64 < -1.2;
  if (patient.ward === 'exploding') return decades64 > 0.7;
  return true;
}

/** Diseases that a network can have and learn: what is wrong is a fact about its build, its input or its output. */
const mayLearn = new Set(['unscaledInput', 'saturation', 'exploding']);

/** With so much learned, nobody would call a network sick. */
const LEARNT = 0.9;

export function score(all: readonly Chart[]): Scores {
  const charts = all.filter(isClear);
  const sick = charts.filter(({ patient }) => patient.roots.length > 0);
  const healthy = charts.filter(({ patient }) => patient.roots.length === 0);
  const placed = sick.filter(({ patient }) => patient.culprit !== undefined);
  const share = (list: readonly Chart[], test: (chart: Chart) => boolean) =>
    list.length === 0 ? NaN : list.filter(test).length / list.length;
  return {
    patients: charts.length,
    unclear: all.length - charts.length,
    recall: share(sick, ({ found }) => found.length > 0),
    specificity: share(healthy, ({ found }) => found.length === 0),
    root: share(sick, isRight),
    culprit: share(
      placed,
      ({ culprit, patient }) => culprit !== null && Math.abs(culprit - patient.culprit!) <= 1,
    ),
    autoTrainer: {
      recall: share(sick, ({ autoTrainer }) => autoTrainer.any),
      specificity: share(healthy, ({ autoTrainer }) => !autoTrainer.any),
      root: share(sick, ({ autoTrainer }) => autoTrainer.right),
    },
  };
}

export function isRight({ found, patient }: Chart): boolean {
  const [first] = found;
  return patient.roots.length === 0
    ? first === undefined
    : first !== undefined && patient.roots.includes(first);
}

/** One row a ward: how many, how often found, how often right, what else was said. */
export function confusionMatrix(all: readonly Chart[]): string {
  const wards = [...new Set(all.map(({ patient }) => patient.ward))];
  const rows = wards.map((ward) => {
    const charts = all.filter(({ patient }) => patient.ward === ward);
    const clear = charts.filter(isClear);
    const first = new Map<string, number>();
    for (const { found } of clear) {
      const id = found[0] ?? 'healthy';
      first.set(id, (first.get(id) ?? 0) + 1);
    }
    const said = [...first].sort((a, b) => b[1] - a[1]).map(([id, count]) => `${id} ${count}`);
    const right = clear.filter(isRight).length;
    const peer = clear.filter(({ patient, autoTrainer }) =>
      patient.roots.length === 0 ? !autoTrainer.any : autoTrainer.right,
    ).length;
    const unclear = charts.length - clear.length;
    return [
      ward,
      String(clear.length),
      unclear > 0 ? `(+${unclear})` : '',
      `${right}/${clear.length}`,
      `${peer}/${clear.length}`,
      said.join(', '),
    ];
  });
  const head = ['built as', 'n', 'unclear', 'right', 'AutoTrainer', 'first finding'];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export function showScores(scores: Scores): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  return [
    `patients ${scores.patients} (${scores.unclear} left out: the independent criterion does not bear out their label)`,
    `sick with a finding     ${percent(scores.recall)}   AutoTrainer ${percent(scores.autoTrainer.recall)}`,
    `healthy without one     ${percent(scores.specificity)}   AutoTrainer ${percent(scores.autoTrainer.specificity)}`,
    `right root cause first  ${percent(scores.root)}   AutoTrainer ${percent(scores.autoTrainer.root)}`,
    `culprit within a layer  ${percent(scores.culprit)}`,
  ].join('\n');
}

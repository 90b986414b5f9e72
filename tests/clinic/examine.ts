import { diagnose, evaluate, openRun, train, type FindingId, type Run } from '@fuga/engine';
import { anything, autoTrainer, names } from './autoTrainer.js';
import { decadesInFloat64, learns, type Verdict } from './criterion.js';
import type { Patient } from './patient.js';

/** What came of one patient. */
export interface Chart {
  readonly patient: Patient;
  readonly found: readonly FindingId[];
  /** Index, on the outermost level, of the first finding's culprit; null where it names no site. */
  readonly culprit: number | null;
  readonly verdict: Verdict;
  readonly autoTrainer: { readonly any: boolean; readonly right: boolean };
  readonly ms: number;
}

const EPOCHS = 10;

/** Trains, diagnoses, and looks at a patient independently. */
export async function examine(patient: Patient): Promise<Chart> {
  const start = performance.now();
  const run = await openRun(patient.spec);
  const decades64 = decadesInFloat64(run);
  const accuracies: number[] = [];
  const every = Math.max(1, Math.floor(run.spec.steps / EPOCHS));
  for (const { step } of train(run)) if (step % every === 0) accuracies.push(evaluate(run).metric);
  const report = diagnose(run);
  const says = autoTrainer(run, accuracies, zeroGradients(run));
  const site = report.findings[0]?.sites[0];
  const chain = report.sites.filter(({ site: name }) => !name.includes('/'));
  return {
    patient,
    found: report.findings.map(({ id }) => id),
    culprit: site === undefined ? null : chain.findIndex((each) => each.site === site.split('/')[0]),
    verdict: learns(run, decades64),
    autoTrainer: { any: anything(says), right: names(says, patient.roots) },
    ms: performance.now() - start,
  };
}

/** Share of the weight gradients of the last step that are exactly 0. */
function zeroGradients({ parameters, arena }: Run): number {
  let [zeros, all] = [0, 0];
  for (const { tensor } of parameters.trained) {
    if (tensor.shape.length < 2) continue;
    const size = tensor.shape.reduce((a, b) => a * b, 1);
    for (const value of arena.read(tensor.grad, size)) if (value === 0) zeros++;
    all += size;
  }
  return zeros / Math.max(1, all);
}

import { fix } from '@fuga/engine';
import type { Patient } from './patient.js';

/** What came of a treatment. */
export interface Treated {
  readonly id: string;
  /** False where most seeds have no finding: nothing to cure. */
  readonly sick: boolean;
  readonly cured: boolean;
  readonly best: readonly string[];
  readonly seconds: number;
  readonly runs: number;
}

/** Runs `fix` on a patient as a user would, without the second proof under Adam. */
export async function treatPatient({ id, spec }: Patient): Promise<Treated> {
  const start = performance.now();
  let runs = 0;
  const report = await fix(spec, { underAdam: false, onTrial: () => runs++ });
  return {
    id,
    sick: report.before.verdict === 'unhealthy',
    cured: report.cured,
    best: report.best,
    seconds: (performance.now() - start) / 1000,
    runs,
  };
}

/** Share cured and time, in words. */
export function showTreatments(all: readonly Treated[]): string {
  const sick = all.filter(({ sick }) => sick);
  const times = sick.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const cured = sick.filter(({ cured }) => cured).length;
  const lines = sick.filter(({ cured }) => !cured).map(({ id }) => `  not cured: ${id}`);
  return [
    `cured ${cured} of ${sick.length}, median ${times[times.length >> 1]?.toFixed(0) ?? '–'} s, longest ${times.at(-1)?.toFixed(0) ?? '–'} s`,
    ...lines,
  ].join('\n');
}

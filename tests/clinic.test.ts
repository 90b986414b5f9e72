import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { examine, type Chart } from './clinic/examine.js';
import { confusionMatrix, isClear, score, showScores } from './clinic/matrix.js';
import { admit, type Half, type Patient } from './clinic/patient.js';
import { showTreatments, treatPatient, type Treated } from './clinic/treat.js';
import { wards } from './clinic/wards.js';

const whole = process.env['FUGA_CLINIC'] as Half | undefined;
const [shard = 1, shards = 1] = (process.env['FUGA_CLINIC_SHARD'] ?? '1/1').split('/').map(Number);

/** The first patients of every ward; of families that are slow to train, none. */
function sample(): Patient[] {
  const taken = new Map<string, number>();
  return admit(wards, 'tuning').filter(({ ward, family }) => {
    const most = ward === 'healthy' ? 10 : ward.startsWith('healthy') ? 4 : 2;
    const count = taken.get(ward) ?? 0;
    if (count >= most || family === 'resnet' || family === 'transformer' || (family === 'lstm' && count > 0))
      return false;
    taken.set(ward, count + 1);
    return true;
  });
}

const patients = whole ? admit(wards, whole).filter((_, i) => i % shards === shard - 1) : sample();

describe('the clinic', () => {
  test('has at least 300 patients, of every family, and says who they are', () => {
    const all = [...admit(wards, 'tuning'), ...admit(wards, 'heldOut')];
    expect(all.length).toBeGreaterThanOrEqual(300);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const family of ['mlp', 'cnn', 'resnet', 'rnn', 'lstm', 'gru', 'transformer']) {
      expect(all.filter((patient) => patient.family === family).length, family).toBeGreaterThan(3);
    }
    // The two halves share no network.
    const specs = new Set(
      admit(wards, 'tuning').map(({ spec: { name: _, ...spec } }) => JSON.stringify(spec)),
    );
    for (const {
      spec: { name: _, ...spec },
    } of admit(wards, 'heldOut')) {
      expect(specs.has(JSON.stringify(spec))).toBe(false);
    }
  });

  test(
    'finds the sick, leaves the healthy alone, and names the root cause first',
    { timeout: whole ? 3_600_000 : 240_000 },
    async () => {
      const charts: Chart[] = [];
      for (const patient of patients) charts.push(await examine(patient));
      const scores = score(charts);
      const report = `${confusionMatrix(charts)}\n\n${showScores(scores)}`;
      if (whole) process.stdout.write(`\n${whole}\n${report}\n`);
      const out = process.env['FUGA_CLINIC_OUT'];
      if (out) writeFileSync(out, JSON.stringify({ scores, charts }));
      expect(charts.filter(isClear).length / charts.length, report).toBeGreaterThan(0.9);
      expect(scores.recall, report).toBeGreaterThanOrEqual(0.95);
      expect(scores.specificity, report).toBeGreaterThanOrEqual(0.95);
      expect(scores.root, report).toBeGreaterThanOrEqual(0.9);
      expect(scores.culprit, report).toBeGreaterThanOrEqual(0.9);
    },
  );

  const every = Number(process.env['FUGA_CLINIC_FIX'] ?? 0);
  if (every > 0) {
    test('cures the curable', { timeout: 10_800_000 }, async () => {
      const sick = patients
        .filter(({ roots, curable }) => roots.length > 0 && curable !== false)
        .filter((_, i) => i % every === 0);
      const treated: Treated[] = [];
      for (const patient of sick) treated.push(await treatPatient(patient));
      process.stdout.write(`\n${showTreatments(treated)}\n`);
      const ill = treated.filter(({ sick: isSick }) => isSick);
      expect(ill.filter(({ cured }) => cured).length / ill.length).toBeGreaterThanOrEqual(0.97);
    });
  }
});

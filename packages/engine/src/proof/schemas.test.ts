import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../diagnoses/diagnose.js';
import { wordsIn } from '../diagnoses/words/words.js';
import { openRun } from '../run/run.js';
import { train } from '../run/train.js';
import { fix } from './fix.js';

const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false });
const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), 'utf8')) as {
    $defs: { findingId: { enum: string[] }; remedyId: { enum: string[] } };
  };
const schemas = { diagnosis: read('fuga-diagnosis-1'), fix: read('fuga-fix-1') };
const isDiagnosis = ajv.compile(schemas.diagnosis);
const isFix = ajv.compile(schemas.fix);

/** As it is printed and read again. */
const printed = (document: unknown): unknown => JSON.parse(JSON.stringify(document));

const base = { fuga: 1, data: { source: 'digits', batch: 32 }, steps: 40 };
const patients: Record<string, object> = {
  healthy: { ...base, model: { type: 'mlp', depth: 2 }, steps: 100 },
  vanishing: { ...base, model: { type: 'mlp', depth: 10, activation: 'sigmoid' } },
  broken: { ...base, model: { type: 'mlp', depth: 4 }, optimizer: { type: 'sgd', lr: 100 } },
  equal: { ...base, model: { type: 'mlp', depth: 2, init: 'zeros' } },
  residual: { ...base, model: { type: 'mlp', depth: 4, skip: true, norm: 'batch' } },
  recurrent: {
    ...base,
    data: { source: 'sentiment', batch: 8 },
    model: { type: 'lstm', hidden: 8 },
    steps: 5,
  },
};

describe('the documents keep to their schemas', () => {
  for (const [name, spec] of Object.entries(patients)) {
    test(`fuga-diagnosis-1: ${name}`, async () => {
      const run = await openRun(spec);
      for (const _ of train(run));
      isDiagnosis(printed(diagnose(run)));
      expect(isDiagnosis.errors).toBeNull();
    });
  }

  test('fuga-fix-1: cured, and not in need', async () => {
    for (const spec of [patients['vanishing'], patients['healthy']]) {
      isFix(printed(await fix(spec, { seeds: 2, most: 3 })));
      expect(isFix.errors).toBeNull();
    }
  });

  test('a schema that is not kept is noticed', async () => {
    const run = await openRun(patients['vanishing']);
    for (const _ of train(run));
    const report = printed(diagnose(run)) as Record<string, unknown> & {
      findings: Record<string, unknown>[];
    };
    expect(isDiagnosis({ ...report, verdict: 'healthy' })).toBe(false);
    expect(isDiagnosis({ ...report, findings: [{ ...report.findings[0], id: 'cold' }] })).toBe(false);
    expect(isDiagnosis({ ...report, sites: [{}] })).toBe(false);
  });

  test('ids are those of the dictionaries', () => {
    for (const { $defs } of Object.values(schemas)) {
      expect($defs.findingId.enum.slice().sort()).toEqual(Object.keys(wordsIn('en').findings).sort());
      expect($defs.remedyId.enum.slice().sort()).toEqual(Object.keys(wordsIn('en').remedies).sort());
    }
  });
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as activations from '../activations/index.js';
import { criticalLine, meanLogChi, trainableDepth } from './criticalLine.js';
import { nonlinearityOf } from './meanField.js';

interface Golden {
  readonly critical_line: Readonly<Record<string, readonly { q: number; sw2: number; sb2: number }[]>>;
}
const folder = process.env['FUGA_GOLDEN'] ?? new URL('../../../../tests/golden', import.meta.url).pathname;
const golden = JSON.parse(readFileSync(`${folder}/theory.json`, 'utf8')) as Golden;
const phi = (name: 'tanh' | 'erf') => nonlinearityOf(activations[name], {})!;

test.each(['tanh', 'erf'] as const)('the critical line of %s goes through the reference points', (name) => {
  for (const { q, sw2, sb2 } of golden.critical_line[name]!) {
    const [point] = criticalLine(phi(name), q, q, 1);
    expect(point!.sw2).toBeCloseTo(sw2, 6);
    expect(point!.sb2).toBeCloseTo(sb2, 7);
  }
});

test('a line starts at (1, 0) for tanh and never turns back', () => {
  const line = criticalLine(phi('tanh'));
  expect(line[0]!.sw2).toBeCloseTo(1, 3);
  expect(line[0]!.sb2).toBeLessThan(1e-6);
  for (let i = 1; i < line.length; i++) expect(line[i]!.sw2).toBeGreaterThan(line[i - 1]!.sw2);
});

test('a layer’s mean ln χ is 0 on the line, and the depth that can be trained has no end there', () => {
  const { sw2, sb2, q } = criticalLine(phi('tanh'), 0.5, 0.5, 1)[0]!;
  // Inputs that give the fixed variance at once: no transient.
  expect(meanLogChi(phi('tanh'), { sw2, sb2 }, 30, (q - sb2) / sw2)).toBeCloseTo(0, 8);
  expect(trainableDepth(phi('tanh'), { sw2, sb2 })!).toBeGreaterThan(1e4);
  expect(trainableDepth(phi('tanh'), { sw2: 1, sb2: 0.05 })!).toBeLessThan(40);
});

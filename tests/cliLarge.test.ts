import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { DiagnosisReport } from '@fuga/engine';
import { resnet50 } from './resnet50.js';

const binary = join(dirname(fileURLToPath(import.meta.url)), '..', 'packages', 'cli', 'dist', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'fuga-cli-large-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Prints what the process has used when it ends. */
const meter = `data:text/javascript,process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  console.error('used', maxRSS, (userCPUTime + systemCPUTime) / 1e6);
})`;

test('fuga diagnose of a network of ResNet-50’s size at 64 pixels: under a minute and 2 GiB', () => {
  writeFileSync(join(folder, 'resnet50.onnx'), resnet50());
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', meter.replaceAll('\n', ' '), binary, 'diagnose', 'resnet50.onnx', '--json'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  const report = JSON.parse(stdout) as DiagnosisReport;
  expect(report.sites.filter(({ type }) => type === 'conv2d').length).toBe(53);
  for (const { gradient } of report.sites) expect(gradient.norm).toBeGreaterThan(0);
  const [, kilobytes, seconds] = /used (\d+) ([\d.]+)/.exec(stderr) ?? [];
  console.info(
    `${Number(seconds).toFixed(0)} s of processor time, ${(Number(kilobytes) / 1024).toFixed(0)} MiB`,
  );
  // Processor time, all threads together: other tests may run beside this one.
  expect(Number(seconds)).toBeLessThan(60);
  expect(Number(kilobytes)).toBeLessThan(2 * 2 ** 20);
}, 300_000);

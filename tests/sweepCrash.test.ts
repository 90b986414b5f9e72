import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fuga, journalIds, pause, results, writeSweep } from './sweepProcess.js';

/** Kills in this run; the long version is asked for by FUGA_SWEEP_KILLS=1000. */
const KILLS = Number(process.env['FUGA_SWEEP_KILLS'] ?? 0);
const SECONDS = KILLS > 0 ? KILLS * 3 : 18;

let folder: string;
let sweep: string;
let undisturbed: string;
/** How long the whole sweep takes on this machine as loaded as it is, start included. */
let wholeMs: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuga-crash-'));
  sweep = await writeSweep(folder, 60, 120);
  const out = join(folder, 'undisturbed');
  const start = Date.now();
  const { code, stderr } = await fuga(['sweep', sweep, '--out', out, '--workers', '2', '--exact']).ended;
  expect([code, stderr.includes('"failed":0')]).toEqual([0, true]);
  wholeMs = Date.now() - start;
  undisturbed = await results(out);
  expect(undisturbed.trimEnd().split('\r\n')).toHaveLength(61);
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A stream of numbers in [0, 1), the same in every run of the tests. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test(
  'killed at random moments, again and again: no acknowledged trial is lost, none is there twice, the end is the same',
  async () => {
    const random = numbers(7);
    const end = Date.now() + SECONDS * 1000;
    let [kills, sweeps] = [0, 0];
    while (KILLS > 0 ? kills < KILLS : Date.now() < end || sweeps === 0) {
      const out = join(folder, `killed${sweeps++}`);
      const seen = new Set<string>();
      for (let life = 0; ; life++) {
        const process = fuga([
          'sweep',
          sweep,
          '--out',
          out,
          '--workers',
          '2',
          '--exact',
          ...(life > 0 ? ['--resume'] : []),
        ]);
        // Early kills hit the opening of the folder, later ones the middle of trials and of writes.
        const timer = setTimeout(() => process.child.kill('SIGKILL'), wholeMs * (0.1 + 0.8 * random()));
        const { code, stderr } = await process.ended;
        clearTimeout(timer);
        for (const id of process.acknowledged) {
          expect(seen.has(id), `trial ${id} ran again after it was acknowledged`).toBe(false);
          seen.add(id);
        }
        const kept = await journalIds(out).catch((): string[] => []);
        expect(new Set(kept).size).toBe(kept.length);
        for (const id of seen) expect(kept.includes(id), `acknowledged trial ${id} was lost`).toBe(true);
        if (code !== null) {
          expect([code, stderr]).toEqual([0, expect.any(String)]);
          break;
        }
        kills++;
      }
      expect(await results(out)).toBe(undisturbed);
      await rm(out, { recursive: true });
    }
    expect(kills).toBeGreaterThan(3);
    if (KILLS > 0) console.log(`${kills} kills over ${sweeps} sweeps`);
  },
  SECONDS * 2000 + 60_000,
);

test('Ctrl-C keeps what is done and exits with 130; the resumed end is the same', async () => {
  const out = join(folder, 'interrupted');
  const first = fuga(['sweep', sweep, '--out', out, '--workers', '2', '--exact']);
  while (first.acknowledged.length < 5) await pause(20);
  first.child.kill('SIGINT');
  const { code, stdout } = await first.ended;
  expect(code).toBe(130);
  expect(stdout).toMatch(/interrupted; go on with --resume/);
  const partial = (await results(out)).trimEnd().split('\r\n');
  expect(partial.length).toBeGreaterThan(5);
  expect(partial.length).toBeLessThan(61);
  const second = await fuga([
    'sweep',
    sweep,
    '--out',
    out,
    '--workers',
    '2',
    '--exact',
    '--resume',
    '--quiet',
  ]).ended;
  expect(second.code).toBe(0);
  expect(await results(out)).toBe(undisturbed);
});

describe('where results cannot be kept', () => {
  test('a full disk: a clear message, the journal stays whole, and it goes on where there is room again', async () => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    // A disk of 36 KiB of our own, in a mount namespace that ends with the shell; then room, then --resume.
    const script = `
      mount -t tmpfs -o size=36k tmpfs "$DISK" || { echo cannot mount; exit 99; }
      "$@" sweep "$SWEEP" --out "$DISK/out" --workers 2 --exact; echo "first $?"
      mount -o remount,size=16m "$DISK"
      "$@" sweep "$SWEEP" --out "$DISK/out" --workers 2 --exact --resume --quiet; echo "second $?"
      cp "$DISK/out/results.csv" "$DISK/out/journal.jsonl" "$KEEP"`;
    const keep = join(folder, 'kept');
    await mkdir(keep);
    const wrap = [
      'env',
      `DISK=${disk}`,
      `SWEEP=${sweep}`,
      `KEEP=${keep}`,
      'unshare',
      '-rm',
      'sh',
      '-c',
      script,
      'sh',
    ];
    const run = fuga([], wrap);
    const { stdout, stderr } = await run.ended;
    expect(stdout, stderr).toContain('first 1');
    expect(stderr).toMatch(/error: the disk is full: cannot write .*journal\.jsonl\. .*--resume/);
    expect(stdout).toContain('second 0');
    const kept = await journalIds(keep);
    expect(new Set(kept).size).toBe(60);
    expect(kept).toHaveLength(60);
    for (const id of run.acknowledged) expect(kept).toContain(id);
    expect(await results(keep)).toBe(undisturbed);
  });

  test('a read-only file system, and a file in the way', async () => {
    const disk = join(folder, 'readonly');
    await mkdir(disk);
    const script =
      'mount -t tmpfs -o ro tmpfs "$DISK" || { echo cannot mount; exit 99; }; exec "$@" sweep "$SWEEP" --out "$DISK/out"';
    const { code, stderr } = await fuga(
      [],
      ['env', `DISK=${disk}`, `SWEEP=${sweep}`, 'unshare', '-rm', 'sh', '-c', script, 'sh'],
    ).ended;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/read-only file system/)]);
    const blocked = await fuga(['sweep', sweep, '--out', sweep]).ended;
    expect([blocked.code, blocked.stderr]).toEqual([
      1,
      expect.stringMatching(/a part of it is a file, not a folder/),
    ]);
  });

  test('a folder that is deleted meanwhile', async () => {
    const out = join(folder, 'deleted');
    const run = fuga(['sweep', sweep, '--out', out, '--workers', '1']);
    while (run.acknowledged.length < 3) await pause(20);
    await rm(out, { recursive: true });
    const { code, stderr } = await run.ended;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/is gone: the folder was moved or deleted/)]);
  });

  test('a second coordinator on the folder', async () => {
    const out = join(folder, 'shared');
    const first = fuga(['sweep', sweep, '--out', out, '--workers', '1']);
    while (first.acknowledged.length < 1) await pause(20);
    const second = await fuga(['sweep', sweep, '--out', out, '--resume']).ended;
    expect([second.code, second.stderr]).toEqual([
      1,
      expect.stringContaining(`another sweep (process ${first.pid} on`),
    ]);
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
  });
});

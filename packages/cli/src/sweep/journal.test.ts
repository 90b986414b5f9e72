import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  decodeRecord,
  encodeRecord,
  Journal,
  scanJournal,
  type JournalLine,
  type JournalRecord,
} from './journal.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuga-journal-'));
  path = join(folder, 'journal.jsonl');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const header: JournalRecord = {
  kind: 'sweep',
  format: 'fuga-journal-1',
  sweep: 'ab12',
  exact: true,
  name: 'são',
};
const done = (index: number): JournalRecord => ({
  kind: 'done',
  index,
  id: index.toString(16).padStart(16, '0'),
  values: { seed: index, 'model.activation': 'ｔanh\n' },
  row: { loss: index / 3, metric: NaN, best: Infinity, worst: -Infinity, zero: -0 },
  timing: { ms: 1 },
});

async function read(): Promise<{ lines: JournalLine[]; damaged: number; end: number }> {
  const lines: JournalLine[] = [];
  const { damaged, end } = await scanJournal(path, (line) => lines.push(line));
  return { lines, damaged, end };
}

test('what is appended is read back, with numbers that JSON has no word for', async () => {
  const { journal } = await Journal.open(path);
  await journal.append(header);
  await Promise.all([journal.append(done(0)), journal.append(done(1))]);
  await journal.close();
  const { lines, damaged } = await read();
  expect(damaged).toBe(0);
  expect(lines.map(({ kind, index, id }) => [kind, index, id])).toEqual([
    ['sweep', -1, ''],
    ['done', 0, '0000000000000000'],
    ['done', 1, '0000000000000001'],
  ]);
  const record = decodeRecord(lines[2]!.text) as Extract<JournalRecord, { kind: 'done' }>;
  expect(record.values).toEqual({ seed: 1, 'model.activation': 'ｔanh\n' });
  expect(record.row).toEqual({ loss: 1 / 3, metric: NaN, best: Infinity, worst: -Infinity, zero: 0 });
  expect(
    (await readFile(path, 'utf8'))
      .split('\n')
      .slice(0, 3)
      .map((line) => (JSON.parse(line) as { crc: string }).crc),
  ).toHaveLength(3);
});

test('cut at every byte offset, it opens, keeps every whole line, and goes on', async () => {
  const records = [header, done(0), done(1), done(2)];
  const whole = Buffer.from(records.map(encodeRecord).join(''));
  const ends = records.map((_, i) =>
    Buffer.byteLength(
      records
        .slice(0, i + 1)
        .map(encodeRecord)
        .join(''),
    ),
  );
  expect(whole.length).toBeGreaterThan(500);
  for (let offset = 0; offset <= whole.length; offset++) {
    await writeFile(path, whole.subarray(0, offset));
    const before: JournalLine[] = [];
    const { journal, scan } = await Journal.open(path, (line) => before.push(line));
    const kept = ends.filter((end) => end <= offset).length;
    expect([offset, before.length, scan.damaged]).toEqual([offset, kept, 0]);
    await journal.append(done(9));
    await journal.close();
    const { lines, damaged, end } = await read();
    expect([offset, lines.length, damaged]).toEqual([offset, kept + 1, 0]);
    expect(lines.at(-1)!.index).toBe(9);
    expect(end).toBe((await stat(path)).size);
  }
});

test('any flipped byte costs at most its own line (or joins two), and is noticed', async () => {
  const whole = Buffer.from([header, done(0), done(1)].map(encodeRecord).join(''));
  const good = new Set(whole.toString().trimEnd().split('\n'));
  for (let at = 0; at < whole.length - 1; at++) {
    const bytes = Buffer.from(whole);
    bytes[at] = bytes[at]! ^ 0x04;
    await writeFile(path, bytes);
    const { lines, damaged } = await read();
    expect(damaged).toBeGreaterThan(0);
    expect(lines.every(({ text }) => good.has(text))).toBe(true);
    expect(lines.length).toBeGreaterThanOrEqual(1);
  }
});

test('garbage after the end is cut or passed over, never taken for a result', async () => {
  await writeFile(path, encodeRecord(header) + encodeRecord(done(0)));
  await appendFile(path, Buffer.alloc(4096)); // what some file systems leave after a power cut
  const { journal, scan } = await Journal.open(path);
  expect(scan.size - scan.end).toBe(4096);
  await journal.append(done(1));
  await journal.close();
  expect((await read()).lines.map(({ index }) => index)).toEqual([-1, 0, 1]);
});

describe('a journal that cannot be written says why and acknowledges nothing', () => {
  test('a folder that is deleted meanwhile', async () => {
    const { journal } = await Journal.open(path);
    await journal.append(header);
    await rm(folder, { recursive: true });
    await expect(journal.append(done(0))).rejects.toThrow(/is gone: the folder was moved or deleted/);
    await expect(journal.append(done(1))).rejects.toThrow(/is gone/);
    await journal.close();
  });

  test('a file put in its place', async () => {
    const { journal } = await Journal.open(path);
    await journal.append(header);
    await rm(path);
    await writeFile(path, 'other');
    await expect(journal.append(done(0))).rejects.toThrow(/was replaced/);
    await journal.close();
  });

  test('a folder that is not there', async () => {
    await expect(Journal.open(join(folder, 'no', 'journal.jsonl'))).rejects.toThrow(/is gone/);
  });
});

test('10,000 finished trials are opened in well under 2 s', async () => {
  const row = { sites: Array.from({ length: 60 }, (_, i) => i / 7) };
  const lines = Array.from({ length: 10_000 }, (_, i) => encodeRecord({ ...done(i), row } as JournalRecord));
  await writeFile(path, lines.join(''));
  const start = performance.now();
  let seen = 0;
  const { journal } = await Journal.open(path, () => seen++);
  const elapsed = performance.now() - start;
  await journal.close();
  expect(seen).toBe(10_000);
  expect(elapsed).toBeLessThan(2000);
});

test('a cut inside a journal of any size leaves no half line behind', async () => {
  const { journal } = await Journal.open(path);
  await Promise.all(Array.from({ length: 200 }, (_, i) => journal.append(done(i))));
  await journal.close();
  const { size } = await stat(path);
  await truncate(path, size - 5);
  const { journal: again } = await Journal.open(path);
  await again.append(done(500));
  await again.close();
  const { lines, damaged } = await read();
  expect(damaged).toBe(0);
  expect(lines).toHaveLength(200);
});

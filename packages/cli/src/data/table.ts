import { csvParseRows } from 'd3-dsv';
import { Failure } from '../failure.js';
import { readBytes } from './files.js';
import type { GivenTensors } from './tensors.js';

/** More classes than this in a column of numbers, and it is a quantity to be predicted. */
const MOST_CLASSES = 64;

/** Reads a CSV file with a head line: every column but `target` (or the last) is a number of x. */
export async function readTable(
  path: string,
  target: string | null,
): Promise<GivenTensors & { readonly names?: readonly string[] }> {
  const text = new TextDecoder('utf-8').decode(await readBytes(path));
  const [head, ...rows] = csvParseRows(text.replace(/^\uFEFF/, '')).filter((row) =>
    row.some((cell) => cell.trim() !== ''),
  );
  if (!head || rows.length === 0) throw new Failure(`${path}: expected a head line and at least one row`);
  const column = target === null ? head.length - 1 : head.indexOf(target);
  if (column < 0)
    throw new Failure(`${path}: no column "${target}"; there are ${head.slice(0, 20).join(', ')}`);
  if (head.length < 2)
    throw new Failure(`${path}: expected columns to predict from beside "${head[column]}"`);
  const width = head.length - 1;
  const data = new Float32Array(rows.length * width);
  const answers: string[] = [];
  rows.forEach((row, r) => {
    if (row.length !== head.length) {
      throw new Failure(`${path}:${r + 2}: ${row.length} cells, the head line has ${head.length}`);
    }
    answers.push(row[column]!.trim());
    row
      .filter((_, c) => c !== column)
      .forEach((cell, i) => {
        const value = Number(cell);
        if (cell.trim() === '' || !Number.isFinite(value)) {
          const name = head.filter((_, c) => c !== column)[i];
          throw new Failure(`${path}:${r + 2}: expected a number in column "${name}", got "${cell}"`);
        }
        data[r * width + i] = value;
      });
  });
  return { x: { shape: [rows.length, width], data }, ...targetOf(answers) };
}

/** Words, or few different whole numbers, are classes; other numbers are quantities. */
function targetOf(answers: readonly string[]): { y: GivenTensors['y']; names?: readonly string[] } {
  const numbers = answers.map(Number);
  const classes = [...new Set(answers)];
  const areNumbers = numbers.every((value, i) => answers[i] !== '' && Number.isFinite(value));
  if (areNumbers && (numbers.some((value) => !Number.isInteger(value)) || classes.length > MOST_CLASSES)) {
    return { y: { shape: [answers.length, 1], data: Float32Array.from(numbers) } };
  }
  const names = areNumbers ? classes.sort((a, b) => Number(a) - Number(b)) : classes.sort();
  const ids = new Map(names.map((name, id) => [name, id]));
  return {
    y: { shape: [answers.length], data: Int32Array.from(answers, (answer) => ids.get(answer)!) },
    names,
  };
}

import { dsvFormat } from 'd3-dsv';
import { Failure } from '../failure.js';
import { decodeText, readBytes } from './files.js';
import type { GivenTensors } from './tensors.js';

/** More classes than this in a column of numbers, and it is a quantity to be predicted. */
const MOST_CLASSES = 64;
/** What may part the cells of a line. */
const delimiters = [',', ';', '\t'];

/** A row of cells, and the line of the file that it starts on. */
interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/**
 * Reads a CSV file with a head line: every column but `target` (or the last) is a number of x. Cells are parted by
 * commas, semicolons or tabs, whichever the head line has most of; numbers may have decimal commas where these part none.
 */
export async function readTable(
  path: string,
  target: string | null,
): Promise<GivenTensors & { readonly names?: readonly string[] }> {
  const text = decodeText(await readBytes(path), path);
  const delimiter = delimiterOf(text);
  const [head, ...rows] = rowsOf(text, delimiter, path);
  if (!head || rows.length === 0) throw new Failure(`${path}: expected a head line and at least one row`);
  const columns = head.cells;
  checkHead(columns, path);
  const column = target === null ? columns.length - 1 : columns.indexOf(target.trim());
  if (column < 0)
    throw new Failure(`${path}: no column "${target}"; there are ${columns.slice(0, 20).join(', ')}`);
  const hasDecimalCommas = delimiter !== ',';
  const width = columns.length - 1;
  const data = new Float32Array(rows.length * width);
  const answers = rows.map(({ cells, line }, r) => {
    if (cells.length !== columns.length) {
      throw new Failure(`${path}:${line}: ${cells.length} cells, the head line has ${columns.length}`);
    }
    let at = r * width;
    cells.forEach((cell, c) => {
      if (c === column) return;
      const value = numberOf(cell, hasDecimalCommas);
      if (!Number.isFinite(value)) {
        const came = cell === '' ? 'nothing' : `"${cell}"`;
        throw new Failure(
          `${path}:${line}: expected a number in column "${columns[c]}", got ${came}; fill it in, or leave out the row or the column`,
        );
      }
      data[at++] = value;
    });
    const answer = cells[column]!;
    if (answer === '') {
      throw new Failure(
        `${path}:${line}: expected an answer in column "${columns[column]}", got nothing; fill it in, or leave out the row`,
      );
    }
    return answer;
  });
  const found = targetOf(answers, hasDecimalCommas);
  if (found.names?.length === 1) {
    throw new Failure(
      `${path}: column "${columns[column]}" has the answer "${answers[0]}" in every row, so there is nothing to learn; name another column to predict, as target: ${columns[0]}`,
    );
  }
  return { x: { shape: [rows.length, width], data }, ...found };
}

/** The delimiter that the head line, quoted cells aside, has most of; a comma where it has none. */
function delimiterOf(text: string): string {
  const [head = ''] = text
    .replace(/"(?:[^"]|"")*"/g, '')
    .trimStart()
    .split(/\r?\n|\r/, 1);
  const counts = delimiters.map((each) => head.split(each).length);
  return delimiters[counts.indexOf(Math.max(...counts))]!;
}

/** Rows that are not blank, without the spaces around cells. */
function rowsOf(text: string, delimiter: string, path: string): Row[] {
  const rows: Row[] = [];
  let line = 1;
  for (const cells of dsvFormat(delimiter).parseRows(text)) {
    if (cells.some((cell) => cell.trim() !== ''))
      rows.push({ cells: cells.map((cell) => cell.trim()), line });
    line += 1 + cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
  }
  // The parser closes a quote that is still open at the end of the file.
  if ((text.split('"').length - 1) % 2 === 1) {
    throw new Failure(`${path}:${rows.at(-1)?.line ?? 1}: a quote is opened and never closed`);
  }
  return rows;
}

function checkHead(columns: readonly string[], path: string): void {
  if (columns.length < 2)
    throw new Failure(`${path}: expected columns to predict from beside "${columns[0]}"`);
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined)
    throw new Failure(`${path}: a column "${twice}" is there twice; give each a name of its own`);
  if (columns.every((name) => name !== '' && Number.isFinite(Number(name)))) {
    throw new Failure(
      `${path}: expected a head line with the columns' names, got numbers: ${columns.slice(0, 5).join(', ')}`,
    );
  }
}

function numberOf(cell: string, hasDecimalCommas: boolean): number {
  if (cell === '') return NaN;
  return Number(hasDecimalCommas && /^[^.,]*,[^.,]*$/.test(cell) ? cell.replace(',', '.') : cell);
}

/** Words, or few different whole numbers, are classes; other numbers are quantities. */
function targetOf(
  answers: readonly string[],
  hasDecimalCommas: boolean,
): { y: GivenTensors['y']; names?: readonly string[] } {
  const numbers = answers.map((answer) => numberOf(answer, hasDecimalCommas));
  const classes = [...new Set(answers)];
  const areNumbers = numbers.every(Number.isFinite);
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

import { padEnd, padStart, paint, widthOf, type Terminal } from '../terminal.js';

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** A table for people: quiet heads, aligned columns, two spaces between them. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  terminal: Terminal,
): string[] {
  const widths = columns.map(({ title }, c) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[c] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    `  ${cells
      .map((cell, c) =>
        columns[c]?.align === 'right' ? padStart(cell, widths[c]!) : padEnd(cell, widths[c]!),
      )
      .join('  ')
      .trimEnd()}`;
  return [paint(terminal, 'quiet', line(columns.map(({ title }) => title))), ...rows.map(line)];
}

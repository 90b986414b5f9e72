// Small pieces of Python text.

/** A number as Python reads it back. */
export function number(value: number): string {
  if (Number.isNaN(value)) return 'float("nan")';
  if (!Number.isFinite(value)) return value > 0 ? 'float("inf")' : '-float("inf")';
  return String(value);
}

/** A float32 with as few digits as tell it from its neighbours. */
export function single(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return number(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return number(short);
  }
  return number(value);
}

/** `3`, or `(3, 5)` where the two differ. */
export function pairOf([rows, columns]: readonly [number, number]): string {
  return rows === columns ? String(rows) : `(${rows}, ${columns})`;
}

/** `(2, 3)`, `(2,)`. */
export function tuple(values: readonly number[]): string {
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(', ')})`;
}

/** `Linear(64, 10, bias=False)`: positional arguments, then those that are not undefined. */
export function call(
  name: string,
  positional: readonly (string | number)[],
  named: Readonly<Record<string, string | number | boolean | undefined>> = {},
): string {
  const written = Object.entries(named)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'boolean' ? (value ? 'True' : 'False') : value}`);
  return `${name}(${[...positional, ...written].join(', ')})`;
}

/** Lines one level deeper. */
export function indented(lines: readonly string[], levels = 1): string[] {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(4 * levels) + line));
}

/** A comment or docstring from any text: on one line, with nothing that ends it. */
export function plainText(text: string): string {
  return (
    text
      .replace(/[\s\u2028\u2029]+/g, ' ')
      .replaceAll('\\', '/')
      .replaceAll('"', "'")
      // eslint-disable-next-line no-control-regex -- what an editor or a terminal would obey
      .replace(/[\u0000-\u001f\u007f]/g, '')
      .trim()
  );
}

import { widthOf } from '../terminal.js';

/** Parts joined into lines of at most `width`; no part is broken. */
export function flowed(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + widthOf(separator) + widthOf(part) <= width) {
      lines[lines.length - 1] = last + separator + part;
    } else {
      lines.push(part);
    }
  }
  return lines;
}

/** A line that two texts do not share. */
export interface Change {
  readonly sign: '-' | '+';
  readonly line: string;
}

/** Texts longer than this are not compared line by line: the table would be too large. */
const MOST_LINES = 2000;

/**
 * What turns one text into another: removed and added lines in order, those that are the same left out (longest common
 * subsequence).
 */
export function changes(before: string, after: string): Change[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  if (a.length > MOST_LINES || b.length > MOST_LINES) return [];
  const width = b.length + 1;
  // shared[i, j]: lines in common of a from i on and b from j on.
  const shared = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      shared[i * width + j] =
        a[i] === b[j]
          ? shared[(i + 1) * width + j + 1]! + 1
          : Math.max(shared[(i + 1) * width + j]!, shared[i * width + j + 1]!);
    }
  }
  const found: Change[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) [i, j] = [i + 1, j + 1];
    else if (j >= b.length || (i < a.length && shared[(i + 1) * width + j]! >= shared[i * width + j + 1]!)) {
      found.push({ sign: '-', line: a[i++]! });
    } else {
      found.push({ sign: '+', line: b[j++]! });
    }
  }
  return found;
}

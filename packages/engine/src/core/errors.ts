/** A step on the way to the faulty place in a spec: an object's key or a list's index. */
export type PathStep = string | number;

/** What went wrong, as a stable word that programs can test for. */
export type ErrorCode = 'SPEC' | 'SHAPE' | 'MEMORY' | 'DATA' | 'FORMAT' | 'UNSUPPORTED' | 'INTERNAL';

/**
 * The one error that the engine throws on purpose.
 *
 * The message says where, what was expected, what came, and what to do. `path` is the place in the spec
 * (`['network', 3, 'kernel']`), so that a front end can turn it into a line and a column.
 */
export class EngineError extends Error {
  readonly code: ErrorCode;
  readonly path: readonly PathStep[];
  /** The message without its place, for front ends that show the place themselves. */
  readonly reason: string;

  constructor(code: ErrorCode, reason: string, path: readonly PathStep[] = []) {
    super(path.length > 0 ? `${path.join('.')}: ${reason}` : reason);
    this.name = 'EngineError';
    this.code = code;
    this.path = path;
    this.reason = reason;
  }
}

/** Throws an `EngineError` unless `condition` holds. */
export function check(
  condition: boolean,
  code: ErrorCode,
  reason: string,
  path: readonly PathStep[] = [],
): asserts condition {
  if (!condition) throw new EngineError(code, reason, path);
}

/**
 * The known name nearest to `given`, or null where none is near enough to be meant: by edit distance, else the shortest
 * that starts with what was given (`xavier`).
 */
export function nearestName(given: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  if (best !== null || given.length < 3) return best;
  const longer = known.filter((name) => name.toLowerCase().startsWith(given.toLowerCase()));
  return longer.sort((a, b) => a.length - b.length)[0] ?? null;
}

/** Edits between two words: insert, delete, replace, or swap two neighbours, as fingers do. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    const [before, last] = [rows[i - 2], rows[i - 1]!];
    for (let j = 1; j <= b.length; j++) {
      const replace = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = before && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(replace, last[j]! + 1, row[j - 1]! + 1, swapped ? before[j - 2]! + 1 : Infinity));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** "unknown layer "desne"; did you mean "dense"? known: …" */
export function unknownName(kind: string, given: string, known: readonly string[]): string {
  const near = nearestName(given, known);
  return `unknown ${kind} "${given}"${near ? `; did you mean "${near}"?` : ';'} known: ${known.join(', ')}`;
}

/** x normalised over sets of its elements (`setOf` gives the set of an index), then w[column] · x̂ + b[column]. */
export function normalize(
  x: ArrayLike<number>,
  setOf: (i: number) => number,
  columnOf: (i: number) => number,
  options: { weight: ArrayLike<number>; bias: ArrayLike<number>; eps: number; centred: boolean },
): Float64Array {
  const { weight, bias, eps, centred } = options;
  const sets = new Map<number, number[]>();
  for (let i = 0; i < x.length; i++) {
    const set = sets.get(setOf(i)) ?? [];
    set.push(i);
    sets.set(setOf(i), set);
  }
  const y = new Float64Array(x.length);
  for (const set of sets.values()) {
    const mean = centred ? set.reduce((sum, i) => sum + x[i]!, 0) / set.length : 0;
    const variance = set.reduce((sum, i) => sum + (x[i]! - mean) ** 2, 0) / set.length;
    for (const i of set) {
      const column = columnOf(i);
      y[i] = ((x[i]! - mean) / Math.sqrt(variance + eps)) * weight[column]! + bias[column]!;
    }
  }
  return y;
}

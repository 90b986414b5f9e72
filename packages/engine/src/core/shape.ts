/** Sizes of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const axis of shape) size *= axis;
  return size;
}

/** `[64, 128]`, as messages print it. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/** Size of the last axis (1 for a scalar) and the number of rows before it. */
export function rowsAndColumns(shape: Shape): { rows: number; columns: number } {
  const columns = shape.at(-1) ?? 1;
  return { rows: columns === 0 ? 0 : sizeOf(shape) / columns, columns };
}

/** Reads `[N, C, …]` as N samples of C channels with `inner` elements each (1 for `[N, C]`). */
export function channelAxes(shape: Shape): { samples: number; channels: number; inner: number } {
  return { samples: shape[0] ?? 1, channels: shape[1] ?? 1, inner: sizeOf(shape.slice(2)) };
}

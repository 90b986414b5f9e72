// Look-up of rows by id, and the two rearrangements that sequences need.
import { add } from './elementwise';

/** dtable[ids[r], :] += dy[r, :] for every row whose id is not `padding` (−1: none). table rows are `width` wide. */
export function embeddingGrad(
  count: i32,
  width: i32,
  dy: usize,
  ids: usize,
  padding: i32,
  dtable: usize,
): void {
  const bytes = (<usize>width) << 2;
  for (let r = 0; r < count; r++, dy += bytes, ids += 4) {
    const id = load<i32>(ids);
    if (id == padding) continue;
    const row = dtable + <usize>id * bytes;
    add(width, row, dy, row);
  }
}

/** dst[b, a, :] (+)= src[a, b, :], `inner` numbers each: [N, T, D] to [T, N, D] and back. */
export function swapOuter(a: i32, b: i32, inner: i32, src: usize, dst: usize, acc: i32): void {
  const bytes = (<usize>inner) << 2;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++, src += bytes) {
      const to = dst + <usize>(j * a + i) * bytes;
      if (acc) add(inner, to, src, to);
      else if (inner == 1) store<u32>(to, load<u32>(src));
      else memory.copy(to, src, bytes);
    }
  }
}

/** dst[r, :cols] (+)= src[r, :cols] for rows `lds` and `ldd` apart: a block of columns moved. */
export function copyColumns(
  rows: i32,
  cols: i32,
  src: usize,
  lds: i32,
  dst: usize,
  ldd: i32,
  acc: i32,
): void {
  const from = (<usize>lds) << 2;
  const to = (<usize>ldd) << 2;
  const bytes = (<usize>cols) << 2;
  for (let r = 0; r < rows; r++, src += from, dst += to) {
    if (acc) add(cols, dst, src, dst);
    else memory.copy(dst, src, bytes);
  }
}

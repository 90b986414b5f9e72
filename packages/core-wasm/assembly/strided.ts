// Element by element over tensors of any rank and layout: broadcasting, transposing, slicing, reducing.
//
// A table (i32) says how to walk: rank, then `rank` axis lengths, then for each of the operands a, b, c and of the
// result d `rank` strides, in elements; the last axis is the innermost. A stride of 0 repeats an operand along an
// axis (broadcasting); a stride of 0 of d sums along it, and d must hold what to add to. The table's maker merges
// axes, so that the innermost loop is long, and keeps rank between 1 and MAX_RANK.
// The maps themselves are in maps.ts.
import { mapRow, readsB, readsC } from './maps';
import { sum } from './reduce';

const MAX_RANK: i32 = 12;
const counters = memory.data(MAX_RANK * 4, 16);

/** Elements worked on at a time: operands that are not contiguous are first copied into these buffers. */
const CHUNK: i32 = 512;
const stageA = memory.data(CHUNK * 4, 16);
const stageB = memory.data(CHUNK * 4, 16);
const stageC = memory.data(CHUNK * 4, 16);
const stageD = memory.data(CHUNK * 4, 16);

/** The next n elements of an operand as a contiguous row: its own memory, or a copy in `stage`. */
function staged(n: i32, p: usize, step: isize, stage: usize): usize {
  if (step == 4) return p;
  const end = stage + (<usize>n << 2);
  let q = stage;
  if (step == 0) {
    const value = v128.load32_splat(p);
    for (; q + 16 <= end; q += 16) v128.store(q, value);
    for (; q < end; q += 4) v128.store_lane<f32>(q, value, 0);
  } else {
    for (; q < end; q += 4, p += step) store<f32>(q, load<f32>(p));
  }
  return stage;
}

/** d[i] (+)= row[i], with a stride of d's own. */
function deliver(n: i32, row: usize, d: usize, step: isize, acc: i32): void {
  if (step == 0) {
    store<f32>(d, <f32>(<f64>load<f32>(d) + sum(n, row)));
    return;
  }
  const end = row + (<usize>n << 2);
  if (step == 4 && acc) {
    for (; row + 16 <= end; row += 16, d += 16) v128.store(d, f32x4.add(v128.load(d), v128.load(row)));
  }
  for (; row < end; row += 4, d += step) store<f32>(d, acc ? load<f32>(d) + load<f32>(row) : load<f32>(row));
}

/**
 * d (+)= map(a, b, c) over the table's axes. Operands that a map does not read may be any address.
 * `acc` is ignored along axes where d's stride is 0: there the map is summed onto d.
 */
export function stridedMap(
  map: i32,
  table: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  alpha: f32,
  beta: f32,
  acc: i32,
): void {
  const rank = load<i32>(table);
  const bytes = <usize>rank << 2;
  const dims = table + 4;
  const ta = dims + bytes;
  const tb = ta + bytes;
  const tc = tb + bytes;
  const td = tc + bytes;
  const last = bytes - 4;
  const n = load<i32>(dims + last);
  const sa = <isize>load<i32>(ta + last) << 2;
  const sb = <isize>load<i32>(tb + last) << 2;
  const sc = <isize>load<i32>(tc + last) << 2;
  const sd = <isize>load<i32>(td + last) << 2;
  const hasB = readsB(map);
  const hasC = readsC(map);
  const isDirect = sd == 4 && !acc;
  memory.fill(counters, 0, bytes);
  while (true) {
    for (let from = 0; from < n; from += CHUNK) {
      const count = min(CHUNK, n - from);
      const offset = <isize>from;
      const x = staged(count, a + offset * sa, sa, stageA);
      const y = hasB ? staged(count, b + offset * sb, sb, stageB) : x;
      const z = hasC ? staged(count, c + offset * sc, sc, stageC) : x;
      const to = d + offset * sd;
      if (isDirect) mapRow(map, count, x, y, z, to, alpha, beta);
      else {
        mapRow(map, count, x, y, z, stageD, alpha, beta);
        deliver(count, stageD, to, sd, acc);
      }
    }
    let axis = <isize>last - 4;
    for (; axis >= 0; axis -= 4) {
      const length = load<i32>(dims + axis);
      const count = load<i32>(counters + axis) + 1;
      const wraps = count == length;
      // One step forward, or back to the start of the axis.
      const steps = <isize>(wraps ? 1 - length : 1) << 2;
      a += steps * <isize>load<i32>(ta + axis);
      b += steps * <isize>load<i32>(tb + axis);
      c += steps * <isize>load<i32>(tc + axis);
      d += steps * <isize>load<i32>(td + axis);
      store<i32>(counters + axis, wraps ? 0 : count);
      if (!wraps) break;
    }
    if (axis < 0) return;
  }
}

/**
 * d = fold(d, a) along the axes where d's stride is 0; `kind` 0 largest, 1 smallest, 2 product. d must hold the
 * start (-inf, inf, 1). The table is as above; b and c are not read.
 */
export function stridedFold(kind: i32, table: usize, a: usize, d: usize): void {
  const rank = load<i32>(table);
  const bytes = <usize>rank << 2;
  const dims = table + 4;
  const ta = dims + bytes;
  const td = ta + 3 * bytes;
  const last = bytes - 4;
  const n = load<i32>(dims + last);
  const sa = <isize>load<i32>(ta + last) << 2;
  const sd = <isize>load<i32>(td + last) << 2;
  memory.fill(counters, 0, bytes);
  while (true) {
    let p = a;
    let q = d;
    for (let i = 0; i < n; i++, p += sa, q += sd) {
      const x = load<f32>(p);
      const y = load<f32>(q);
      store<f32>(q, kind == 0 ? max<f32>(x, y) : kind == 1 ? min<f32>(x, y) : x * y);
    }
    let axis = <isize>last - 4;
    for (; axis >= 0; axis -= 4) {
      const length = load<i32>(dims + axis);
      const count = load<i32>(counters + axis) + 1;
      const wraps = count == length;
      const steps = <isize>(wraps ? 1 - length : 1) << 2;
      a += steps * <isize>load<i32>(ta + axis);
      d += steps * <isize>load<i32>(td + axis);
      store<i32>(counters + axis, wraps ? 0 : count);
      if (!wraps) break;
    }
    if (axis < 0) return;
  }
}

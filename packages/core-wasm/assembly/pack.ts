// Packing of GEMM operands into the panels the micro-kernel reads. Panels are zero-padded to their full width.
import { splat } from './simd';

/** dst[cols, rows] = src[rows, cols]ᵀ, in 4 × 4 blocks. */
export function transpose(rows: i32, cols: i32, src: usize, dst: usize): void {
  transposeInto(rows, cols, src, cols, dst, rows);
}

/** The same with row strides (in elements). */
export function transposeInto(rows: i32, cols: i32, src: usize, lds: i32, dst: usize, ldd: i32): void {
  const s1 = (<usize>lds) << 2;
  const d1 = (<usize>ldd) << 2;
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    let p = src + <usize>r * s1;
    let q = dst + ((<usize>r) << 2);
    let c = 0;
    for (; c + 4 <= cols; c += 4, p += 16, q += d1 << 2) {
      const a = v128.load(p);
      const b = v128.load(p + s1);
      const e = v128.load(p + 2 * s1);
      const f = v128.load(p + 3 * s1);
      const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const ef0 = v128.shuffle<i32>(e, f, 0, 4, 1, 5);
      const ef1 = v128.shuffle<i32>(e, f, 2, 6, 3, 7);
      v128.store(q, v128.shuffle<i64>(ab0, ef0, 0, 2));
      v128.store(q + d1, v128.shuffle<i64>(ab0, ef0, 1, 3));
      v128.store(q + 2 * d1, v128.shuffle<i64>(ab1, ef1, 0, 2));
      v128.store(q + 3 * d1, v128.shuffle<i64>(ab1, ef1, 1, 3));
    }
    for (; c < cols; c++, p += 4, q += d1) {
      store<f32>(q, load<f32>(p));
      store<f32>(q, load<f32>(p + s1), 4);
      store<f32>(q, load<f32>(p + 2 * s1), 8);
      store<f32>(q, load<f32>(p + 3 * s1), 12);
    }
  }
  for (; r + 2 <= rows; r += 2) {
    let p = src + <usize>r * s1;
    let q = dst + (<usize>r << 2);
    let c = 0;
    for (; c + 4 <= cols; c += 4, p += 16, q += d1 << 2) {
      const a = v128.load(p);
      const b = v128.load(p + s1);
      const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      v128.store_lane<i64>(q, ab0, 0);
      v128.store_lane<i64>(q + d1, ab0, 1);
      v128.store_lane<i64>(q + 2 * d1, ab1, 0);
      v128.store_lane<i64>(q + 3 * d1, ab1, 1);
    }
    for (; c < cols; c++, p += 4, q += d1) {
      store<f32>(q, load<f32>(p));
      store<f32>(q, load<f32>(p + s1), 4);
    }
  }
  for (; r < rows; r++) {
    let p = src + <usize>r * s1;
    let q = dst + ((<usize>r) << 2);
    for (let c = 0; c < cols; c++, p += 4, q += d1) store<f32>(q, load<f32>(p));
  }
}

/** One panel of `width` <= 8 columns: dst[k, 8] = src[k, width]. */
export function packColumns(k: i32, width: i32, src: usize, lds: i32, dst: usize): void {
  const stride = (<usize>lds) << 2;
  if (width == 8) {
    for (let i = 0; i < k; i++, src += stride, dst += 32) {
      v128.store(dst, v128.load(src));
      v128.store(dst, v128.load(src, 16), 16);
    }
    return;
  }
  for (let i = 0; i < k; i++, src += stride, dst += 32) {
    v128.store(dst, splat(0));
    v128.store(dst, splat(0), 16);
    for (let j: usize = 0; j < (<usize>width) << 2; j += 4) store<f32>(dst + j, load<f32>(src + j));
  }
}

/** One panel of `width` <= 8 rows, transposed: dst[k, 8] = src[width, k]ᵀ. */
export function packRows(k: i32, width: i32, src: usize, lds: i32, dst: usize): void {
  if (width < 8) memory.fill(dst, 0, (<usize>k) << 5);
  transposeInto(width, k, src, lds, dst, 8);
}

/** One panel of A from [k, m]: dst[k, width] = src[k, width], width <= 6. */
export function packSlice(k: i32, width: i32, src: usize, lds: i32, dst: usize): void {
  const stride = <usize>lds << 2;
  if (width == 6) {
    for (; k > 0; k--, src += stride, dst += 24) {
      v128.store(dst, v128.load(src));
      store<u64>(dst, load<u64>(src, 16), 16);
    }
  } else if (width == 5) {
    for (; k > 0; k--, src += stride, dst += 20) {
      v128.store(dst, v128.load(src));
      store<u32>(dst, load<u32>(src, 16), 16);
    }
  } else {
    const bytes = <usize>width << 2;
    for (; k > 0; k--, src += stride, dst += bytes) {
      for (let j: usize = 0; j < bytes; j += 4) store<u32>(dst + j, load<u32>(src + j));
    }
  }
}

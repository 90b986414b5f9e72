// A leaky rectifier with a learnt slope for each channel. Source: He 2015, arXiv 1502.01852.
// x [N, C, inner]; slope [C], or one slope for all with channels = 1. PyTorch's subgradient: f'(0) = slope.
import { horizontalSum, select, splat } from '../simd';

/** y = x > 0 ? x : slope[c] x. */
export function prelu(n: i32, channels: i32, inner: i32, x: usize, slope: usize, y: usize): void {
  for (let image = 0; image < n; image++) {
    for (let c = 0; c < channels; c++) {
      const s = v128.load_splat<f32>(slope + (<usize>c << 2));
      const end = x + (<usize>inner << 2);
      for (; x + 16 <= end; x += 16, y += 16) v128.store(y, rectify(v128.load(x), s));
      for (; x < end; x += 4, y += 4) v128.store_lane<f32>(y, rectify(v128.load_zero<f32>(x), s), 0);
    }
  }
}

/** dx (+)= x > 0 ? dy : slope[c] dy;  dslope[c] (+)= Σ over x <= 0 of dy x. */
export function preluGrad(
  n: i32,
  channels: i32,
  inner: i32,
  x: usize,
  slope: usize,
  dy: usize,
  dx: usize,
  dslope: usize,
  accX: i32,
  accSlope: i32,
): void {
  if (!accSlope) memory.fill(dslope, 0, <usize>channels << 2);
  for (let image = 0; image < n; image++) {
    for (let c = 0; c < channels; c++) {
      const s = v128.load_splat<f32>(slope + (<usize>c << 2));
      let total = splat(0);
      const end = x + (<usize>inner << 2);
      for (; x + 16 <= end; x += 16, dy += 16, dx += 16) {
        const v = v128.load(x);
        const g = v128.load(dy);
        const positive = f32x4.gt(v, splat(0));
        total = f32x4.add(total, v128.andnot(f32x4.mul(g, v), positive));
        const d = select(positive, g, f32x4.mul(g, s));
        v128.store(dx, accX ? f32x4.add(v128.load(dx), d) : d);
      }
      for (; x < end; x += 4, dy += 4, dx += 4) {
        const v = v128.load_zero<f32>(x);
        const g = v128.load_zero<f32>(dy);
        const positive = f32x4.gt(v, splat(0));
        total = f32x4.add(total, v128.andnot(f32x4.mul(g, v), positive));
        const d = select(positive, g, f32x4.mul(g, s));
        v128.store_lane<f32>(dx, accX ? f32x4.add(v128.load_zero<f32>(dx), d) : d, 0);
      }
      const q = dslope + (<usize>c << 2);
      store<f32>(q, load<f32>(q) + horizontalSum(total));
    }
  }
}

@inline
function rectify(v: v128, slope: v128): v128 {
  return select(f32x4.gt(v, splat(0)), v, f32x4.mul(v, slope));
}

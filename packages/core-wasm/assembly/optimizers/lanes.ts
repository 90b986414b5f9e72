// What the optimizers' loops share. Each is one fused pass over a parameter, in PyTorch's formulas and its order of
// operations (torch.optim, single-tensor versions). Scalars arrive in f64, are combined in f64 and rounded to f32 once,
// as PyTorch does. All four lanes' loads come before the store; the tail runs the same code on one lane.
import { madd, splat } from '../simd';

@inline
export function narrow(value: f64): v128 {
  return splat(<f32>value);
}

@inline
export function read(p: usize, isLane: bool): v128 {
  return isLane ? v128.load_zero<f32>(p) : v128.load(p);
}

@inline
export function write(p: usize, v: v128, isLane: bool): void {
  if (isLane) v128.store_lane<f32>(p, v, 0);
  else v128.store(p, v);
}

/** m + (1 - beta) (g - m). */
@inline
export function lerp(m: v128, g: v128, rest: v128): v128 {
  return madd(rest, f32x4.sub(g, m), m);
}

/** beta v + (1 - beta) g². */
@inline
export function decaySquares(v: v128, g: v128, beta: v128, rest: v128): v128 {
  return madd(f32x4.mul(rest, g), g, f32x4.mul(beta, v));
}

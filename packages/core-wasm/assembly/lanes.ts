// Loads and stores of four lanes, or of one where a row ends: the same vector code then serves the tail.

/** Four lanes, or one and zeros. */
@inline
export function read(at: usize, isLane: bool): v128 {
  return isLane ? v128.load_zero<f32>(at) : v128.load(at);
}

@inline
export function write(at: usize, v: v128, isLane: bool): void {
  if (isLane) v128.store_lane<f32>(at, v, 0);
  else v128.store(at, v);
}

/** As `write`, added to what is there where `acc`. */
@inline
export function writeOrAdd(at: usize, v: v128, isLane: bool, acc: i32): void {
  write(at, acc ? f32x4.add(v, read(at, isLane)) : v, isLane);
}

// Rows picked by index: a batch out of a data set, class ids, embeddings.

/** dst[r, :width] = src[indices[r] · stride …]: copies 32-bit words, so f32 and i32 alike. */
export function gatherRows(
  count: i32,
  width: i32,
  stride: i32,
  src: usize,
  indices: usize,
  dst: usize,
): void {
  const bytes = (<usize>width) << 2;
  for (let r = 0; r < count; r++, dst += bytes) {
    const row = src + ((<usize>load<i32>(indices + ((<usize>r) << 2)) * <usize>stride) << 2);
    if (width == 1) store<u32>(dst, load<u32>(row));
    else memory.copy(dst, row, bytes);
  }
}

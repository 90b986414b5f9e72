// Padded copies of an image's planes, laid out so that a convolution reads plain shifted rows.
//
// A plane is split into SH × SW phases, phase (p, q) holding rows p, p + SH, … and columns q, q + SW, …: neighbours in
// the output are then neighbours in memory at any stride.
import { splat } from '../simd';
import { C, DH, DW, floorDiv, G, H, KH, KW, OH, OW, PL, PT, SH, SW, W } from './geometry';

/**
 * dst[channel, p, q, r, s] = src[channel, r·strideH + p - top, s·strideW + q - left], 0 outside of the source.
 * `rows` × `pitch` is the size of one phase. `top` and `left` may be negative: the source is cropped then.
 */
export function copyPlanes(
  channels: i32,
  height: i32,
  width: i32,
  src: usize,
  phasesH: i32,
  phasesW: i32,
  strideH: i32,
  strideW: i32,
  rows: i32,
  pitch: i32,
  top: i32,
  left: i32,
  dst: usize,
): void {
  const rowBytes = <usize>pitch << 2;
  for (let c = 0; c < channels; c++, src += (<usize>height * <usize>width) << 2) {
    for (let p = 0; p < phasesH; p++) {
      for (let q = 0; q < phasesW; q++) {
        // Columns before `from` and from `to` on lie outside of the source.
        const from = max(0, min(pitch, floorDiv(left - q + strideW - 1, strideW)));
        const to = max(from, min(pitch, floorDiv(width + left - q + strideW - 1, strideW)));
        for (let r = 0; r < rows; r++, dst += rowBytes) {
          const row = r * strideH + p - top;
          if (row < 0 || row >= height) {
            clear(pitch, dst);
            continue;
          }
          clear(from, dst);
          const at = src + (<usize>(row * width + from * strideW + q - left) << 2);
          copyRow(to - from, strideW, width - (from * strideW + q - left), at, dst + (<usize>from << 2));
          clear(pitch - to, dst + (<usize>to << 2));
        }
      }
    }
  }
}

/** n numbers at every `stride`-th place of src; `left` numbers of the source's row remain. */
@inline
function copyRow(n: i32, stride: i32, left: i32, src: usize, dst: usize): void {
  let i = 0;
  if (stride == 1) {
    for (; i + 4 <= n; i += 4, src += 16, dst += 16) v128.store(dst, v128.load(src));
    for (; i < n; i++, src += 4, dst += 4) store<f32>(dst, load<f32>(src));
    return;
  }
  if (stride == 2) {
    for (; i + 4 <= n && 2 * i + 8 <= left; i += 4, src += 32, dst += 16) {
      v128.store(dst, v128.shuffle<i32>(v128.load(src), v128.load(src, 16), 0, 2, 4, 6));
    }
  }
  for (; i < n; i++, src += <usize>stride << 2, dst += 4) store<f32>(dst, load<f32>(src));
}

/** dst = 0. */
@inline
function clear(n: i32, dst: usize): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, dst += 16) v128.store(dst, splat(0));
  for (; i < n; i++, dst += 4) store<f32>(dst, 0);
}

/** Rows and columns of one phase of the padded input, phases of a plane, and whether x can be read as it is. */
export let phasesH: i32 = 0;
export let phasesW: i32 = 0;
export let phaseRows: i32 = 0;
export let pitch: i32 = 0;
export let isPlain: bool = false;

/** Lays out the padded input for a walk with the convolution's stride. */
export function layOutInput(): void {
  phasesH = min(SH, (KH - 1) * DH + 1);
  phasesW = min(SW, (KW - 1) * DW + 1);
  phaseRows = OH + ((KH - 1) * DH) / SH;
  pitch = OW + ((KW - 1) * DW) / SW;
  isPlain = SH == 1 && SW == 1 && PT == 0 && PL == 0 && phaseRows == H && pitch == W && OW >= 4;
}

/** Numbers of one plane of the padded input. */
@inline
export function planeSize(): i32 {
  return phasesH * phasesW * phaseRows * pitch;
}

/** The padded copy of image `image` of x. */
export function copyInput(x: usize, image: i32, to: usize): void {
  const from = x + ((<usize>image * <usize>C * <usize>(H * W)) << 2);
  copyPlanes(C, H, W, from, phasesH, phasesW, SH, SW, phaseRows, pitch, PT, PL, to);
}

/** table[c, a, b] = byte offset of tap (a, b) of channel c of a group, from the pixel it is centred on. */
export function tabulateTaps(table: usize): void {
  const size = phaseRows * pitch;
  for (let c = 0; c < C / G; c++) {
    for (let a = 0; a < KH; a++) {
      const h = a * DH;
      for (let b = 0; b < KW; b++, table += 4) {
        const w = b * DW;
        const phase = (c * phasesH + (h % SH)) * phasesW + (w % SW);
        store<i32>(table, (phase * size + (h / SH) * pitch + w / SW) << 2);
      }
    }
  }
}

/** Room behind padded planes: the last vector may reach 3 numbers beyond them. */
export const SLACK: usize = 64;

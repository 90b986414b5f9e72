// The gradient of a convolution with respect to its input. Shapes and formula: geometry.ts.
import { axpy, fill } from '../elementwise';
import { transposeInto } from '../pack';
import { correlate } from './correlate';
import {
  blockRows,
  blocksOf,
  C,
  DH,
  DW,
  floats,
  floorDiv,
  G,
  H,
  KH,
  KW,
  lines,
  N,
  O,
  OH,
  OW,
  panelWords,
  PL,
  PT,
  setGeometry,
  SH,
  SW,
  W,
} from './geometry';
import { copyPlanes, SLACK } from './planes';

/** Rows and columns of the padded gradient, and by how much it is shifted. */
let gradRows: i32 = 0;
let gradPitch: i32 = 0;
let firstRow: i32 = 0;
let firstColumn: i32 = 0;

function layOutGradient(): void {
  firstRow = floorDiv(PT - (KH - 1) * DH, SH);
  firstColumn = floorDiv(PL - (KW - 1) * DW, SW);
  gradRows = (H + SH - 1) / SH + (SH - 1 + PT) / SH - firstRow;
  gradPitch = (W + SW - 1) / SW + (SW - 1 + PL) / SW - firstColumn;
}

/** Whether tap `tap` of one axis feeds inputs of phase `phase`. */
@inline
function feeds(phase: i32, padding: i32, tap: i32, dilation: i32, stride: i32): bool {
  return (phase + padding - tap * dilation) % stride == 0;
}

/**
 * dx (+)= the gradient of the convolution with respect to x.
 *
 * Inputs i ≡ p (mod stride) are fed by the taps a with p + PT - a·DH ≡ 0 (mod stride) only: for each phase p this is a
 * convolution of dy with those taps, at stride 1. Also the forward of a transposed convolution.
 */
export function conv2dInputGrad(
  n: i32,
  c: i32,
  h: i32,
  w: i32,
  o: i32,
  oh: i32,
  ow: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  pt: i32,
  pl: i32,
  dh: i32,
  dw: i32,
  g: i32,
  dy: usize,
  weight: usize,
  dx: usize,
  scratch: usize,
  acc: i32,
): void {
  setGeometry(n, c, h, w, o, oh, ow, kh, kw, sh, sw, pt, pl, dh, dw, g);
  layOutGradient();
  const perGroup = O / G;
  const rows = C / G;
  const isDirect = SH == 1 && SW == 1 && !acc;
  const isPlain = gradRows == OH && gradPitch == OW && firstRow == 0 && firstColumn == 0 && OW >= 4;
  const plane = gradRows * gradPitch;
  const panels = scratch;
  const init = panels + lines(floats(panelWords(G, rows, perGroup * KH * KW)));
  const list = init + lines(floats(C));
  const made = list + lines(floats(2 * KH * KW));
  const planes = made + (isDirect ? 0 : lines(floats(C * ((H + SH - 1) / SH) * ((W + SW - 1) / SW))));
  fill(C, init, 0);
  packForGradient(weight, panels, list, plane);
  if (!isPlain) memory.fill(planes + floats(O * plane), 0, SLACK);

  for (let image = 0; image < N; image++) {
    const from = dy + floats(image * O * OH * OW);
    const target = dx + floats(image * C * H * W);
    let read = from;
    if (!isPlain) {
      copyPlanes(O, OH, OW, from, 1, 1, 1, 1, gradRows, gradPitch, -firstRow, -firstColumn, planes);
      read = planes;
    }
    let panel = panels;
    for (let p = 0; p < SH; p++) {
      for (let q = 0; q < SW; q++) {
        const k = perGroup * tapsOf(p, PT, KH, DH, SH) * tapsOf(q, PL, KW, DW, SW);
        const height = max(0, (H - p + SH - 1) / SH);
        const width = max(0, (W - q + SW - 1) / SW);
        const out = isDirect ? target : made;
        for (let group = 0; group < G; group++) {
          correlate(
            rows,
            k,
            panel,
            init,
            read + floats(group * perGroup * plane),
            gradPitch,
            height,
            width,
            out + floats(group * rows * height * width),
          );
          panel += floats(panelWords(1, rows, k));
        }
        if (!isDirect) interleave(height, width, p, q, made, target, acc);
      }
    }
  }
}

/** How many taps of one axis feed inputs of phase `phase`. */
function tapsOf(phase: i32, padding: i32, kernel: i32, dilation: i32, stride: i32): i32 {
  let count = 0;
  for (let tap = 0; tap < kernel; tap++) if (feeds(phase, padding, tap, dilation, stride)) count++;
  return count;
}

/**
 * Weights phase by phase: panels[phase][group][block][o, tap][offset, rows]. `list` has room for two words a tap: where
 * it lies in a kernel, and where it reads in a plane (bytes).
 */
function packForGradient(weight: usize, panels: usize, list: usize, plane: i32): void {
  const perGroup = O / G;
  const rows = C / G;
  const blocks = blocksOf(rows);
  const kernel = KH * KW;
  for (let p = 0; p < SH; p++) {
    for (let q = 0; q < SW; q++) {
      const taps = listTaps(p, q, list);
      for (let group = 0; group < G; group++) {
        let first = 0;
        for (let block = 0; block < blocks; block++) {
          const count = blockRows(rows, blocks, block);
          for (let o = 0; o < perGroup; o++) {
            const from = weight + floats(((group * perGroup + o) * rows + first) * kernel);
            const isWhole = taps == kernel;
            if (isWhole) transposeInto(count, kernel, from, kernel, panels + 4, count + 1);
            for (let t = 0; t < taps; t++, panels += floats(count + 1)) {
              const tap = list + (<usize>t << 3);
              store<i32>(panels, ((o * plane) << 2) + load<i32>(tap, 4));
              if (isWhole) continue;
              let at = from + <usize>load<u32>(tap);
              for (let r = 0; r < count; r++, at += floats(kernel)) store<f32>(panels + floats(r + 1), load<f32>(at));
            }
          }
          first += count;
        }
      }
    }
  }
}

/** The taps that feed inputs of phase (p, q), in order; returns how many. */
function listTaps(p: i32, q: i32, list: usize): i32 {
  let taps = 0;
  for (let a = 0; a < KH; a++) {
    if (!feeds(p, PT, a, DH, SH)) continue;
    const row = (p + PT - a * DH) / SH - firstRow;
    for (let b = 0; b < KW; b++) {
      if (!feeds(q, PL, b, DW, SW)) continue;
      const column = (q + PL - b * DW) / SW - firstColumn;
      store<i32>(list, (a * KW + b) << 2);
      store<i32>(list, (row * gradPitch + column) << 2, 4);
      list += 8;
      taps++;
    }
  }
  return taps;
}

/** dx[c, i·SH + p, j·SW + q] (+)= made[c, i, j]. */
function interleave(height: i32, width: i32, p: i32, q: i32, made: usize, dx: usize, acc: i32): void {
  if (SH == 1 && SW == 1) return axpy(C * height * width, 1, made, dx);
  const stride = <usize>SW << 2;
  for (let c = 0; c < C; c++, dx += floats(H * W)) {
    for (let i = 0; i < height; i++) {
      let to = dx + floats((i * SH + p) * W + q);
      for (let j = 0; j < width; j++, made += 4, to += stride) {
        store<f32>(to, acc ? load<f32>(to) + load<f32>(made) : load<f32>(made));
      }
    }
  }
}

/** Scratch that conv2dInputGrad needs; the geometry is set. */
export function inputGradBytes(): usize {
  layOutGradient();
  return (
    lines(floats(panelWords(G, C / G, (O / G) * KH * KW))) +
    lines(floats(C)) +
    lines(floats(2 * KH * KW)) +
    lines(floats(C * ((H + SH - 1) / SH) * ((W + SW - 1) / SW))) +
    floats(O * gradRows * gradPitch) +
    SLACK
  );
}

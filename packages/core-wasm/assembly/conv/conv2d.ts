// Convolution and its gradient with respect to the input. Shapes and formula: geometry.ts.
import { add, axpy, fill } from '../elementwise';
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
  PL,
  PT,
  setGeometry,
  SH,
  SW,
  W,
} from './geometry';
import { copyInput, copyPlanes, isPlain, layOutInput, pitch, planeSize, SLACK, tabulateTaps } from './planes';
import { weightGradBytes } from './weightGrad';

/**
 * y (+)= x ⋆ w + bias; `bias` 0 for none.
 *
 * Scratch: conv2dScratch bytes.
 */
export function conv2d(
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
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  scratch: usize,
  acc: i32,
): void {
  setGeometry(n, c, h, w, o, oh, ow, kh, kw, sh, sw, pt, pl, dh, dw, g);
  layOutInput();
  const rows = O / G;
  const k = (C / G) * KH * KW;
  const outSize = O * OH * OW;
  const panels = scratch;
  const init = panels + lines(floats(O * k));
  const table = init + lines(floats(O));
  const made = table + lines(floats(k));
  const planes = made + (acc ? lines(floats(outSize)) : 0);

  const blocks = blocksOf(rows);
  let from = weight;
  let to = panels;
  for (let group = 0; group < G; group++) {
    for (let block = 0; block < blocks; block++) {
      const count = blockRows(rows, blocks, block);
      transposeInto(count, k, from, k, to, count);
      from += floats(count * k);
      to += floats(count * k);
    }
  }
  if (bias) memory.copy(init, bias, floats(O));
  else fill(O, init, 0);
  tabulateTaps(table);

  const plane = isPlain ? H * W : planeSize();
  if (!isPlain) memory.fill(planes + floats(C * plane), 0, SLACK);
  for (let image = 0; image < N; image++) {
    const target = y + floats(image * outSize);
    const out = acc ? made : target;
    let read = planes;
    if (isPlain) read = x + floats(image * C * plane);
    else copyInput(x, image, planes);
    for (let group = 0; group < G; group++) {
      correlate(
        rows,
        k,
        panels + floats(group * rows * k),
        table,
        init + floats(group * rows),
        read + floats(group * (C / G) * plane),
        pitch,
        OH,
        OW,
        out + floats(group * rows * OH * OW),
      );
    }
    if (acc) add(outSize, target, made, target);
  }
}

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
  const init = panels + lines(floats(C * perGroup * KH * KW));
  const table = init + lines(floats(C));
  const made = table + lines(floats(perGroup * KH * KW));
  const planes = made + (isDirect ? 0 : lines(floats(C * ((H + SH - 1) / SH) * ((W + SW - 1) / SW))));
  fill(C, init, 0);
  packForGradient(weight, panels, table, plane);
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
    let offsets = table;
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
            offsets,
            init,
            read + floats(group * perGroup * plane),
            gradPitch,
            height,
            width,
            out + floats(group * rows * height * width),
          );
          panel += floats(rows * k);
        }
        offsets += floats(k);
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

/** Weights and offsets, phase by phase: panels[phase][group][block][o, tap][row], table[phase][o, tap]. */
function packForGradient(weight: usize, panels: usize, table: usize, plane: i32): void {
  const perGroup = O / G;
  const rows = C / G;
  const blocks = blocksOf(rows);
  const kernel = KH * KW;
  for (let p = 0; p < SH; p++) {
    for (let q = 0; q < SW; q++) {
      for (let o = 0; o < perGroup; o++) {
        for (let a = 0; a < KH; a++) {
          if (!feeds(p, PT, a, DH, SH)) continue;
          const row = (p + PT - a * DH) / SH - firstRow;
          for (let b = 0; b < KW; b++) {
            if (!feeds(q, PL, b, DW, SW)) continue;
            const column = (q + PL - b * DW) / SW - firstColumn;
            store<i32>(table, (o * plane + row * gradPitch + column) << 2);
            table += 4;
          }
        }
      }
      for (let group = 0; group < G; group++) {
        let first = 0;
        for (let block = 0; block < blocks; block++) {
          const count = blockRows(rows, blocks, block);
          for (let o = 0; o < perGroup; o++) {
            const from = weight + floats(((group * perGroup + o) * rows + first) * kernel);
            for (let a = 0; a < KH; a++) {
              if (!feeds(p, PT, a, DH, SH)) continue;
              for (let b = 0; b < KW; b++) {
                if (!feeds(q, PL, b, DW, SW)) continue;
                let at = from + floats(a * KW + b);
                for (let r = 0; r < count; r++, panels += 4, at += floats(kernel)) store<f32>(panels, load<f32>(at));
              }
            }
          }
          first += count;
        }
      }
    }
  }
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

/** Bytes of scratch that any of the three kernels needs for this shape. */
export function conv2dScratch(
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
): usize {
  setGeometry(n, c, h, w, o, oh, ow, kh, kw, sh, sw, pt, pl, dh, dw, g);
  layOutInput();
  layOutGradient();
  const weights = lines(floats((O / G) * C * KH * KW));
  const forward =
    weights +
    lines(floats(O)) +
    lines(floats((C / G) * KH * KW)) +
    lines(floats(O * OH * OW)) +
    floats(C * planeSize()) +
    SLACK;
  const inputGrad =
    weights +
    lines(floats(C)) +
    lines(floats((O / G) * KH * KW)) +
    lines(floats(C * ((H + SH - 1) / SH) * ((W + SW - 1) / SW))) +
    floats(O * gradRows * gradPitch) +
    SLACK;
  return max(max(forward, inputGrad), weightGradBytes());
}

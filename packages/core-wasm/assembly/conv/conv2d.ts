// Convolution. Shapes and formula: geometry.ts.
import { add, fill } from '../elementwise';
import { transposeInto } from '../pack';
import { correlate } from './correlate';
import {
  blockRows,
  blocksOf,
  C,
  floats,
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
  setGeometry,
  W,
} from './geometry';
import { inputGradBytes } from './inputGrad';
import { copyInput, isPlain, layOutInput, pitch, planeSize, SLACK, tabulateTaps } from './planes';
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
  const blocks = blocksOf(rows);
  const panels = scratch;
  const init = panels + lines(floats(panelWords(G, rows, k)));
  const table = init + lines(floats(O));
  const made = table + lines(floats(k));
  const planes = made + (acc ? lines(floats(outSize)) : 0);

  tabulateTaps(table);
  let from = weight;
  let to = panels;
  for (let group = 0; group < G; group++) {
    for (let block = 0; block < blocks; block++) {
      const count = blockRows(rows, blocks, block);
      transposeInto(count, k, from, k, to + 4, count + 1);
      for (let i = 0; i < k; i++) store<u32>(to + floats(i * (count + 1)), load<u32>(table + floats(i)));
      from += floats(count * k);
      to += floats((count + 1) * k);
    }
  }
  if (bias) memory.copy(init, bias, floats(O));
  else fill(O, init, 0);

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
        panels + floats(panelWords(group, rows, k)),
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
  const k = (C / G) * KH * KW;
  const forward =
    lines(floats(panelWords(G, O / G, k))) +
    lines(floats(O)) +
    lines(floats(k)) +
    lines(floats(O * OH * OW)) +
    floats(C * planeSize()) +
    SLACK;
  return max(max(forward, inputGradBytes()), weightGradBytes());
}

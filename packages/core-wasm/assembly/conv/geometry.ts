// The shape of the convolution being computed: set by each exported kernel, read by what it calls.
//
//   y[n, o, i, j] = Σ_{c, a, b} x[n, c, i·SH + a·DH - PT, j·SW + b·DW - PL] · w[o, c, a, b]
//
// x [N, C, H, W], w [O, C / G, KH, KW], y [N, O, OH, OW]; what lies outside of x counts as 0. The padding below and to
// the right follows from OH and OW.
import { MR } from '../tile';

export let N: i32 = 0;
export let C: i32 = 0;
export let H: i32 = 0;
export let W: i32 = 0;
export let O: i32 = 0;
export let OH: i32 = 0;
export let OW: i32 = 0;
export let KH: i32 = 0;
export let KW: i32 = 0;
export let SH: i32 = 0;
export let SW: i32 = 0;
export let PT: i32 = 0;
export let PL: i32 = 0;
export let DH: i32 = 0;
export let DW: i32 = 0;
export let G: i32 = 0;

export function setGeometry(
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
): void {
  // A 1 × 1 convolution sees one long row: full tiles whatever the width.
  const isPointwise = kh == 1 && kw == 1 && sh == 1 && sw == 1 && pt == 0 && pl == 0 && oh == h && ow == w;
  N = n;
  C = c;
  H = isPointwise ? 1 : h;
  W = isPointwise ? h * w : w;
  O = o;
  OH = isPointwise ? 1 : oh;
  OW = isPointwise ? oh * ow : ow;
  KH = kh;
  KW = kw;
  SH = sh;
  SW = sw;
  PT = pt;
  PL = pl;
  DH = dh;
  DW = dw;
  G = g;
}

/** The next multiple of 64 bytes. */
@inline
export function lines(bytes: usize): usize {
  return (bytes + 63) & ~(<usize>63);
}

@inline
export function floats(count: i32): usize {
  return <usize>count << 2;
}

/** a / b rounded towards -∞, b > 0. */
@inline
export function floorDiv(a: i32, b: i32): i32 {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/**
 * `rows` output channels are computed in blocks of nearly equal size, at most MR: a last block of 1 or 2 rows would
 * leave the multipliers waiting for each other.
 */
@inline
export function blocksOf(rows: i32): i32 {
  return (rows + MR - 1) / MR;
}

/** Rows of block `index` of `blocks`. */
@inline
export function blockRows(rows: i32, blocks: i32, index: i32): i32 {
  return rows / blocks + (index < rows % blocks ? 1 : 0);
}

/** Words of the packed weights of `groups` groups: a block's rows, and one offset more, for each k. */
@inline
export function panelWords(groups: i32, rows: i32, k: i32): i32 {
  return groups * (rows + blocksOf(rows)) * k;
}

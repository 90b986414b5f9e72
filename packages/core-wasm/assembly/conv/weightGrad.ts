// The gradient of a convolution with respect to its weights. Shapes and formula: geometry.ts.
//   dw[o, c, a, b] (+)= Σ_{n, i, j} dy[n, o, i, j] · x[n, c, i·SH + a·DH - PT, j·SW + b·DW - PL]
// A tile holds up to MR output channels × 2 taps as sums in four lanes over groups of four neighbouring pixels; the
// lanes are added up at the end. dy is packed as [group][channel][4], x is read through a table of the groups' offsets.
import { horizontalSum, madd, splat } from '../simd';
import { MR } from '../tile';
import { copyInput, isPlain, layOutInput, pitch, planeSize, SLACK, tabulateTaps } from './planes';
import { blockRows, blocksOf, C, floats, G, H, KH, KW, lines, N, O, OH, OW, setGeometry, W } from './geometry';

/** Pixels a tile should sum over at least, so that adding up its lanes does not count. */
const PIXELS: i32 = 1024;

/** Images taken together. */
function chunkSize(): i32 {
  return max(1, min(N, (PIXELS + OH * OW - 1) / max(1, OH * OW)));
}

@inline
function groupsOfImage(): i32 {
  return OH * ((OW + 3) / 4);
}

/** x can be read as it is where no vector of a row reaches beyond it. */
@inline
function readsPlain(): bool {
  return isPlain && OW % 4 == 0;
}

/** Scratch that conv2dWeightGrad needs; the geometry is set and laid out. */
export function weightGradBytes(): usize {
  const chunk = chunkSize();
  return (
    lines(floats((C / G) * KH * KW)) +
    lines(floats(chunk * groupsOfImage())) +
    lines(floats(chunk * O * groupsOfImage() * 4)) +
    floats(chunk * C * planeSize()) +
    SLACK
  );
}

export function conv2dWeightGrad(
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
  dy: usize,
  dWeight: usize,
  scratch: usize,
  acc: i32,
): void {
  setGeometry(n, c, h, w, o, oh, ow, kh, kw, sh, sw, pt, pl, dh, dw, g);
  layOutInput();
  const k = (C / G) * KH * KW;
  if (N == 0 || OH == 0 || OW == 0) {
    if (!acc) memory.fill(dWeight, 0, floats(O * k));
    return;
  }
  const rows = O / G;
  const blocks = blocksOf(rows);
  const chunk = chunkSize();
  const perImage = groupsOfImage();
  const plain = readsPlain();
  const plane = plain ? H * W : planeSize();
  const taps = scratch;
  const groups = taps + lines(floats(k));
  const packed = groups + lines(floats(chunk * perImage));
  const planes = packed + lines(floats(chunk * O * perImage * 4));
  tabulateTaps(taps);
  tabulateGroups(groups, chunk, C * plane);

  for (let first = 0; first < N; first += chunk) {
    const images = min(chunk, N - first);
    const count = images * perImage;
    let read = x + floats(first * C * plane);
    if (!plain) {
      for (let i = 0; i < images; i++) copyInput(x, first + i, planes + floats(i * C * plane));
      // Vectors past the end of a row meet zeros of dy; what they read must be finite all the same.
      memory.fill(planes + floats(images * C * plane), 0, SLACK);
      read = planes;
    }
    packGradient(dy + floats(first * O * OH * OW), images, packed);
    let panel = packed;
    const add = first > 0 ? 1 : acc;
    for (let group = 0; group < G; group++) {
      const from = read + floats(group * (C / G) * plane);
      let to = dWeight + floats(group * rows * k);
      for (let block = 0; block < blocks; block++) {
        const height = blockRows(rows, blocks, block);
        for (let tap = 0; tap < k; tap += 2) {
          const x0 = from + <usize>load<u32>(taps + floats(tap));
          const isPair = tap + 1 < k;
          if (height == 1 && tap + 3 < k) {
            fourTaps(count, panel, groups, from, taps + floats(tap), to + floats(tap), add);
            tap += 2;
            continue;
          }
          // Two calls, or the compiler would inline all tiles here, and V8 would run out of registers.
          if (isPair) tileOf(height, count, panel, groups, x0, from + <usize>load<u32>(taps + floats(tap + 1)));
          else tileOf(height, count, panel, groups, x0, x0);
          let sums = beside;
          let at = to + floats(tap);
          for (let r = 0; r < height; r++, sums += 32, at += floats(k)) {
            put(at, horizontalSum(v128.load(sums)), add);
            if (isPair) put(at + 4, horizontalSum(v128.load(sums, 16)), add);
          }
        }
        panel += floats(height * count * 4);
        to += floats(height * k);
      }
    }
  }
}

@inline
function put(at: usize, value: f32, acc: i32): void {
  store<f32>(at, acc ? load<f32>(at) + value : value);
}

/** Byte offsets of the groups of four pixels of `images` images, `size` numbers apart. */
function tabulateGroups(table: usize, images: i32, size: i32): void {
  for (let image = 0; image < images; image++) {
    for (let i = 0; i < OH; i++) {
      for (let j = 0; j < OW; j += 4, table += 4) store<i32>(table, (image * size + i * pitch + j) << 2);
    }
  }
}

/** packed[block][image, group][channel of the block][4] = dy, 0 beyond the end of a row. */
function packGradient(dy: usize, images: i32, packed: usize): void {
  const rows = O / G;
  const blocks = blocksOf(rows);
  let first = 0;
  for (let group = 0; group < G; group++) {
    for (let block = 0; block < blocks; block++) {
      const count = blockRows(rows, blocks, block);
      const step = <usize>count << 4;
      for (let image = 0; image < images; image++) {
        for (let r = 0; r < count; r++) {
          let from = dy + floats((image * O + first + r) * OH * OW);
          let to = packed + (<usize>r << 4);
          for (let i = 0; i < OH; i++) {
            let j = 0;
            for (; j + 4 <= OW; j += 4, from += 16, to += step) v128.store(to, v128.load(from));
            if (j < OW) {
              v128.store(to, splat(0));
              for (let lane: usize = 0; j < OW; j++, lane += 4, from += 4) store<f32>(to + lane, load<f32>(from));
              to += step;
            }
          }
        }
        packed += <usize>groupsOfImage() * step;
      }
      first += count;
    }
  }
}

const beside = memory.data(6 * 32, 64);

/** beside[r][2 taps][4 lanes] = Σ_g a[g][r] · x[offset(g)]; `rows` is a compile-time constant at every call. */
@inline
function tile(rows: i32, count: i32, a: usize, groups: usize, x0: usize, x1: usize): void {
  a &= ~3; // see tile.ts
  groups &= ~3;
  let c00 = splat(0);
  let c01 = splat(0);
  let c10 = splat(0);
  let c11 = splat(0);
  let c20 = splat(0);
  let c21 = splat(0);
  let c30 = splat(0);
  let c31 = splat(0);
  let c40 = splat(0);
  let c41 = splat(0);
  let c50 = splat(0);
  let c51 = splat(0);
  for (const end = groups + (<usize>count << 2); groups != end; ) {
    const offset = <usize>load<u32>(groups);
    const b0 = v128.load(x0 + offset);
    const b1 = v128.load(x1 + offset);
    let v = v128.load(a);
    c00 = madd(v, b0, c00);
    c01 = madd(v, b1, c01);
    if (rows > 1) {
      v = v128.load(a, 16);
      c10 = madd(v, b0, c10);
      c11 = madd(v, b1, c11);
    }
    if (rows > 2) {
      v = v128.load(a, 32);
      c20 = madd(v, b0, c20);
      c21 = madd(v, b1, c21);
    }
    if (rows > 3) {
      v = v128.load(a, 48);
      c30 = madd(v, b0, c30);
      c31 = madd(v, b1, c31);
    }
    if (rows > 4) {
      v = v128.load(a, 64);
      c40 = madd(v, b0, c40);
      c41 = madd(v, b1, c41);
    }
    if (rows > 5) {
      v = v128.load(a, 80);
      c50 = madd(v, b0, c50);
      c51 = madd(v, b1, c51);
    }
    a += <usize>rows << 4;
    groups += 4;
  }
  v128.store(beside, c00);
  v128.store(beside, c01, 16);
  if (rows > 1) {
    v128.store(beside, c10, 32);
    v128.store(beside, c11, 48);
  }
  if (rows > 2) {
    v128.store(beside, c20, 64);
    v128.store(beside, c21, 80);
  }
  if (rows > 3) {
    v128.store(beside, c30, 96);
    v128.store(beside, c31, 112);
  }
  if (rows > 4) {
    v128.store(beside, c40, 128);
    v128.store(beside, c41, 144);
  }
  if (rows > 5) {
    v128.store(beside, c50, 160);
    v128.store(beside, c51, 176);
  }
}

function tile1(count: i32, a: usize, groups: usize, x0: usize, x1: usize): void {
  tile(1, count, a, groups, x0, x1);
}

function tile2(count: i32, a: usize, groups: usize, x0: usize, x1: usize): void {
  tile(2, count, a, groups, x0, x1);
}

function tile3(count: i32, a: usize, groups: usize, x0: usize, x1: usize): void {
  tile(3, count, a, groups, x0, x1);
}

function tile4(count: i32, a: usize, groups: usize, x0: usize, x1: usize): void {
  tile(4, count, a, groups, x0, x1);
}

function tile5(count: i32, a: usize, groups: usize, x0: usize, x1: usize): void {
  tile(5, count, a, groups, x0, x1);
}

function tile6(count: i32, a: usize, groups: usize, x0: usize, x1: usize): void {
  tile(6, count, a, groups, x0, x1);
}

@inline
function tileOf(rows: i32, count: i32, a: usize, groups: usize, x0: usize, x1: usize): void {
  if (rows == MR) {
    if (ASC_FEATURE_RELAXED_SIMD) tile6(count, a, groups, x0, x1);
    else tile5(count, a, groups, x0, x1);
  } else if (rows == 1) tile1(count, a, groups, x0, x1);
  else if (rows == 2) tile2(count, a, groups, x0, x1);
  else if (rows == 3) tile3(count, a, groups, x0, x1);
  else if (rows == 4) tile4(count, a, groups, x0, x1);
  else tile5(count, a, groups, x0, x1);
}

/** Four taps of one output channel (depthwise convolutions): dw[0 … 3] (+)= Σ_g a[g] · x[offset(g) + tap]. */
function fourTaps(count: i32, a: usize, groups: usize, x: usize, taps: usize, to: usize, acc: i32): void {
  const x0 = x + <usize>load<u32>(taps);
  const x1 = x + <usize>load<u32>(taps, 4);
  const x2 = x + <usize>load<u32>(taps, 8);
  const x3 = x + <usize>load<u32>(taps, 12);
  let c0 = splat(0);
  let c1 = splat(0);
  let c2 = splat(0);
  let c3 = splat(0);
  for (; count > 0; count--, a += 16, groups += 4) {
    const offset = <usize>load<u32>(groups);
    const v = v128.load(a);
    c0 = madd(v, v128.load(x0 + offset), c0);
    c1 = madd(v, v128.load(x1 + offset), c1);
    c2 = madd(v, v128.load(x2 + offset), c2);
    c3 = madd(v, v128.load(x3 + offset), c3);
  }
  put(to, horizontalSum(c0), acc);
  put(to + 4, horizontalSum(c1), acc);
  put(to + 8, horizontalSum(c2), acc);
  put(to + 12, horizontalSum(c3), acc);
}

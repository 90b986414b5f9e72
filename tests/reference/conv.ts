/** Sizes of a convolution: x [n, c, h, w], weight [o, c / groups, kh, kw], y [n, o, oh, ow]. */
export interface ConvSizes {
  n: number;
  c: number;
  h: number;
  w: number;
  o: number;
  kh: number;
  kw: number;
  strideH: number;
  strideW: number;
  padTop: number;
  padLeft: number;
  padBottom: number;
  padRight: number;
  dilH: number;
  dilW: number;
  groups: number;
}

export function outputSize(s: ConvSizes): { oh: number; ow: number } {
  return {
    oh: Math.floor((s.h + s.padTop + s.padBottom - (s.kh - 1) * s.dilH - 1) / s.strideH) + 1,
    ow: Math.floor((s.w + s.padLeft + s.padRight - (s.kw - 1) * s.dilW - 1) / s.strideW) + 1,
  };
}

/** Calls `visit` with the flat indices of every product x · weight that enters y. */
function products(s: ConvSizes, visit: (y: number, x: number, weight: number) => void): void {
  const { oh, ow } = outputSize(s);
  const cg = s.c / s.groups;
  const og = s.o / s.groups;
  for (let n = 0; n < s.n; n++)
    for (let o = 0; o < s.o; o++)
      for (let i = 0; i < oh; i++)
        for (let j = 0; j < ow; j++)
          for (let c = 0; c < cg; c++)
            for (let a = 0; a < s.kh; a++)
              for (let b = 0; b < s.kw; b++) {
                const row = i * s.strideH + a * s.dilH - s.padTop;
                const column = j * s.strideW + b * s.dilW - s.padLeft;
                if (row < 0 || row >= s.h || column < 0 || column >= s.w) continue;
                const channel = Math.floor(o / og) * cg + c;
                visit(
                  ((n * s.o + o) * oh + i) * ow + j,
                  ((n * s.c + channel) * s.h + row) * s.w + column,
                  ((o * cg + c) * s.kh + a) * s.kw + b,
                );
              }
}

export function convolve(s: ConvSizes, x: ArrayLike<number>, weight: ArrayLike<number>): Float64Array {
  const { oh, ow } = outputSize(s);
  const y = new Float64Array(s.n * s.o * oh * ow);
  products(s, (iy, ix, iw) => (y[iy]! += x[ix]! * weight[iw]!));
  return y;
}

export function convGrads(
  s: ConvSizes,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  dy: ArrayLike<number>,
): { dx: Float64Array; dWeight: Float64Array } {
  const dx = new Float64Array(x.length);
  const dWeight = new Float64Array(weight.length);
  products(s, (iy, ix, iw) => {
    dx[ix]! += dy[iy]! * weight[iw]!;
    dWeight[iw]! += dy[iy]! * x[ix]!;
  });
  return { dx, dWeight };
}

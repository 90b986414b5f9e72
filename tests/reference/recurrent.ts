const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** A sequence of T steps, N samples, H units; `proj` [T, N, G · H] holds x W_ihᵀ + b_ih of all steps. */
export interface Sequence {
  steps: number;
  n: number;
  h: number;
  reverse: boolean;
  proj: Float64Array;
  /** [G · H, H] */
  w: Float64Array;
  /** [G · H] */
  b: Float64Array;
  h0: Float64Array;
  c0: Float64Array;
}

/** The hidden part W h + b of one gate and unit. */
function hidden(s: Sequence, before: Float64Array, sample: number, row: number): number {
  let sum = s.b[row]!;
  for (let k = 0; k < s.h; k++) sum += s.w[row * s.h + k]! * before[sample * s.h + k]!;
  return sum;
}

/**
 * Walks the sequence; `cell` gives the new state of a unit from the projections and the hidden parts of its gates.
 * Gives [y [T, N, H], last h [N, H], last c [N, H]] one behind the other.
 */
function walk(
  s: Sequence,
  gates: number,
  cell: (proj: number[], part: number[], h: number, c: number) => { h: number; c: number },
): Float64Array {
  const size = s.n * s.h;
  const out = new Float64Array((s.steps + 2) * size);
  let [h, c] = [s.h0, s.c0];
  for (let step = 0; step < s.steps; step++) {
    const t = s.reverse ? s.steps - 1 - step : step;
    const [nextH, nextC] = [new Float64Array(size), new Float64Array(size)];
    for (let sample = 0; sample < s.n; sample++) {
      for (let unit = 0; unit < s.h; unit++) {
        const rows = Array.from({ length: gates }, (_, g) => g * s.h + unit);
        const proj = rows.map((row) => s.proj[(t * s.n + sample) * gates * s.h + row]!);
        const part = rows.map((row) => hidden(s, h, sample, row));
        const at = sample * s.h + unit;
        const next = cell(proj, part, h[at]!, c[at]!);
        [nextH[at], nextC[at]] = [next.h, next.c];
        out[t * size + at] = next.h;
      }
    }
    [h, c] = [nextH, nextC];
  }
  out.set(h, s.steps * size);
  out.set(c, (s.steps + 1) * size);
  return out;
}

/** Elman's cell, tanh or ReLU. */
export function rnn(s: Sequence, isRelu: boolean): Float64Array {
  return walk(s, 1, ([p], [m]) => {
    const a = p! + m!;
    return { h: isRelu ? Math.max(a, 0) : Math.tanh(a), c: 0 };
  });
}

/** Gates i, f, g, o. */
export function lstm(s: Sequence): Float64Array {
  return walk(s, 4, (p, m, _h, c) => {
    const [i, f, g, o] = p.map((v, gate) => v + m[gate]!);
    const cell = sigmoid(f!) * c + sigmoid(i!) * Math.tanh(g!);
    return { h: sigmoid(o!) * Math.tanh(cell), c: cell };
  });
}

/** Gates r, z, n; the hidden bias of n is inside r · ( ). */
export function gru(s: Sequence): Float64Array {
  return walk(s, 3, (p, m, h) => {
    const r = sigmoid(p[0]! + m[0]!);
    const z = sigmoid(p[1]! + m[1]!);
    const fresh = Math.tanh(p[2]! + r * m[2]!);
    return { h: (1 - z) * fresh + z * h, c: 0 };
  });
}

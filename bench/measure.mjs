// Timing on a machine that others use too: everything is warmed, then measured in turns (A B A B), so that a slow
// moment hits all alike; the minimum says what the code can do, the median what it did.

/** Keeps results alive, so that nothing is optimised away. */
export let consumed = 0;

export function consume(value) {
  consumed += value;
}

const clocks = {
  /** What passes on the wall. */
  wall: () => performance.now(),
  /** What this process got of the cores, its compiler and collector included: for a machine that has others to serve. */
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};
let now = clocks.wall;

/** Measures by this clock from here on; `cpu` needs Node. */
export function useClock(name) {
  if (!Object.hasOwn(clocks, name)) throw new Error(`no clock "${name}"; there are wall and cpu`);
  now = clocks[name];
}

/**
 * Runs each of `cases` ({ name, run }) `repeats` times in turns. A turn repeats `run` until `minMs` have passed.
 * Gives { name, minMs, medianMs } for each. `before`, if a case has it, runs ahead of each turn, untimed.
 */
export function interleave(cases, { repeats = 15, minMs = 5 } = {}) {
  const inner = cases.map(({ run, before }) => {
    before?.();
    run();
    const start = performance.now();
    let count = 0;
    do {
      run();
      count++;
    } while (performance.now() - start < minMs);
    return count;
  });
  const times = cases.map(() => []);
  for (let repeat = 0; repeat < repeats; repeat++) {
    cases.forEach(({ run, before }, i) => {
      before?.();
      const start = now();
      for (let count = inner[i]; count > 0; count--) run();
      times[i].push((now() - start) / inner[i]);
    });
  }
  return cases.map(({ name }, i) => ({ name, ...summary(times[i]) }));
}

export function summary(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return { minMs: sorted[0], medianMs: sorted[Math.floor(sorted.length / 2)] };
}

/** Multiply-adds of one call of a kernel that does nothing else, and the call: what all is compared with. */
export const PEAK_ITERATIONS = 200_000;
export const PEAK_FLOPS = 96 * PEAK_ITERATIONS;

export function peakOf(kernels) {
  return { name: 'peak', run: () => consume(kernels.peakMultiplyAdd(PEAK_ITERATIONS)) };
}

export function gflops(flops, ms) {
  return flops / ms / 1e6;
}

export function percent(share, digits = 0) {
  return `${(100 * share).toFixed(digits)} %`;
}

/** A table of strings: columns padded, all but the first to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  '))
    .join('\n');
}

/** n reproducible f32 in [-1, 1). */
export function numbers(n, seed) {
  let state = seed >>> 0;
  return Float32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (2 * (state >>> 8)) / 2 ** 24 - 1;
  });
}

// Times `step` and prints one JSON line: { minMs, medianMs, count }, or { error }. Every peer is a process of its own,
// started as: node PEER.mjs WORKLOAD [BACKEND]; run.mjs takes them in turns.

/** Warms, then times steps until `ms` have passed: at least 3 of them (fewer of the
 * very slow), at most 200. */
export async function timeSteps(step, ms = 2500) {
  const warm = performance.now();
  for (let i = 0; i < 1 || (i < 20 && performance.now() - warm < ms / 3); i++) await step();
  const times = [];
  const start = performance.now();
  while (times.length < 3 || (times.length < 200 && performance.now() - start < ms)) {
    const begin = performance.now();
    await step();
    times.push(performance.now() - begin);
    if (performance.now() - start > 20_000) break;
  }
  times.sort((a, b) => a - b);
  return { minMs: times[0], medianMs: times[times.length >> 1], count: times.length };
}

/** Runs `make(workload)`, which gives a step, and reports. A workload that is not there says why. */
export async function report(make) {
  try {
    const step = await make(process.argv[2]);
    console.log(JSON.stringify(await timeSteps(step)));
  } catch (error) {
    const message = String(error?.message ?? error).split('\n')[0];
    console.log(JSON.stringify({ error: message.slice(0, 160) }));
  }
  process.exit(0);
}

/** n reproducible numbers in [-1, 1). */
export function numbers(n, seed = 1) {
  let state = seed >>> 0;
  return Float32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (2 * (state >>> 8)) / 2 ** 24 - 1;
  });
}

/** Sizes of the workloads, as bench/workloads.mjs has them. */
export const mlps = {
  mlpWide: { input: 784, width: 256, depth: 8, batch: 64 },
  mlpDeep: { input: 64, width: 64, depth: 49, batch: 32 },
  thousand: { input: 32, width: 32, depth: 1000, batch: 32 },
};
export const lstms = { lstm64: 64, lstm128: 128 };
export const gpt = { layers: 4, width: 128, heads: 4, hidden: 512, length: 128, batch: 8, vocabulary: 65 };
/** Written by nobody here in a library without it: assignment and loss would be ours, and so would the figure. */
export const noDetector = 'not written: the library has no detector with its assignment and loss';

// The tape's own time: a step with kernels that do nothing (hollow.mjs) against a step. Warm, and after as many bytes
// as the second-level cache holds were read in between, since real kernels push the tape's own objects out of it.
import { readFileSync } from 'node:fs';
import { consume, interleave, percent, summary, table } from './measure.mjs';
import { open } from './networks.mjs';
import { specOf, workloads } from './workloads.mjs';

const STEPS = 1e9; // hollow steps are quick: more than are ever taken
const JUNK = new Float64Array(1 << 18);

export async function benchTape({ engine, loadKernels, variants, repeats }) {
  const records = [];
  const rows = [
    ['tape alone', 'variant', 'step ms', 'tape ms', 'of a step', 'cold ms', 'of a step', 'bytes a step'],
  ];
  for (const variant of variants) {
    for (const name of ['mlpWide', 'mlpDeep', 'thousand']) {
      const spec = specOf(workloads[name], STEPS);
      const real = await open(engine, name, spec, { exact: variant === 'simd', every: STEPS });
      const kernels = await hollowKernels(loadKernels, variant);
      const twin = await open(engine, 'hollow', spec, { kernels, every: STEPS });
      const [step, tape] = interleave([real, twin], { repeats });
      const cold = summary(Array.from({ length: 8 * repeats }, () => coldTime(twin.run)));
      const share = tape.medianMs / step.medianMs;
      const coldShare = cold.medianMs / step.medianMs;
      const allocated = bytesAStep(twin.run);
      records.push({ bench: 'tape', variant, name, step, tape, cold, share, coldShare, allocated });
      const ms = [step, tape].map(({ medianMs }) => medianMs.toFixed(4));
      const cells = [
        percent(share, 1),
        cold.medianMs.toFixed(4),
        percent(coldShare, 1),
        allocated.toFixed(0),
      ];
      rows.push([name, variant, ...ms, ...cells]);
    }
  }
  console.log(`${table(rows)}\n`);
  return records;
}

/** Kernels that do nothing, but for the loss: a step whose loss is no number would be the last. */
async function hollowKernels(loadKernels, variant) {
  const kernels = await loadKernels({ variant });
  const main = new URL(import.meta.resolve('@fuga/core-wasm'));
  const bytes = readFileSync(new URL(`../build/${variant}.wasm`, main));
  const { hollow } = await import('./hollow.mjs');
  const { instance } = await WebAssembly.instantiate(hollow(bytes));
  const { crossEntropy, crossEntropyGrad, heapBase, memory } = kernels;
  return { ...kernels, ...instance.exports, crossEntropy, crossEntropyGrad, heapBase, memory };
}

function coldTime(run) {
  let sum = 0;
  for (let i = 0; i < JUNK.length; i += 8) sum += JUNK[i];
  consume(sum);
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** Bytes of JavaScript's heap that a step takes, the generator's own result included; the median of many stretches. */
function bytesAStep(run, steps = 200) {
  const grown = Array.from({ length: 31 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < steps; i++) run();
    return (process.memoryUsage().heapUsed - before) / steps;
  });
  return summary(grown).medianMs;
}

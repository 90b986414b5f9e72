// Elementwise functions against Math.*, and the passes over parameters and activations, in ns a value.
import { interleave, numbers, table } from './measure.mjs';

const N = 65536;
const peers = {
  exp: Math.exp,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  log: Math.log,
  sin: Math.sin,
};
const bounds = { exp: 1, tanh: 1, sigmoid: 2, log: 1, sin: 2 };

export async function benchFunctions({ loadKernels, variants, repeats }) {
  const records = [];
  const rows = [['function', 'variant', 'ns min', 'ns median', 'Math.* min', 'times']];
  for (const variant of variants) {
    const kernels = await loadKernels({ variant });
    kernels.memory.grow(200);
    const at = (i) => kernels.heapBase + 4 * N * i;
    const x = new Float32Array(kernels.memory.buffer, at(0), N);
    const y = new Float32Array(kernels.memory.buffer, at(1), N);
    const plain = new Float32Array(N);
    numbers(N, 3).forEach((v, i) => (x[i] = 5 * v));
    const add = (name, ours, theirs) => {
      const ns = (ms) => (1e6 * ms) / N;
      const times = theirs ? theirs.minMs / ours.minMs : NaN;
      records.push({
        bench: 'functions',
        variant,
        name,
        minMs: ours.minMs,
        medianMs: ours.medianMs,
        minNs: ns(ours.minMs),
        medianNs: ns(ours.medianMs),
        times,
      });
      rows.push([
        name,
        variant,
        ns(ours.minMs).toFixed(2),
        ns(ours.medianMs).toFixed(2),
        theirs ? ns(theirs.minMs).toFixed(2) : '',
        theirs ? `${times.toFixed(1)}×` : '',
      ]);
    };
    for (const [name, math] of Object.entries(peers)) {
      if (name === 'log') x.forEach((v, i) => (x[i] = Math.abs(v) + 0.01));
      kernels[name](N, at(0), at(1), 0, 0);
      check(name, x, y, math);
      const [ours, theirs] = interleave(
        [
          { name, run: () => kernels[name](N, at(0), at(1), 0, 0) },
          {
            name: 'Math',
            run: () => {
              for (let i = 0; i < N; i++) plain[i] = math(x[i]);
            },
          },
        ],
        { repeats },
      );
      add(name, ours, theirs);
    }
    const w = at(0);
    const others = {
      relu: () => kernels.relu(N, w, at(1), 0, 0),
      reluGrad: () => kernels.reluGrad(N, w, at(1), at(2), at(3), 0, 0, 0),
      gelu: () => kernels.gelu(N, w, at(1), 0, 0),
      softplus: () => kernels.softplus(N, w, at(1), 1, 20),
      softmax64: () => kernels.softmax(N / 64, 64, w, at(1)),
      stats: () => kernels.stats(N, w, at(1)),
      histogramLog: () => kernels.histogramLog(N, w, at(1)),
      sumSquares: () => kernels.sumSquares(N, w),
      sgdStep: () => kernels.sgdStep(N, at(4), w, at(2), 1e-9, 0.9, 0, 0, 0, 0),
      adamStep: () => kernels.adamStep(N, at(4), w, at(2), at(3), 0, 1e-9, 0.9, 0.999, 1e-8, 0, 0, 0.5, 0.5),
      randomUniform: () => kernels.randomUniform(N, at(1), 1, 2, 3, 4, 0, 0, 1),
      randomNormal: () => kernels.randomNormal(N, at(1), 1, 2, 3, 4, 0, 0, 1),
    };
    const cases = Object.entries(others).map(([name, run]) => ({ name, run }));
    for (const result of interleave(cases, { repeats })) add(result.name, result);
  }
  console.log(table(rows));
  return records;
}

/** Within the bound in units of the last place that the kernel's tests hold it to. */
function check(name, x, y, math) {
  for (let i = 0; i < x.length; i++) {
    const exact = math(x[i]);
    const ulp = 2 ** (Math.floor(Math.log2(Math.abs(exact))) - 23);
    if (Math.abs(y[i] - exact) > bounds[name] * ulp)
      throw new Error(`${name}(${x[i]}) = ${y[i]}, not ${exact}`);
  }
}

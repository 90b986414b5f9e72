// Matrix products at the sizes that training uses, in GFLOP/s and as a share of the multiply-adds the same process
// reaches on registers alone.
import { gflops, interleave, numbers, peakOf, PEAK_FLOPS, percent, table } from './measure.mjs';

/** [m, n, k]; training layouts: NT forward (x Wᵀ), NN input gradient (dy W), TN weight gradient (dyᵀ x). */
const shapes = [
  [64, 64, 64],
  [128, 128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [1024, 1024, 1024],
  [64, 256, 784],
  [64, 256, 256],
  [784, 256, 64],
  [32, 64, 64],
  [32768, 16, 144],
];
const layouts = ['gemm', 'gemmNT', 'gemmTN'];

export async function benchGemm({ loadKernels, variants, repeats }) {
  const records = [];
  const rows = [['gemm', 'variant', 'layout', 'min ms', 'GFLOP/s', 'of peak', 'median', 'of peak']];
  for (const variant of variants) {
    const kernels = await loadKernels({ variant });
    kernels.memory.grow(2000);
    for (const [m, n, k] of shapes) {
      const run = prepare(kernels, m, n, k);
      for (const layout of layouts) check(run, layout, m, n, k);
      const [peak, ...results] = interleave(
        [peakOf(kernels), ...layouts.map((name) => ({ name, run: () => run.multiply(name) }))],
        { repeats },
      );
      const flops = 2 * m * n * k;
      for (const { name, minMs, medianMs } of results) {
        const best = gflops(flops, minMs);
        const typical = gflops(flops, medianMs);
        const bestShare = best / gflops(PEAK_FLOPS, peak.minMs);
        const typicalShare = typical / gflops(PEAK_FLOPS, peak.medianMs);
        const shape = `${m}×${n}×${k}`;
        records.push({
          bench: 'gemm',
          variant,
          shape,
          layout: name,
          minMs,
          medianMs,
          gflops: best,
          share: bestShare,
        });
        rows.push([
          shape,
          variant,
          name,
          minMs.toFixed(4),
          best.toFixed(1),
          percent(bestShare),
          typical.toFixed(1),
          percent(typicalShare),
        ]);
      }
    }
  }
  console.log(table(rows));
  return records;
}

function prepare(kernels, m, n, k) {
  const a = kernels.heapBase;
  const b = a + 4 * m * k;
  const c = b + 4 * k * n;
  const values = numbers(m * k + k * n, 7);
  new Float32Array(kernels.memory.buffer, a, values.length).set(values);
  return {
    a: values.subarray(0, m * k),
    b: values.subarray(m * k),
    c: new Float32Array(kernels.memory.buffer, c, m * n),
    multiply(layout) {
      const lda = layout === 'gemmTN' ? m : k;
      const ldb = layout === 'gemmNT' ? k : n;
      kernels[layout](m, n, k, a, lda, b, ldb, c, n, 0);
    },
  };
}

/** 200 entries against the sum in float64, within the rounding that a sum of k products may have. */
function check({ a, b, c, multiply }, layout, m, n, k) {
  multiply(layout);
  for (let sample = 0; sample < 200; sample++) {
    const i = (sample * 7919) % m;
    const j = (sample * 104729) % n;
    let sum = 0;
    let size = 0;
    for (let p = 0; p < k; p++) {
      const left = layout === 'gemmTN' ? a[p * m + i] : a[i * k + p];
      const product = left * (layout === 'gemmNT' ? b[j * k + p] : b[p * n + j]);
      sum += product;
      size += Math.abs(product);
    }
    const error = Math.abs(c[i * n + j] - sum);
    if (!(error <= 2 ** -24 * 4 * Math.sqrt(k + 4) * size)) {
      throw new Error(`${layout} ${m}×${n}×${k} at [${i}, ${j}]: ${c[i * n + j]} instead of ${sum}`);
    }
  }
}

// Training steps of whole networks through the engine, as a user calls it: forward, loss, backward, update. Batches
// are drawn from random data; probes are off, or as they are by default where the column says so.
import { summary, table } from './measure.mjs';

const relu = { activation: 'relu', init: 'heNormal' };
const mlp = (depth, width) => ({ model: { type: 'mlp', depth, width, ...relu } });
const conv = (channels) => [
  { type: 'conv2d', out: channels, kernel: 3, padding: 'same', activation: 'relu' },
  { type: 'maxPool2d', kernel: 2 },
];
const recurrent = (hidden) => [
  { type: 'lstm', hidden, returns: 'last' },
  { type: 'dense', out: 10 },
];

/** `shape` is one sample's, of random data; `data` a source instead. */
export const workloads = {
  mlpWide: { shape: [784], batch: 64, ...mlp(8, 256) },
  mlpDeep: { shape: [64], batch: 32, ...mlp(49, 64) },
  thousand: { shape: [32], batch: 32, ...mlp(1000, 32), lr: 1e-9 },
  conv3: {
    shape: [3, 32, 32],
    batch: 32,
    network: [...conv(16), ...conv(32), ...conv(32), { type: 'flatten' }, { type: 'dense', out: 10 }],
  },
  resnet20: { shape: [3, 32, 32], batch: 32, model: { type: 'resnet', depth: 20 } },
  lstm64: { shape: [100, 32], batch: 32, network: recurrent(64) },
  lstm128: { shape: [100, 32], batch: 32, network: recurrent(128) },
  gptMini: {
    data: { source: 'text', length: 128, batch: 8 },
    model: { type: 'gpt', layers: 4, width: 128, heads: 4, hidden: 512 },
    loss: 'nextToken',
  },
  yolo: {
    data: { source: 'shapes', size: 160, samples: 16, batch: 4 },
    model: { type: 'yolo', width: 16 },
    loss: 'detection',
  },
};

function specOf({ shape, batch, data, lr = 1e-3, model, network, loss = 'crossEntropy' }) {
  return {
    fuga: 1,
    seed: 1,
    data: data ?? { source: 'gaussian', shape, samples: 4 * batch, classes: 10, batch, scale: 'none' },
    ...(model ? { model } : { network }),
    loss,
    optimizer: { type: 'sgd', lr },
    steps: 20_000, // more than are timed; how often probes record by default depends on it
  };
}

/** Opens the workload and runs it until the compiler is done with it. */
async function open({ openRun, train }, workload, options) {
  const run = await openRun(specOf(workload), options);
  const steps = train(run);
  for (let i = 0; i < 3; i++) steps.next();
  const start = performance.now();
  while (performance.now() - start < 500) steps.next();
  return { run, steps };
}

function time(steps) {
  const start = performance.now();
  steps.next();
  return performance.now() - start;
}

/** Both builds must give the same losses: fused and unfused sums differ in the last places only. */
async function check(engine, workload) {
  const losses = [];
  for (const exact of [false, true]) {
    const run = await engine.openRun(specOf(workload), { exact, every: 1e9 });
    const steps = engine.train(run);
    losses.push(Array.from({ length: 3 }, () => steps.next().value.loss));
  }
  losses[0].forEach((loss, i) => {
    if (!(Math.abs(loss - losses[1][i]) <= 1e-3 * Math.abs(losses[1][i]))) {
      throw new Error(`step ${i}: loss ${loss} on relaxed, ${losses[1][i]} on simd`);
    }
  });
}

export async function benchNetworks({ engine, variants, repeats, only }) {
  const records = [];
  const failures = [];
  const rows = [
    ['step', 'variant', 'parameters', 'min ms', 'median ms', 'probes at each step', 'by default'],
  ];
  for (const [name, workload] of Object.entries(workloads)) {
    if (!only.test(name)) continue;
    try {
      await check(engine, workload);
      for (const variant of variants) {
        const exact = variant === 'simd';
        const plain = await open(engine, workload, { exact, every: 1e9 });
        const watched = await open(engine, workload, { exact, every: 1 });
        const usual = await open(engine, workload, { exact });
        const all = [plain, watched, usual].map(({ steps }) => ({ steps, times: [] }));
        for (let i = 0; i < 4 * repeats; i++) for (const { steps, times } of all) times.push(time(steps));
        const [off, on, sampled] = all.map(({ times }) => summary(times));
        const mean = (times) => times.reduce((a, b) => a + b, 0) / times.length;
        const overhead = on.medianMs / off.medianMs - 1;
        const byDefault = mean(all[2].times) / mean(all[0].times) - 1;
        const { parameters } = plain.run.trace;
        records.push({
          bench: 'networks',
          name,
          variant,
          ...off,
          probes: overhead,
          sampledMs: sampled.medianMs,
        });
        rows.push([
          name,
          variant,
          parameters.toLocaleString('en'),
          off.minMs.toFixed(3),
          off.medianMs.toFixed(3),
          `+${(100 * overhead).toFixed(1)} %`,
          `${(100 * byDefault).toFixed(1)} % (every ${usual.run.trace.every})`,
        ]);
      }
    } catch (error) {
      records.push({ bench: 'networks', name, error: String(error.message ?? error) });
      rows.push([name, 'failed', '', '', '', '', '']);
      failures.push(`${name}: ${error.message ?? error}`);
    }
  }
  console.log(table(rows));
  for (const failure of failures) console.log(failure);
  return records;
}

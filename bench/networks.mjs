// Training steps of whole networks through the engine, as a user calls it: forward, loss, backward, update.
import { gflops, interleave, peakOf, PEAK_FLOPS, percent, table } from './measure.mjs';
import { specOf, workloads } from './workloads.mjs';

/** Opens a workload and runs it until the compiler is done with it. A step is one `run` of what comes back. */
export async function open({ openRun, train }, name, spec, options, warmMs = 500) {
  const run = await openRun(spec, options);
  const steps = train(run);
  for (let i = 0; i < 3; i++) steps.next();
  const start = performance.now();
  while (performance.now() - start < warmMs) steps.next();
  return {
    name,
    training: run,
    run: () => steps.next(),
    // A trace thins itself out when it is full, and records more rarely from then on.
    before: () => (run.trace.records.length = 0),
  };
}

/** Floating-point operations of a step's products: two for each multiply-add, backward as much as two forwards. */
export function flopsOf({ training }) {
  const shapes = (tensors) => tensors.map(({ shape }) => shape);
  return training.network.graph.records.reduce(
    (sum, { op, inputs, outputs, attributes }) =>
      sum + 6 * (op.work?.(shapes(inputs), shapes(outputs), attributes) ?? 0),
    0,
  );
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
    [
      'step',
      'variant',
      'parameters',
      'min ms',
      'median ms',
      'GFLOP/s',
      'of peak',
      'a record',
      'every',
      'probes',
    ],
  ];
  for (const [name, workload] of Object.entries(workloads)) {
    if (!only.test(name)) continue;
    try {
      await check(engine, workload);
      for (const variant of variants) {
        const exact = variant === 'simd';
        // One run, recorded in one turn and not in the next, as a run is: two would share the caches.
        const plain = await open(engine, 'plain', specOf(workload), { exact, every: 1e9 });
        const { trace } = plain.training;
        const recording = (name, every) => ({
          ...plain,
          name,
          before: () => {
            plain.before();
            trace.every = every;
            plain.run(); // a record is finished by the step behind it
          },
        });
        // As long as a run is by default: how often probes record follows from it.
        const usual = await engine.openRun(specOf(workload, 300), { exact });
        const { every } = usual.trace;
        const [peak, off, on] = interleave(
          [peakOf(usual.arena.kernels), recording('plain', 1e9), recording('watched', 1)],
          { repeats },
        );
        const { minMs, medianMs } = off;
        const flops = flopsOf(plain);
        const share = (key) => gflops(flops, off[key]) / gflops(PEAK_FLOPS, peak[key]);
        const record = on.medianMs / off.medianMs - 1;
        const { parameters } = plain.training.trace;
        records.push({
          bench: 'networks',
          name,
          variant,
          parameters,
          flops,
          minMs,
          medianMs,
          gflops: gflops(flops, minMs),
          share: share('minMs'),
          medianShare: share('medianMs'),
          record,
          every,
          probes: record / every,
        });
        rows.push([
          name,
          variant,
          parameters.toLocaleString('en'),
          minMs.toFixed(3),
          medianMs.toFixed(3),
          gflops(flops, minMs).toFixed(1),
          percent(share('minMs')),
          `+${percent(record)}`,
          String(every),
          percent(record / every, 1),
        ]);
      }
    } catch (error) {
      records.push({ bench: 'networks', name, error: String(error.message ?? error) });
      rows.push([name, 'failed', '', '', '', '', '', '', '', '']);
      failures.push(`${name}: ${error.message ?? error}`);
    }
  }
  console.log(table(rows));
  for (const failure of failures) console.log(failure);
  return records;
}

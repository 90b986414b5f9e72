// Step time against depth (10 to 1000 layers of 32) and against width (8 layers of 16 to 1024), drawn. A step is to be
// linear in depth: time = a + b · depth within 10 %.
import { gflops, interleave, percent } from './measure.mjs';
import { flopsOf, open } from './networks.mjs';
import { mlp, specOf } from './workloads.mjs';

const STEPS = 1e9; // more than are ever taken
const depths = [10, 30, 100, 300, 1000];
const widths = [16, 32, 64, 128, 256, 512, 1024];

/** `timeAlone` measures a network in a process of its own (alone.mjs); where there are none, all share this one. */
export async function benchScaling({ engine, variants, repeats, timeAlone }) {
  const records = [];
  for (const variant of variants) {
    // Rates so small that no depth blows up: what is timed is always finite numbers.
    const specs = (list, of) =>
      list.map((value) => {
        const [depth, width, batch] = of(value);
        return specOf({ shape: [width], batch, ...mlp(depth, width), lr: 1e-9 }, STEPS);
      });
    const measure = async (list) => {
      if (timeAlone) return rounds(list, (spec) => timeAlone(spec, variant));
      const runs = [];
      for (const spec of list)
        runs.push(await open(engine, '', spec, { exact: variant === 'simd', every: 1e9 }, 300));
      return interleave(runs, { repeats }).map((time, i) => ({ ...time, flops: flopsOf(runs[i]) }));
    };
    const deepTimes = await measure(specs(depths, (depth) => [depth, 32, 32]));
    const line = fit(
      depths,
      deepTimes.map(({ minMs }) => minMs),
    );
    const off = deepTimes.map(({ minMs }, i) => minMs / (line.a + line.b * depths[i]) - 1);
    const worst = Math.max(...off.map(Math.abs));
    const marks = deepTimes.map(({ minMs }, i) => ({
      name: `${depths[i]} layers`,
      minMs,
      note: `${((1000 * minMs) / depths[i]).toFixed(2)} µs a layer, ${off[i] >= 0 ? '+' : ''}${percent(off[i], 1)} off the line`,
    }));
    console.log(draw(`step against depth (width 32, batch 32), ${variant}`, marks));
    console.log(
      `time = ${line.a.toFixed(3)} + ${(1000 * line.b).toFixed(3)}e-3 · depth, worst ${percent(worst, 1)} off\n`,
    );
    records.push({ bench: 'depth', variant, depths, times: deepTimes, ...line, worst });

    const wideTimes = await measure(specs(widths, (width) => [8, width, 64]));
    const shown = wideTimes.map(({ minMs, flops }, i) => ({
      name: `width ${widths[i]}`,
      minMs,
      note: `${gflops(flops, minMs).toFixed(1)} GFLOP/s`,
    }));
    console.log(`${draw(`step against width (8 layers, batch 64), ${variant}`, shown)}\n`);
    records.push({ bench: 'width', variant, widths, times: wideTimes });
  }
  return records;
}

/** Each of `list` measured three times, in turns: the least of the minima, the middle of the medians. */
function rounds(list, measure) {
  const turns = [0, 1, 2].map(() => list.map(measure));
  return list.map((_, i) => {
    const mine = turns.map((turn) => turn[i]);
    const medians = mine.map(({ medianMs }) => medianMs).sort((a, b) => a - b);
    return { minMs: Math.min(...mine.map(({ minMs }) => minMs)), medianMs: medians[1], flops: mine[0].flops };
  });
}

/** The line a + b x whose relative errors at the points are smallest in squares. */
function fit(x, y) {
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  x.forEach((depth, i) => {
    const weight = 1 / y[i] ** 2;
    w += weight;
    wx += weight * depth;
    wxx += weight * depth * depth;
    wy += weight * y[i];
    wxy += weight * depth * y[i];
  });
  const b = (w * wxy - wx * wy) / (w * wxx - wx * wx);
  return { a: (wy - b * wx) / w, b };
}

/** Bars on a logarithmic scale: a step in the exponent is a step to the right. */
function draw(title, points) {
  const logs = points.map(({ minMs }) => Math.log10(minMs));
  const [low, high] = [Math.min(...logs) - 0.2, Math.max(...logs)];
  const wide = Math.max(...points.map(({ name }) => name.length));
  const bars = points.map(({ name, minMs, note }, i) => {
    const bar = '█'.repeat(Math.max(1, Math.round((40 * (logs[i] - low)) / (high - low))));
    return `${name.padStart(wide)}  ${bar.padEnd(40)}  ${minMs.toFixed(3)} ms  ${note}`;
  });
  return [`${title} (log scale)`, ...bars].join('\n');
}

// One network in a process of its own, as a run has a worker of its own: other networks' instances would turn its calls
// polymorphic and take their share of the caches. As a program: node alone.mjs '{"spec": …, "variant": …}'.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { summary } from './measure.mjs';
import { flopsOf, open } from './networks.mjs';

const here = fileURLToPath(import.meta.url);

/** { minMs, medianMs, flops } of a step of `spec`, from turns of some milliseconds. */
export function timeAlone(spec, variant) {
  const output = execFileSync(process.execPath, [here, JSON.stringify({ spec, variant })], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  });
  return JSON.parse(output);
}

if (process.argv[1] === here) {
  const { spec, variant } = JSON.parse(process.argv[2]);
  const engine = await import('@fuga/engine');
  const run = await open(engine, '', spec, { exact: variant === 'simd', every: 1e9 }, 500);
  const times = [];
  const start = performance.now();
  while (times.length < 7 || performance.now() - start < 500) {
    run.before();
    const from = performance.now();
    let count = 0;
    do {
      run.run();
      count++;
    } while (performance.now() - from < 5);
    times.push((performance.now() - from) / count);
  }
  console.log(JSON.stringify({ ...summary(times), flops: flopsOf(run) }));
}

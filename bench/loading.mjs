// How big the two builds are, and how long a fresh process waits for the kernels.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { summary } from './measure.mjs';

const script = (variant) => `
  import { loadKernels } from '@fuga/core-wasm';
  const start = performance.now();
  await loadKernels({ variant: '${variant}' });
  const first = performance.now() - start;
  await loadKernels({ variant: '${variant}' });
  console.log(JSON.stringify([first, performance.now() - start - first]));`;

export function benchLoading({ variants }) {
  const main = new URL(import.meta.resolve('@fuga/core-wasm'));
  return variants.map((variant) => {
    const bytes = readFileSync(new URL(`../build/${variant}.wasm`, main));
    const gzipped = gzipSync(bytes).length;
    const times = Array.from({ length: 5 }, () =>
      JSON.parse(
        execFileSync(process.execPath, ['--input-type=module', '-e', script(variant)], {
          cwd: new URL('.', import.meta.url),
          encoding: 'utf8',
        }),
      ),
    );
    const first = summary(times.map(([ms]) => ms));
    const next = summary(times.map(([, ms]) => ms));
    console.log(
      `${variant}.wasm: ${bytes.length} bytes (${gzipped} gzipped); first instance ${first.minMs.toFixed(1)} ms (median ${first.medianMs.toFixed(1)}), next ${next.minMs.toFixed(2)} ms`,
    );
    return { bench: 'loading', variant, bytes: bytes.length, gzipped, ...first, nextMs: next.minMs };
  });
}

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { evaluate, openRun, train } from '@fuga/engine';
import { expect, test } from 'vitest';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('10,000 replayed steps grow neither the WASM memory nor the JS heap', async () => {
  const run = await openRun({
    fuga: 1,
    data: { source: 'digits', batch: 32 },
    network: [
      { type: 'dense', out: 32, activation: 'tanh', repeat: 8 },
      { type: 'residual', body: [{ type: 'dense', out: 32, activation: 'relu' }] },
      { type: 'dense', out: 10 },
    ],
    optimizer: { type: 'adam', lr: 0.001 },
    clip: { norm: 1 },
    steps: 11_000,
  });
  const steps = train(run);
  const advance = (count: number) => {
    for (let i = 0; i < count; i++) steps.next();
    evaluate(run);
    collect();
    return { heap: process.memoryUsage().heapUsed, wasm: run.arena.kernels.memory.buffer.byteLength };
  };
  advance(500); // compiled, evaluation tape made, trace's lists at their size
  const before = advance(500);
  const after = advance(10_000);
  const grown = (after.heap - before.heap) / 1024;
  console.log(
    `10,000 steps: heap ${grown >= 0 ? '+' : ''}${grown.toFixed(0)} KiB, WASM memory +${after.wasm - before.wasm} bytes`,
  );
  expect(after.wasm).toBe(before.wasm);
  // The trace itself may grow to its bound (512 records); 10,000 leaked objects of one step would be above this.
  expect(grown).toBeLessThan(1024);
});

import { expect, test } from 'vitest';
import { evaluate } from './evaluate.js';
import { predict } from './predict.js';
import { openRun } from './run.js';

test('a network that ends in another view of its numbers is scored as one that does not', async () => {
  const base = { fuga: 1, data: 'digits', seed: 5 };
  const plain = await openRun({ ...base, network: [{ type: 'dense', out: 10 }] });
  const viewed = await openRun({
    ...base,
    network: [{ type: 'dense', out: 10 }, { type: 'reshape', shape: [2, 5] }, { type: 'flatten' }],
  });
  expect(evaluate(viewed)).toEqual(evaluate(plain));
  const sample = (plain.samples.x as Float32Array).subarray(0, 64);
  const logits = predict(plain, sample);
  expect(logits.some((logit) => logit !== 0)).toBe(true);
  expect(predict(viewed, sample)).toEqual(logits);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSupported } from '../packages/engine/src/formats/onnx/support.js';
import { goldenFolder } from './golden.js';
import { onnxCases, runCase, type OnnxCase } from './onnxCases.js';

/** ONNX's own tests of supported ops that do not pass, and why; every other one must. */
const reasons: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  {
    pattern: /BFLOAT16/,
    why: 'the test data keeps bfloat16 as the bits of an unsigned integer; files that declare bfloat16 are read',
  },
  {
    pattern: /STRING|_opt$|_seq$|identity_sequence/,
    why: 'text, sequences and optional values do not occur in networks that train',
  },
  {
    pattern: /convtranspose_3d/,
    why: 'transposed convolution of volumes; convolution and pooling of volumes are supported',
  },
  { pattern: /maxpool_with_argmax/, why: 'the places of the largest entries as an output, for unpooling' },
  {
    pattern: /batchnorm_.*training_mode/,
    why: 'the running variance follows PyTorch (unbiased); ONNX takes the biased one. The output itself agrees',
  },
  {
    pattern: /resize_downsample_scales_(cubic|linear)_align_corners/,
    why: 'ONNX aligns the corners of the unrounded output length; PyTorch and newer ONNX those of the rounded one',
  },
  { pattern: /resize_tf_crop_and_resize/, why: 'an extrapolation value other than 0' },
  { pattern: /training_dropout/, why: 'the expected mask is NumPy’s random stream' },
];

const groups = ['node', 'pytorch-converted', 'pytorch-operator', 'simple'];

describe('ONNX’s own tests', () => {
  const cases = groups.flatMap((group) => onnxCases(group));
  const claimed = cases.filter(({ ops }) => ops.every(isSupported));

  test('cover what the importer claims', () => {
    expect(cases.length).toBeGreaterThan(1000);
    expect(claimed.length).toBeGreaterThan(800);
  });

  test('pass, but for the listed ones, and at least 95 % of all', async () => {
    const failed: string[] = [];
    const unexplained: string[] = [];
    for (const item of claimed) {
      const reason = await runCase(item);
      if (reason === null) continue;
      failed.push(item.name);
      if (!reasons.some(({ pattern }) => pattern.test(item.name)))
        unexplained.push(`${item.name}: ${reason}`);
    }
    expect(unexplained).toEqual([]);
    expect(1 - failed.length / claimed.length).toBeGreaterThanOrEqual(0.95);
  });

  test('fail where a result is wrong', async () => {
    const add = claimed.find(({ name }) => name === 'test_add')!;
    const [output] = add.outputs;
    const wrong: OnnxCase = {
      ...add,
      outputs: [{ ...output!, data: output!.data.map((value) => value + 1) }],
    };
    expect(await runCase(wrong)).toMatch(/expected/);
  });
});

describe('coverage of model zoos', () => {
  interface Zoo {
    readonly tables: Readonly<
      Record<string, { readonly freq: readonly { readonly op: string; readonly models: number }[] }>
    >;
  }
  const { tables } = JSON.parse(readFileSync(join(goldenFolder, 'onnx-zoo.json'), 'utf8')) as Zoo;
  test.each(Object.entries(tables))('every op of %s is supported', (_, { freq }) => {
    expect(freq.length).toBeGreaterThan(5);
    expect(freq.map(({ op }) => op).filter((op) => !isSupported(op))).toEqual([]);
  });

  test.each(['LSTM', 'GRU', 'RNN', 'If', 'Resize', 'ConvTranspose', 'HardSigmoid'])(
    '%s is supported',
    (op) => {
      expect(isSupported(op)).toBe(true);
    },
  );
});

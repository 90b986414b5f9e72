import { expect, test } from 'vitest';
import { parseJson, readKerasArchive } from '../packages/engine/src/formats/keras/archive.js';
import { readKeras } from '../packages/engine/src/formats/keras/keras.js';
import { readNetworkFile } from '../packages/engine/src/formats/network.js';
import { recordAlone } from '../packages/engine/src/formats/onnx/alone.js';
import { importOnnx } from '../packages/engine/src/formats/onnx/import.js';
import { readUltralytics } from '../packages/engine/src/formats/ultralytics.js';
import { FUZZ_TIMEOUT, fuzz } from './fuzz.js';
import type { Lcg } from './nets.js';

const layer = (class_name: string, config: Record<string, unknown>, name = class_name.toLowerCase()) => ({
  class_name,
  name,
  config: { name, ...config },
});
const link = (name: string) => [[[name, 0, 0, {}]]];

/** Topologies that between them have most layers. */
const topologies: readonly unknown[] = [
  {
    class_name: 'Functional',
    config: {
      name: 'f',
      layers: [
        { ...layer('InputLayer', { batch_input_shape: [null, 8, 8, 3] }, 'in'), inbound_nodes: [] },
        {
          ...layer(
            'ZeroPadding2D',
            {
              padding: [
                [0, 1],
                [0, 1],
              ],
            },
            'pad',
          ),
          inbound_nodes: link('in'),
        },
        {
          ...layer('Conv2D', { filters: 4, kernel_size: [3, 3], strides: [2, 2], padding: 'valid' }, 'c1'),
          inbound_nodes: link('pad'),
        },
        { ...layer('BatchNormalization', {}, 'bn'), inbound_nodes: link('c1') },
        { ...layer('ReLU', { max_value: 6 }, 'r'), inbound_nodes: link('bn') },
        { ...layer('DepthwiseConv2D', { kernel_size: 3, padding: 'same' }, 'dw'), inbound_nodes: link('r') },
        {
          ...layer('Add', {}, 'a'),
          inbound_nodes: [
            [
              ['r', 0, 0, {}],
              ['dw', 0, 0, {}],
            ],
          ],
        },
        {
          ...layer('Concatenate', { axis: -1 }, 'cat'),
          inbound_nodes: [
            [
              ['a', 0, 0, {}],
              ['dw', 0, 0, {}],
            ],
          ],
        },
        { ...layer('UpSampling2D', { size: [2, 2] }, 'up'), inbound_nodes: link('cat') },
        { ...layer('MaxPooling2D', { pool_size: [2, 2] }, 'mp'), inbound_nodes: link('up') },
        { ...layer('Flatten', {}, 'fl'), inbound_nodes: link('mp') },
        { ...layer('Dense', { units: 5, activation: 'softmax' }, 'd'), inbound_nodes: link('fl') },
      ],
      input_layers: [['in', 0, 0]],
      output_layers: [['d', 0, 0]],
    },
  },
  {
    class_name: 'Sequential',
    config: {
      name: 's',
      layers: [
        layer('Embedding', { batch_input_shape: [null, 6], dtype: 'int32', input_dim: 11, output_dim: 4 }),
        layer('LSTM', { units: 5, return_sequences: true }),
        layer('LayerNormalization', {}),
        layer('GRU', { units: 4, reset_after: true }),
        layer('Reshape', { target_shape: [2, 2] }),
        layer('Dense', { units: 3, activation: 'gelu' }),
      ],
    },
  },
  {
    class_name: 'Sequential',
    config: {
      name: 'q',
      layers: [
        layer('InputLayer', { batch_shape: [null, 8, 3] }),
        layer('Conv1D', { filters: 4, kernel_size: [3], padding: 'causal', dilation_rate: [2] }),
        layer('BatchNormalization', {}),
        layer('MaxPooling1D', { pool_size: [2], strides: [2] }),
        layer('Bidirectional', {
          merge_mode: 'concat',
          layer: layer('LSTM', { units: 2, return_sequences: true, recurrent_activation: 'hard_sigmoid' }),
        }),
        layer('TimeDistributed', { layer: layer('Dense', { units: 3 }) }),
        layer('GRU', { units: 3, go_backwards: true }),
        layer('RepeatVector', { n: 2 }),
        layer('Permute', { dims: [2, 1] }),
        layer('GlobalAveragePooling1D', {}),
        {
          class_name: 'Sequential',
          config: { name: 'inner', layers: [layer('Dense', { units: 2, activation: 'log_softmax' })] },
        },
      ],
    },
  },
];

const yolo = {
  nc: 3,
  scales: { n: [0.33, 0.25, 1024] },
  backbone: [
    [-1, 1, 'Conv', [64, 3, 2]],
    [-1, 3, 'C2f', [128, true]],
    [-1, 1, 'SPPF', [128, 5]],
    [-1, 2, 'C3k2', [128, true, 0.25]],
  ],
  head: [
    [-1, 1, 'nn.Upsample', [null, 2, 'nearest']],
    [[-1, 1], 1, 'Concat', [1]],
    [[5], 1, 'Detect', ['nc']],
  ],
};

/** Replaces, removes or doubles something at a random place of a JSON value. */
function mutate(value: unknown, draw: Lcg): unknown {
  const odd: readonly unknown[] = [
    null,
    0,
    -1,
    1e9,
    1e300,
    0.5,
    NaN,
    '',
    'x',
    [],
    {},
    true,
    [[[]]],
    '__proto__',
    2 ** 53,
    [1e9, 1e9, 1e9],
  ];
  const pick = <T>(list: readonly T[]) => list[Math.floor(draw.next() * list.length)]!;
  if (typeof value !== 'object' || value === null || draw.next() < 0.08) return pick(odd);
  const keys = Object.keys(value);
  if (keys.length === 0) return pick(odd);
  const key = pick(keys);
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...(value as unknown[])]
    : { ...value };
  const at = copy as Record<string, unknown>;
  const roll = draw.next();
  if (roll < 0.06 && Array.isArray(copy)) copy.splice(Number(key), 1);
  else if (roll < 0.06) Reflect.deleteProperty(at, key);
  else if (roll < 0.1 && Array.isArray(copy)) copy.push(structuredClone(copy[Number(key)]));
  else at[key] = mutate(at[key], draw);
  return copy;
}

function open(json: unknown): void {
  const { model } = readKeras(json);
  const imported = importOnnx({ model }, { reinit: true });
  recordAlone(imported);
}

test.each([
  [
    'Keras topologies',
    (draw: Lcg): void => open(mutated(topologies[Math.floor(draw.next() * topologies.length)], draw)),
  ],
  [
    'Ultralytics model files',
    (draw: Lcg): void => {
      readUltralytics(mutated(yolo, draw));
    },
  ],
] as const)(
  'mutated %s give an EngineError or a network, within a second',
  (name, read) => {
    const { read: count, accepted, defects } = fuzz(name, read);
    expect(defects).toEqual([]);
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(count);
  },
  FUZZ_TIMEOUT,
);

function mutated(value: unknown, draw: Lcg): unknown {
  let result = value;
  for (let i = 0, n = 1 + Math.floor(draw.next() * 3); i < n; i++) result = mutate(result, draw);
  return result;
}

const bytes = (text: string) => new TextEncoder().encode(text);

test('files that run code are refused, with the lines that convert them', () => {
  const pickle = Uint8Array.from([0x80, 2, 0x63, 0x6f, 0x73]);
  const zipped = Uint8Array.from([
    0x50,
    0x4b,
    3,
    4,
    ...new Array<number>(26).fill(0),
    ...bytes('archive/data.pkl'),
  ]);
  for (const [name, content] of [
    ['net.pt', pickle],
    ['net.onnx', pickle],
    ['net.bin', zipped],
    ['net.onnx', zipped],
  ] as const) {
    expect(() => readNetworkFile({ name, bytes: content })).toThrow(
      /is a pickle.*\n.*torch\.onnx\.export.*\n.*save_file/,
    );
  }
});

test('a .keras archive that is none, or lacks its configuration, is refused', () => {
  expect(() => readKerasArchive(bytes('hello'))).toThrow(/does not start as a zip/);
  expect(() => readKerasArchive(Uint8Array.of(0x50, 0x4b, 5, 6, ...new Array<number>(18).fill(0)))).toThrow(
    /no config.json/,
  );
  expect(() => parseJson('{"a":')).toThrow(/JSON is broken/);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../packages/engine/src/core/errors.js';
import { recordAlone } from '../packages/engine/src/formats/onnx/alone.js';
import { importOnnx } from '../packages/engine/src/formats/onnx/import.js';
import { FUZZ_TIMEOUT, fuzz, mutateBytes } from './fuzz.js';
import { goldenNet } from './nets.js';
import { casesFolder } from './onnxCases.js';

/** Reads a file and records its network, as a front end would: an `EngineError` or nothing may come of it. */
function open(model: Uint8Array, weights: ReadonlyMap<string, Uint8Array> = new Map()): void {
  const imported = importOnnx({ model, externals: weights });
  recordAlone(imported);
}

/** What is thrown on opening, or null. Anything but an `EngineError` fails the test. */
function refusal(model: Uint8Array, weights?: ReadonlyMap<string, Uint8Array>): string | null {
  try {
    open(model, weights);
    return null;
  } catch (error) {
    if (error instanceof EngineError) return error.message;
    throw error;
  }
}

// Bytes of protobuf messages, written by hand.
const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
};
const part = (field: number, bytes: readonly number[]) => [
  ...varint(field * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
];
const number = (field: number, value: number) => [...varint(field * 8), ...varint(value)];
const word = (field: number, value: string) => part(field, [...new TextEncoder().encode(value)]);
const node = (op: string, inputs: string[], outputs: string[], attributes: number[][] = []) =>
  part(1, [
    ...inputs.flatMap((input) => word(1, input)),
    ...outputs.flatMap((output) => word(2, output)),
    ...word(4, op),
    ...attributes.flatMap((attribute) => part(5, attribute)),
  ]);
const port = (field: number, name: string, dims: number[]) =>
  part(field, [
    ...word(1, name),
    ...part(
      2,
      part(1, [
        ...number(1, 1),
        ...part(
          2,
          dims.flatMap((dim) => part(1, number(1, dim))),
        ),
      ]),
    ),
  ]);
const model = (...graph: number[][]) =>
  Uint8Array.from([...number(1, 8), ...part(7, graph.flat()), ...part(8, number(2, 17))]);
const [x, y] = [port(11, 'x', [2, 3]), port(12, 'y', [2, 3])];

describe('files made to harm', () => {
  test('a sound one is read', () => {
    expect(refusal(model(node('Relu', ['x'], ['y']), x, y))).toBeNull();
  });

  const cases: Readonly<Record<string, [Uint8Array, RegExp]>> = {
    'nothing at all': [new Uint8Array(0), /no graph/],
    'a truncated varint': [Uint8Array.of(0x08, 0xff), /cut off/],
    'a varint of eleven bytes': [
      Uint8Array.from([0x08, ...new Array<number>(10).fill(0xff), 1]),
      /more than 10 bytes/,
    ],
    'a length past the end': [Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0x7f), /bytes where/],
    'an unknown wire type': [Uint8Array.of(0x3b, 1), /wire type 3/],
    'graphs nested 200 deep': [nested(200), /nested deeper/],
    'a cycle': [
      model(node('Relu', ['b'], ['a']), node('Relu', ['a'], ['b']), node('Add', ['a', 'x'], ['y']), x, y),
      /cycle/,
    ],
    'a value written twice': [
      model(node('Relu', ['x'], ['y']), node('Tanh', ['x'], ['y']), x, y),
      /written twice/,
    ],
    'a value that nothing makes': [model(node('Add', ['x', 'z'], ['y']), x, y), /nothing makes/],
    'an operator nobody knows': [
      model(node('Frobnicate', ['x'], ['y']), x, y),
      /Frobnicate at y: not supported/,
    ],
    'a tensor of 2^60 numbers': [
      model(tensor('w', [2 ** 30, 2 ** 30], [1, 2]), node('Add', ['x', 'w'], ['y']), x, y),
      /more than fit/,
    ],
    'a tensor whose bytes do not fit its shape': [
      model(tensor('w', [2, 3], [1, 2, 3, 4]), node('Add', ['x', 'w'], ['y']), x, y),
      /needs 24 bytes, the file has 4/,
    ],
    'weights in a file elsewhere': [
      model(external('w', '../../etc/passwd'), node('Add', ['x', 'w'], ['y']), x, y),
      /which was not given/,
    ],
    'an offset behind the end of the given file': [
      model(external('w', 'weights', '4000000000'), node('Add', ['x', 'w'], ['y']), x, y),
      /which has 8/,
    ],
    'an expansion to a billion numbers': [
      model(
        constant('s', [40000, 40000]),
        node('ConstantOfShape', ['s'], ['z']),
        node('Add', ['x', 'z'], ['y']),
        x,
        y,
      ),
      /impossible or too large/,
    ],
    'an expansion of data past all memory': [
      model(constant('s', [2 ** 20, 2 ** 20, 2, 3]), node('Expand', ['x', 's'], ['y']), x, y),
      /does not fit/,
    ],
    'an input past all memory': [
      model(node('Relu', ['x'], ['y']), port(11, 'x', [2 ** 20, 2 ** 20]), y),
      /does not fit/,
    ],
    'a transposition of axes that are not there': [
      model(node('Transpose', ['x'], ['y'], [ints('perm', [0, 7])]), x, y),
      /cannot put the axes/,
    ],
    'a pickle': [
      Uint8Array.from([0x80, 2, ...new TextEncoder().encode('ctorch._utils\n_rebuild_tensor_v2\n')]),
      /not a readable ONNX file/,
    ],
  };

  test.each(Object.entries(cases))('%s', (_, [bytes, message]) => {
    const start = performance.now();
    expect(refusal(bytes, new Map([['weights', new Uint8Array(8)]]))).toMatch(message);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('NaN weights are read: they are a finding, not an error', () => {
    const nan = [0, 0, 0xc0, 0x7f];
    const bytes = model(tensor('w', [3], [...nan, ...nan, ...nan]), node('Add', ['x', 'w'], ['y']), x, y);
    expect(refusal(bytes)).toBeNull();
  });

  test('20,000 nodes in a chain neither overflow the stack nor take more than seconds', () => {
    const nodes = Array.from({ length: 20_000 }, (_, i) =>
      node('Relu', [i === 0 ? 'x' : `v${i}`], [`v${i + 1}`]),
    );
    const bytes = model(...nodes, node('Relu', ['v20000'], ['y']), x, y);
    expect(refusal(bytes)).toBeNull();
  });
});

function nested(depth: number): Uint8Array {
  let graph: number[] = node('Relu', ['x'], ['y']);
  for (let i = 0; i < depth; i++)
    graph = node('If', ['c'], ['y'], [[...word(1, 'then_branch'), ...part(6, graph)]]);
  return model(graph, x, y);
}

function tensor(name: string, dims: number[], raw: number[]): number[] {
  return part(5, [
    ...dims.flatMap((dim) => number(1, dim)),
    ...number(2, 1),
    ...word(8, name),
    ...part(9, raw),
  ]);
}

function constant(name: string, values: number[]): number[] {
  return part(5, [
    ...number(1, values.length),
    ...number(2, 7),
    ...part(7, values.flatMap(varint)),
    ...word(8, name),
  ]);
}

function external(name: string, location: string, offset = '0'): number[] {
  const entry = (key: string, value: string) => part(13, [...word(1, key), ...word(2, value)]);
  return part(5, [
    ...number(1, 3),
    ...number(2, 1),
    ...word(8, name),
    ...entry('location', location),
    ...entry('offset', offset),
    ...number(14, 1),
  ]);
}

function ints(name: string, values: number[]): number[] {
  return [...word(1, name), ...values.flatMap((value) => number(8, value)), ...number(20, 7)];
}

describe('mutated files', () => {
  const golden = [
    'mlp5_relu_he',
    'gru_T100_L1_default',
    'densenet_mini',
    'vit_mini',
    'mlp15_gelu_he',
    'rnn_tanh_T100_L1_default',
  ];
  const nodes = [
    'test_resize_upsample_scales_linear',
    'test_lstm_with_peepholes',
    'test_if',
    'test_slice',
    'test_pad_default',
    'test_einsum_batch_matmul',
    'test_scatternd',
    'test_gather_elements_0',
  ];
  const seeds = [
    ...golden.map((name) => {
      const net = goldenNet(name);
      return {
        model: net.read('train.onnx')!,
        weights: new Map([['weights.safetensors', net.read('weights.safetensors')!]]),
      };
    }),
    ...nodes.flatMap((name) => {
      try {
        return [
          {
            model: new Uint8Array(readFileSync(join(casesFolder, 'node', name, 'model.onnx'))),
            weights: new Map<string, Uint8Array>(),
          },
        ];
      } catch {
        return [];
      }
    }),
  ].sort((a, b) => a.model.length - b.model.length);

  test(
    'give an EngineError or a network, within a second, and no absurd allocation',
    () => {
      const { read, accepted, most, defects } = fuzz('ONNX', (draw) => {
        const seed = seeds[Math.floor(draw.next() ** 2 * seeds.length)]!;
        open(mutateBytes(seed.model, draw), seed.weights);
      });
      expect(defects).toEqual([]);
      // The mutations leave some files whole: the reader does not just refuse everything.
      expect(accepted).toBeGreaterThan(read / 1000);
      expect(accepted).toBeLessThan(read);
      // Twice the largest file and the floor of what may be computed before a run (24 million numbers).
      expect(most).toBeLessThan(2 * seeds.at(-1)!.model.length + 8 * 24_000_000 + 64 * 2 ** 20);
    },
    FUZZ_TIMEOUT,
  );
});

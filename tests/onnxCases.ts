import { loadKernels, type Kernels } from '@fuga/core-wasm';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Arena } from '../packages/engine/src/core/arena.js';
import { Graph } from '../packages/engine/src/core/graph.js';
import { Parameters } from '../packages/engine/src/core/parameters.js';
import { Scope } from '../packages/engine/src/core/scope.js';
import { sizeOf } from '../packages/engine/src/core/shape.js';
import { placeOf, Tape } from '../packages/engine/src/core/tape.js';
import type { Tensor } from '../packages/engine/src/core/tensor.js';
import { isFloatType, readConstant, type Constant } from '../packages/engine/src/formats/onnx/constant.js';
import type { Value } from '../packages/engine/src/formats/onnx/context.js';
import { importOnnx } from '../packages/engine/src/formats/onnx/import.js';
import { readModel, readTensor } from '../packages/engine/src/formats/onnx/proto.js';
import { WireReader } from '../packages/engine/src/formats/onnx/wire.js';

/** Where Debian's libonnx-testdata puts ONNX's own tests. */
export const casesFolder = process.env['FUGA_ONNX_TESTDATA'] ?? '/usr/share/libonnx-testdata/data';

/** One of ONNX's tests: a model, inputs and the outputs they must give. */
export interface OnnxCase {
  readonly name: string;
  readonly ops: readonly string[];
  readonly model: Uint8Array;
  readonly inputs: readonly (Constant | null)[];
  readonly outputs: readonly (Constant | null)[];
}

export function onnxCases(group: string): OnnxCase[] {
  const folder = join(casesFolder, group);
  if (!existsSync(folder)) {
    throw new Error(
      `ONNX's own tests are not at ${folder}: apt-get install libonnx-testdata, or set FUGA_ONNX_TESTDATA`,
    );
  }
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const model = new Uint8Array(readFileSync(join(folder, name, 'model.onnx')));
      const set = join(folder, name, 'test_data_set_0');
      const files = readdirSync(set);
      const tensors = (kind: string) =>
        Array.from({ length: files.filter((file) => file.startsWith(kind)).length }, (_, i) => {
          try {
            const bytes = new Uint8Array(readFileSync(join(set, `${kind}_${i}.pb`)));
            return readConstant(readTensor(new WireReader(bytes)), new Map());
          } catch {
            return null; // a sequence, a text or an optional
          }
        });
      const { graph } = readModel(model);
      const ops = graph!.nodes.map(({ opType, domain }) => (domain === '' ? opType : `${domain}.${opType}`));
      return { name, ops: [...new Set(ops)], model, inputs: tensors('input'), outputs: tensors('output') };
    });
}

/** How inputs are given: floats flowing in, all but the first known, or all known (the interpreter computes). */
type Feeding = 'floats' | 'first' | 'none';

let kernels: Promise<Kernels> | null = null;

/** Runs a case; null where it passes, else the reason why it does not. */
export async function runCase(test: OnnxCase): Promise<string | null> {
  let reason: string | null = null;
  for (const feeding of ['floats', 'first', 'none'] as const) {
    try {
      const wrong = await attempt(test, feeding);
      if (wrong === null) return null;
      reason = wrong;
    } catch (error) {
      const said = (error as Error).message.split('\n').slice(0, 2).join(' ');
      if (feeding !== 'none' || reason === null) reason = said;
    }
  }
  return reason;
}

async function attempt(test: OnnxCase, feeding: Feeding): Promise<string | null> {
  kernels ??= loadKernels({ variant: 'simd' });
  const arena = new Arena(await kernels);
  const names = readModel(test.model).graph!.inputs.map(({ name }) => name);
  if (test.inputs.includes(null) || test.outputs.includes(null))
    throw new Error('sequences, text and optional values are not read');
  const given = new Map(test.inputs.map((constant, i) => [names[i]!, constant!]));
  const shape = test.inputs[0]?.shape ?? [];
  const imported = importOnnx(
    { model: test.model },
    { shape, inputs: Object.fromEntries([...given].slice(1)) },
  );
  const graph = new Graph();
  const parameters = new Parameters();
  const scope = new Scope({ graph, parameters, layers: {}, sites: [], mode: 'train' });
  const fed: [Tensor, Constant][] = [];
  const inputs = new Map<string, Value>();
  [...given].forEach(([name, constant], i) => {
    const flows = isFloatType(constant.type) && (feeding === 'floats' || (feeding === 'first' && i === 0));
    if (!flows) inputs.set(name, constant);
    else {
      const tensor = graph.input(name, constant.shape, { needsGrad: true });
      fed.push([tensor, constant]);
      inputs.set(name, tensor);
    }
  });
  const { values } = imported.recordAll(inputs, scope);
  const made = imported.outputs.map((name) => values.get(name));
  parameters.allocate(arena);
  parameters.initialize(arena, 1);
  const keep = made.flatMap((value) => (value && !('kind' in value) ? [value] : []));
  const tape = new Tape(graph, arena, { keep, seed: 1 });
  for (const [tensor, constant] of fed) arena.write(tensor.data, Float32Array.from(constant.data));
  tape.forward();
  for (let i = 0; i < test.outputs.length; i++) {
    const expected = test.outputs[i]!;
    const value = made[i];
    if (!value) return `output ${i} is not given`;
    const actual = 'kind' in value ? value.data : arena.read(placeOf(value).data, sizeOf(value.shape));
    if (value.shape.join() !== expected.shape.join())
      return `output ${i} has shape [${value.shape.join()}], expected [${expected.shape.join()}]`;
    for (let at = 0; at < actual.length; at++) {
      const [a, b] = [actual[at]!, expected.data[at]!];
      if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
      // ONNX's own limits: 1e-3 relative, here with 1e-5 absolute for float32.
      if (!(Math.abs(a - b) <= 1e-5 + 1e-3 * Math.abs(b))) return `output ${i}[${at}] is ${a}, expected ${b}`;
    }
  }
  return null;
}

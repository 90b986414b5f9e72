import { loadKernels } from '@fuga/core-wasm';
import { Arena } from '../core/arena.js';
import { EngineError } from '../core/errors.js';
import { showShape, sizeOf, type Shape } from '../core/shape.js';
import type { DataShape, Samples } from '../datasets/dataset.js';
import type { Task } from '../losses/loss.js';
import { recordAlone, type RecordedAlone } from '../formats/onnx/alone.js';
import type { GraphEdits } from '../formats/onnx/edits.js';
import { fixedBatch, importOnnx, type ImportedNetwork, type OnnxFiles } from '../formats/onnx/import.js';
import type { ImportOptions } from '../formats/onnx/ports.js';
import { floatsOf, type SafeTensors } from '../formats/safetensors.js';
import { readModel } from '../formats/onnx/proto.js';
import { drawFor } from './data.js';
import type { Run, RunOptions } from './run.js';
import { losses } from './shelves.js';

/** Numbers from a data file: all samples, the first axis counts them. */
export interface GivenTensor {
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array;
}

/** The tensors of a `.safetensors` file as numbers: whole ones and truth values as ids, all others as floats. */
export function givenTensorsOf({ tensors }: SafeTensors): Record<string, GivenTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const floats = floatsOf(tensor);
      const whole = /^[IU]|BOOL/.test(tensor.type);
      return [name, { shape: tensor.shape, data: whole ? Int32Array.from(floats) : floats }];
    }),
  );
}

/** What to do with a network from a file; what is absent is chosen by the network and the data. */
export interface ImportedSettings extends ImportOptions {
  readonly x?: GivenTensor;
  readonly y?: GivenTensor;
  readonly loss?: string;
  readonly optimizer?: string | { readonly type: string; readonly [option: string]: unknown };
  readonly steps?: number;
  readonly seed?: number;
}

/** A network from a file as a run's subject: hand both to `openRun`, `fix` or `compare`. */
export interface ImportedSubject {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly options: Pick<RunOptions, 'data'> & {
    readonly data: { readonly shape: DataShape; readonly samples: Samples };
  };
  readonly network: ImportedNetwork;
  /** How many steps a diagnosis of half a minute can look at; more than enough for small networks. */
  readonly window: number;
}

/** Samples of noise where no data is given: a few batches, so that a short training window sees different ones. */
const NOISE_BATCHES = 8;
const BATCH = 64;
/** Multiplications of a batch's forward pass: about half a second for a step on one core. */
const FORWARD_PRODUCTS = 6e9;
/** And of all forward passes of a diagnosis: about half a minute on one core. */
const DIAGNOSIS_PRODUCTS = 8e10;
/** Smaller batches say little of the batch's statistics. */
const LEAST_BATCH = 4;

/**
 * Makes a run's subject of an ONNX file. Without data the input is Gaussian noise and the target random, as mean-field
 * theory assumes; without a loss it is chosen by the shapes: class ids give a cross entropy, numbers a squared error.
 *
 * @example
 * const { spec, options } = await importedRun({ model: bytes, name: 'net.onnx' }, { x, y });
 * const run = await openRun(spec, options);
 */
export async function importedRun(
  files: OnnxFiles,
  settings: ImportedSettings = {},
): Promise<ImportedSubject> {
  const { x, y } = settings;
  const read = files.model instanceof Uint8Array ? { ...files, model: readModel(files.model) } : files;
  const fixed = fixedBatch(read, settings) ?? settings.shape?.[0] ?? settings.batch ?? null;
  const most = chooseBatch(fixed, x);
  let network = importOnnx(read, shaped(settings, x, most));
  let recorded = recordAlone(network, { batch: most });
  const products = productsOf(recorded) / most;
  const batch = fixed ?? affordable(products, most);
  if (batch !== most) {
    network = importOnnx(read, shaped(settings, x, batch));
    recorded = recordAlone(network, { batch });
  }
  const output = outputShape(network, recorded, batch);
  const classes = y?.data instanceof Int32Array || (!y && isClassifier(output, settings.loss));
  const target = describeTarget(output, y, classes);
  const loss = settings.loss ?? target.loss;
  if (!Object.hasOwn(losses, loss))
    throw new EngineError('SPEC', `no loss "${loss}"; known: ${Object.keys(losses).join(', ')}`, ['loss']);
  const samples = x ? x.shape[0]! : batch * NOISE_BATCHES;
  const isIds = network.input.kind === 'ids';
  const shape: DataShape = {
    task: target.task,
    input: {
      shape: network.input.shape.slice(1),
      dtype: isIds ? 'i32' : 'f32',
      ...(network.input.vocabulary === undefined ? {} : { vocabulary: network.input.vocabulary }),
    },
    target: target.shape,
    outputs: target.outputs,
    samples,
    network: {
      record: (input, scope, options) => network.record(input, scope, editsOf(options)).output,
    },
  };
  const data = await samplesOf(shape, samples, batch, {
    ...settings,
    ...(x ? { x } : {}),
    ...(y ? { y } : {}),
  });
  const seen = lookOver(recorded);
  const model = {
    type: 'imported',
    file: network.name,
    original: seen.activation,
    activation: seen.activation,
    ...(settings.reinit ? { init: 'heNormal' } : {}),
    norm: seen.hasNorm ? 'present' : 'none',
    ...(settings.batchStatistics ? { batchStatistics: settings.batchStatistics } : {}),
    ...(settings.output === undefined ? {} : { output: settings.output }),
  };
  const spec = {
    fuga: 1,
    name: network.name,
    seed: settings.seed ?? 1,
    data: { source: 'file', batch, scale: 'none' },
    model,
    loss,
    ...(settings.optimizer === undefined ? {} : { optimizer: settings.optimizer }),
    ...(settings.steps === undefined ? {} : { steps: settings.steps }),
  };
  const window = Math.max(10, Math.floor(DIAGNOSIS_PRODUCTS / Math.max(1, batch * products)));
  return { spec, options: { data: { shape, samples: data } }, network, window };
}

/** The file's input shape from the data's, where the caller names none. */
function shaped(settings: ImportedSettings, x: GivenTensor | undefined, batch: number): ImportOptions {
  if (settings.shape) return { ...settings, shape: [batch, ...settings.shape.slice(1)] };
  if (x) return { ...settings, shape: [batch, ...x.shape.slice(1)], batch };
  return { ...settings, batch };
}

/** The batch that is fixed, else as large as the data allows, up to 64. */
function chooseBatch(fixed: number | null, x: GivenTensor | undefined): number {
  const batch = fixed ?? Math.min(BATCH, x?.shape[0] ?? BATCH);
  if (x && x.shape[0]! < batch) {
    throw new EngineError(
      'DATA',
      `the network takes batches of ${batch}, the data has ${x.shape[0]} samples`,
      ['data'],
    );
  }
  return batch;
}

/** Half as many samples, and half again, until a step of a large network is cheap enough. */
function affordable(products: number, most: number): number {
  let batch = most;
  while (batch * products > FORWARD_PRODUCTS && batch >= 2 * LEAST_BATCH) batch = Math.floor(batch / 2);
  return batch;
}

/** Multiplications of weights in one forward pass: each number of a site's output sums `fanIn` of them. */
function productsOf({ sites, parameters }: RecordedAlone): number {
  return sites.reduce((sum, { parameters: paths, output }) => {
    const fans = paths.map((path) => parameters.get(path)!).filter(({ tensor }) => tensor.shape.length > 1);
    return sum + sizeOf(output.shape) * fans.reduce((most, { fanIn }) => Math.max(most, fanIn), 0);
  }, 0);
}

function outputShape(network: ImportedNetwork, recorded: RecordedAlone, batch: number): Shape {
  const output = recorded.output.shape;
  if (output[0] !== batch) {
    throw new EngineError(
      'SHAPE',
      `the output "${network.output}" has the shape ${showShape(output)} for a batch of ${batch}: its first axis is not the batch; choose another with --output (${network.outputs.join(', ')})`,
    );
  }
  return output;
}

/** The activation that most sites have, and whether there are norms. */
function lookOver({ sites }: RecordedAlone): { activation: string; hasNorm: boolean } {
  const counts = new Map<string, number>();
  for (const { activation } of sites)
    if (activation) counts.set(activation.fn, (counts.get(activation.fn) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return {
    activation: most?.[0] ?? 'identity',
    hasNorm: sites.some(({ factor }) => factor === 'normalization'),
  };
}

/** Without targets: rows of two numbers or more are taken for scores of classes. */
function isClassifier(output: Shape, loss: string | undefined): boolean {
  if (loss !== undefined)
    return loss === 'crossEntropy' || loss === 'nextToken' || loss === 'binaryCrossEntropy';
  return output.length === 2 && output[1]! > 1;
}

interface TargetShape {
  readonly task: Task;
  readonly shape: DataShape['target'];
  readonly outputs: number;
  readonly loss: string;
}

function describeTarget(output: Shape, y: GivenTensor | undefined, classes: boolean): TargetShape {
  const own = y ? y.shape.slice(1) : classes ? output.slice(2) : output.slice(1);
  if (!classes) {
    if (y && sizeOf(own) !== sizeOf(output.slice(1))) {
      throw new EngineError(
        'DATA',
        `the network gives ${showShape(output.slice(1))} a sample, the data's y has ${showShape(own)}`,
        ['data', 'y'],
      );
    }
    return {
      task: 'regression',
      shape: { shape: own, dtype: 'f32' },
      outputs: output[1] ?? 1,
      loss: 'meanSquaredError',
    };
  }
  const isSequence = output.length === 3 && own.length === 1 && own[0] === output[1];
  if (isSequence)
    return { task: 'language', shape: { shape: own, dtype: 'i32' }, outputs: output[2]!, loss: 'nextToken' };
  const flat = own.length === 1 && own[0] === 1 ? [] : own;
  return {
    task: flat.length > 0 ? 'segmentation' : 'classification',
    shape: { shape: flat, dtype: 'i32' },
    outputs: output[1] ?? 1,
    loss: output[1] === 1 ? 'binaryCrossEntropy' : 'crossEntropy',
  };
}

/** The data given, or noise with random targets, from the kernels' streams. */
async function samplesOf(
  shape: DataShape,
  count: number,
  batch: number,
  settings: ImportedSettings,
): Promise<Samples> {
  const arena = new Arena(await loadKernels({ exact: true }));
  const draw = drawFor(arena, settings.seed ?? 1, 'data');
  const { x, y } = settings;
  const [inputs, targets] = [count * sizeOf(shape.input.shape), count * sizeOf(shape.target.shape)];
  const isIds = shape.input.dtype === 'i32';
  const given =
    x &&
    (isIds ? Int32Array.from(x.data) : x.data instanceof Float32Array ? x.data : Float32Array.from(x.data));
  const noise = () =>
    isIds ? draw.integers('input', inputs, shape.input.vocabulary ?? 2) : draw.normal('input', inputs);
  const random = () =>
    shape.target.dtype === 'i32'
      ? draw.integers('target', targets, shape.outputs)
      : draw.normal('target', targets);
  const all = Int32Array.from({ length: count }, (_, i) => i);
  // A fifth tests where there is enough; with a few batches everything trains and tests.
  const split = count >= 5 * batch;
  return {
    x: given ?? noise(),
    y: y ? (shape.target.dtype === 'i32' ? Int32Array.from(y.data) : Float32Array.from(y.data)) : random(),
    train: split ? all.filter((i) => i % 5 !== 4) : all,
    test: split ? all.filter((i) => i % 5 === 4) : all,
  };
}

/** A trained network as an ONNX file: the file it came from, with its remedies and its weights. */
export function exportImported(run: Run, network: ImportedNetwork): Uint8Array {
  const edits = editsOf(run.spec.model ?? {});
  const { skips } = recordAlone(network, { batch: run.spec.data.batch, mode: 'eval', edits });
  const weights = new Map(
    run.parameters.all.map(({ path, tensor }) => [
      path,
      { shape: tensor.shape, data: run.arena.read(tensor.data, sizeOf(tensor.shape)) },
    ]),
  );
  return network.write(weights, edits, skips);
}

/** The options of the spec's model, as edits of the graph. */
function editsOf(options: Readonly<Record<string, unknown>>): GraphEdits {
  const { original, activation, init, norm, skip, batchStatistics } = options as {
    readonly original?: string;
    readonly activation?: string;
    readonly init?: string;
    readonly norm?: string;
    readonly skip?: boolean;
    readonly batchStatistics?: 'asExported' | 'batch';
  };
  const swaps = activation !== undefined && original !== undefined && activation !== original;
  return {
    ...(swaps ? { swap: { from: original, to: activation } } : {}),
    ...(init === undefined ? {} : { init }),
    ...(norm === 'batch' || norm === 'layer' ? { norm } : {}),
    ...(skip ? { skip } : {}),
    ...(batchStatistics ? { batchStatistics } : {}),
  };
}

import { EngineError } from '../../core/errors.js';
import { sizeOf } from '../../core/shape.js';
import type { Hdf5Group } from '../hdf5/file.js';
import type { ModelProto } from '../onnx/proto.js';
import { GraphBuilder, type Flow } from './builder.js';
import type { Config } from './convert.js';
import { hdf5Weights } from './hdf5Weights.js';
import { converters } from './layers.js';
import { isModel, ownerOf } from './places.js';
import { readTfjsWeights } from './weights.js';

/** Deepest nesting of models within models, and most layers in all. */
const MAX_DEPTH = 32;
const MAX_LAYERS = 20_000;

/** A Keras model as the graph that the ONNX importer takes. */
export interface KerasModel {
  readonly model: ModelProto;
  readonly name: string;
  /** Whether the file's weights were there; otherwise they must be drawn. */
  readonly hasWeights: boolean;
}

/** What belongs to a model's JSON. */
export interface KerasFiles {
  /** The weight files of a tfjs model, by the manifest's paths. */
  readonly shards?: ReadonlyMap<string, Uint8Array>;
  /** The weights of a Keras model. */
  readonly hdf5?: Hdf5Group | null;
  /** The version of Keras that wrote it, where another file says so. */
  readonly version?: string | null;
}

interface LayerJson {
  readonly name?: unknown;
  readonly class_name?: unknown;
  readonly config?: Config;
  readonly inbound_nodes?: unknown;
  /** Where its class is, and the name under which a layer of one's own is registered. */
  readonly module?: unknown;
  readonly registered_name?: unknown;
}

/**
 * Reads a Keras model: the JSON of `model.to_json()`, a tfjs layers model, the `config.json` of a `.keras` file, or the
 * `model_config` of an `.h5` file. Without a file of weights they are drawn anew.
 *
 * Lambda layers hold code and are refused. Images come in as Keras has them, [N, H, W, C].
 */
export function readKeras(json: unknown, { shards = new Map(), hdf5, version }: KerasFiles = {}): KerasModel {
  const file = object(json, 'the file');
  if (file['format'] === 'graph-model') refuseGraphModel(file);
  const topology = object(file['modelTopology'] ?? file, 'its topology');
  const described = object(topology['model_config'] ?? topology, 'its model');
  const manifest = file['weightsManifest'];
  const isTfjs = manifest !== undefined && !(Array.isArray(manifest) && shards.size === 0);
  const weights = hdf5 ? hdf5Weights(hdf5, described) : isTfjs ? readTfjsWeights(manifest, shards) : null;
  const written = version ?? topology['keras_version'] ?? described['keras_version'];
  const graph = new GraphBuilder(weights, mainVersion(written, described));
  const inputs: ModelProto['graph'] & object = {
    name: '',
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: [],
    outputs: [],
    sparse: 0,
  };
  const budget = { layers: 0 };
  const outputs = convertModel(described, null, ROOT, graph, inputs, budget, 0);
  for (const port of inputs.inputs) if (graph.ids.has(port.name)) port.elementType = 7;
  for (const { name } of outputs) inputs.outputs.push({ name, elementType: 1, dims: null });
  const name = String(object(described['config'] ?? {}, 'its configuration')['name'] ?? 'keras');
  return {
    name,
    hasWeights: weights !== null,
    model: {
      irVersion: 8,
      producer: 'keras',
      opsets: new Map([['', 15]]),
      graph: { ...inputs, name },
      functions: [],
    },
  };
}

/** What goes before the names of a model's layers; a model that is called twice has its weights once. */
interface Prefix {
  readonly names: string;
  readonly owners: string;
}

const ROOT: Prefix = { names: '', owners: '' };

/** The version that a file names; without one, Keras 3 says of each class in which module it is. */
function mainVersion(written: unknown, described: Readonly<Record<string, unknown>>): number {
  const main = parseInt(String(written), 10);
  return main > 0 ? main : 'module' in described ? 3 : 2;
}

/** Converts a Sequential or Functional model; `given` are its inputs where it stands within another. */
function convertModel(
  described: Readonly<Record<string, unknown>>,
  given: readonly Flow[] | null,
  prefix: Prefix,
  graph: GraphBuilder,
  border: ModelProto['graph'] & object,
  budget: { layers: number },
  depth: number,
): readonly Flow[] {
  if (depth > MAX_DEPTH) throw new EngineError('FORMAT', `models are nested deeper than ${MAX_DEPTH}`);
  const kind = String(described['class_name'] ?? '');
  const raw = described['config'];
  const config = Array.isArray(raw) ? { layers: raw } : object(raw, `the configuration of ${kind}`);
  const listed = config['layers'];
  if (!Array.isArray(listed))
    throw new EngineError('FORMAT', `not a Keras model: ${kind || 'it'} has no layers`);
  const layers = (listed as unknown[]).map((layer) => object(layer, 'a layer') as LayerJson);
  if (kind === 'Sequential') {
    let flow = given?.[0] ?? null;
    for (const layer of layers) {
      // Within another model its input is what flows in.
      if (flow && layer.class_name === 'InputLayer') continue;
      flow = convertLayer(layer, flow ? [flow] : [], null, prefix, graph, border, budget, depth);
    }
    return flow ? [flow] : [];
  }
  const flows = new Map<string, Flow>();
  let fed = 0;
  // Layers come in any order: convert those whose inputs are there until none is left.
  let waiting = layers.flatMap((layer) => callsOf(layer).map((inbound, call) => ({ layer, inbound, call })));
  while (waiting.length > 0) {
    const later: typeof waiting = [];
    for (const item of waiting) {
      const name = String(item.layer.name ?? item.layer.config?.['name'] ?? '');
      const inputs = item.inbound.map((source) => flows.get(source));
      if (inputs.includes(undefined)) {
        later.push(item);
        continue;
      }
      const outer = item.layer.class_name === 'InputLayer' && given ? given[fed++] : null;
      flows.set(
        `${name}:${item.call}`,
        outer ?? convertLayer(item.layer, inputs as Flow[], item.call, prefix, graph, border, budget, depth),
      );
    }
    if (later.length === waiting.length)
      throw new EngineError(
        'FORMAT',
        `the layers of the Keras model form a cycle or lack an input: ${later
          .slice(0, 3)
          .map(({ layer }) => String(layer.name))
          .join(', ')}`,
      );
    waiting = later;
  }
  return referencesOf(config['output_layers']).map((source) => {
    const flow = flows.get(source);
    if (!flow)
      throw new EngineError('FORMAT', `the Keras model names an output "${source}" that no layer makes`);
    return flow;
  });
}

function convertLayer(
  layer: LayerJson,
  inputs: readonly Flow[],
  call: number | null,
  prefix: Prefix,
  graph: GraphBuilder,
  border: ModelProto['graph'] & object,
  budget: { layers: number },
  depth: number,
): Flow {
  if (++budget.layers > MAX_LAYERS)
    throw new EngineError('FORMAT', `more than ${MAX_LAYERS.toLocaleString('en')} layers`);
  const kind = String(layer.class_name ?? '');
  const config = object(layer.config ?? {}, `the configuration of ${kind}`);
  const owner = ownerOf(layer, prefix.owners);
  const plain = ownerOf(layer, prefix.names);
  const name = call ? `${plain}:${call}` : plain;
  if (kind === 'InputLayer') return addInput(name, config, graph, border);
  if (kind === 'Lambda' || kind === 'TFOpLambda')
    throw new EngineError(
      'UNSUPPORTED',
      `the layer "${name}" is a ${kind}: it holds code, which is never run; write it with layers, or export the model to ONNX`,
    );
  // A Sequential without an input layer says its shape in its first layer.
  const shape = config['batch_input_shape'] ?? config['batch_shape'];
  const from =
    inputs.length > 0
      ? inputs
      : Array.isArray(shape)
        ? [addInput(`${name}/input`, config, graph, border)]
        : [];
  if (from.length === 0)
    throw new EngineError(
      'FORMAT',
      `the layer "${name}" has no input, and the model does not say the shape of its data`,
    );
  if (isModel(kind)) {
    const [output] = convertModel(
      { class_name: kind, config: layer.config },
      from,
      { names: `${name}/`, owners: `${owner}/` },
      graph,
      border,
      budget,
      depth + 1,
    );
    if (!output) throw new EngineError('FORMAT', `the model "${name}" has no output`);
    return output;
  }
  const convert = Object.hasOwn(converters, kind) ? converters[kind] : undefined;
  if (!convert) refuseLayer(name, kind, layer);
  let flow: Flow;
  try {
    flow = convert({ name, owner, config, inputs: from, graph });
  } catch (error) {
    if (error instanceof EngineError) throw error;
    // A configuration that lacks what its layer needs shows as an undefined value or a list too long.
    const what = error instanceof Error ? error.message : String(error);
    throw new EngineError(
      'FORMAT',
      `the configuration of the layer "${name}" (${kind}) makes no sense (${what})`,
    );
  }
  if (
    !flow.shape.every((length) => Number.isInteger(length) && length > 0) ||
    !(sizeOf(flow.shape) <= 2 ** 30)
  ) {
    throw new EngineError(
      'SHAPE',
      `the layer "${name}" (${kind}) would give the shape [${flow.shape.join(', ')}]`,
    );
  }
  return flow;
}

/** An input; images come in channels last and are turned once. */
function addInput(
  name: string,
  config: Config,
  graph: GraphBuilder,
  border: ModelProto['graph'] & object,
): Flow {
  const given = (config['batch_input_shape'] ?? config['batch_shape']) as unknown;
  if (!Array.isArray(given)) throw new EngineError('FORMAT', `the input "${name}" has no shape`);
  const dims = given.map((length) => (length === null ? null : Number(length)));
  const isIds = String(config['dtype'] ?? 'float32').startsWith('int');
  border.inputs.push({ name, elementType: isIds ? 7 : 1, dims });
  const shape = dims.slice(1).map((length) => {
    if (length === null || !(length > 0))
      throw new EngineError(
        'SHAPE',
        `the input "${name}" leaves an axis open [${given.map((each) => String(each ?? '?')).join(', ')}]; save the model with a fixed input shape`,
      );
    return length;
  });
  if (shape.length === 3) return { name: graph.node('Transpose', [name], { perm: [0, 3, 1, 2] }), shape };
  return { name, shape };
}

/** For each call of a layer, where its inputs come from: `layer:call`. */
function callsOf({ class_name, inbound_nodes }: LayerJson): string[][] {
  if (class_name === 'InputLayer' || !Array.isArray(inbound_nodes) || inbound_nodes.length === 0) return [[]];
  return (inbound_nodes as unknown[]).map(referencesOf);
}

/** References in Keras 2's lists `[name, call, output, …]` or in Keras 3's `keras_history`, however deep they lie. */
function referencesOf(value: unknown, depth = 0): string[] {
  if (depth > MAX_DEPTH) throw new EngineError('FORMAT', 'the links of the Keras model are nested too deep');
  if (Array.isArray(value)) {
    if (typeof value[0] === 'string' && typeof value[1] === 'number') return [`${value[0]}:${value[1]}`];
    return value.flatMap((each) => referencesOf(each, depth + 1));
  }
  if (value === null || typeof value !== 'object') return [];
  const record = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(record['keras_history'])) return referencesOf(record['keras_history'], depth + 1);
  return [...referencesOf(record['args'], depth + 1), ...referencesOf(record['config'], depth + 1)];
}

/** A layer that is not known: one of Keras', or one whose code is the user's own and not in the file. */
function refuseLayer(name: string, kind: string, { module, registered_name: registered }: LayerJson): never {
  const isOwn =
    typeof module === 'string' ? !/^(tf_)?keras\b/.test(module) : /^[^>]+>/.test(String(registered));
  const why = isOwn
    ? `a layer of your own (${typeof registered === 'string' ? registered : String(module)}), whose code is not in the file`
    : 'which is not supported';
  throw new EngineError(
    'UNSUPPORTED',
    `the layer "${name}" is a ${kind}, ${why}; export the model to ONNX: model.export('model.onnx', format='onnx'), or tf2onnx`,
  );
}

/** A tfjs graph model is TensorFlow's graph, not Keras layers: name what it is made of. */
function refuseGraphModel(file: Readonly<Record<string, unknown>>): never {
  const nodes = (file['modelTopology'] as { node?: { op?: unknown }[] } | undefined)?.node ?? [];
  const counts = new Map<string, number>();
  for (const { op } of nodes) counts.set(String(op), (counts.get(String(op)) ?? 0) + 1);
  const ops = [...counts].sort((a, b) => b[1] - a[1]).map(([op, count]) => `${op} × ${count}`);
  throw new EngineError(
    'UNSUPPORTED',
    `a TensorFlow graph model (frozen operators, no layers) cannot be trained here; its operators: ${ops.join(', ')}. Convert the Keras model itself (tensorflowjs_converter --output_format tfjs_layers_model), or export to ONNX (tf2onnx)`,
  );
}

function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new EngineError(
      'FORMAT',
      `not a Keras model: ${what} is ${Array.isArray(value) ? 'a list' : typeof value}`,
    );
  return value as Readonly<Record<string, unknown>>;
}

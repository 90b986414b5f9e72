import { EngineError } from '../../../core/errors.js';
import type { Parameters } from '../../../core/parameters.js';
import type { Shape } from '../../../core/shape.js';
import { indented, plainText, single as number, tuple } from '../../pytorch/python.js';
import { recordAlone } from '../alone.js';
import { graphAttribute } from '../args.js';
import { isFloatType, type Constant } from '../constant.js';
import { isConstant, type Value } from '../context.js';
import { nodeName, orderGraph } from '../graph.js';
import { fixedBatch, importOnnx, type OnnxFiles } from '../import.js';
import type { ImportOptions } from '../ports.js';
import type { NodeProto } from '../proto.js';
import { arrangement } from './arrangement.js';
import { elementwise } from './elementwise.js';
import { neural } from './neural.js';
import { PythonNode, type Names, type PythonWriter } from './node.js';
import { support } from './support.js';

const writers: Readonly<Record<string, PythonWriter>> = { ...elementwise, ...arrangement, ...neural };

/** Ops that become lines of Python; others are known before the run or refused. */
export const writtenOps: readonly string[] = Object.keys(writers);

/** A tensor of the module's state, under the name that `load_state_dict` knows. */
export interface ModuleTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** A network from a file as a PyTorch module: its text, and its weights. */
export interface PyTorchModule {
  readonly code: string;
  readonly tensors: readonly ModuleTensor[];
}

/** A length of the batch that no axis has by chance: where it shows, the batch is meant. */
const BATCH = 10_007;

/**
 * Writes a network from an ONNX file as a PyTorch module: one line of `forward` for each node, weights as parameters
 * under their names in the file (`fc1.weight` becomes `fc1_weight`), masks and running means as buffers. What the
 * importer folds is folded here; the batch stays open where the file leaves it open. Needs PyTorch 1.13 or later.
 *
 * Errors: `UNSUPPORTED` for nodes that PyTorch has no words for; else as `importOnnx`.
 */
export function writeOnnxAsPyTorch(files: OnnxFiles, options: ImportOptions = {}): PyTorchModule {
  const fixed = options.shape?.[0] ?? fixedBatch(files, options);
  if (fixed !== null) return new Writer(files, options, null).write();
  try {
    return new Writer(files, { ...options, batch: BATCH }, BATCH).write();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    // The exporter has baked a batch of 1 into the graph.
    return new Writer(files, { ...options, batch: 1 }, null).write();
  }
}

class Writer implements Names {
  readonly #batch: number | null;
  readonly #network: ReturnType<typeof importOnnx>;
  readonly #parameters: Parameters;
  readonly #values: ReadonlyMap<string, Value>;
  readonly #taken = new Set(['x', 'n', 'self', 'torch', 'F', 'nn', ...pythonWords, ...Object.keys(support)]);
  readonly #locals = new Map<string, string>();
  /** Attributes of the module, by the constant they are. */
  readonly #attributes = new Map<Constant, string>();
  readonly #tensors: (ModuleTensor & { readonly trained: boolean })[] = [];
  readonly #pieces = new Set<string>();
  readonly #lines: string[] = [];
  #usesBatch = false;

  constructor(files: OnnxFiles, options: ImportOptions, batch: number | null) {
    this.#batch = batch;
    this.#network = importOnnx(files, options);
    const { parameters, values } = recordAlone(this.#network, { mode: 'eval' });
    this.#parameters = parameters;
    this.#values = values;
    this.#locals.set(this.#network.input.name, 'x');
  }

  write(): PyTorchModule {
    const { source, output, name, input } = this.#network;
    for (const node of this.#used(source.nodes, output)) this.#write(node);
    const made = this.#values.get(output)!;
    this.#lines.push(`return ${this.tensor(output, made)}`);
    const shown = (shape: Shape) => this.shape(shape).replace('(n,', '(N,');
    const doc = `${shown(input.shape)} in, ${shown(made.shape)} out.`;
    const open = this.#usesBatch && this.#lines.some((line) => /\bn\b/.test(line));
    const state = this.#tensors.map(({ name: key, shape, trained }) => {
      const zeros = `torch.zeros(${tuple(shape)})`;
      return trained ? `self.${key} = nn.Parameter(${zeros})` : `self.register_buffer('${key}', ${zeros})`;
    });
    const lines = [
      `# ${plainText(name)}: written by Fuga from an ONNX file.`,
      ...reader.imports,
      'import torch',
      'import torch.nn.functional as F',
      'from torch import nn',
      ...Object.keys(support).flatMap((piece) =>
        this.#pieces.has(piece) ? ['', '', ...support[piece]!] : [],
      ),
      '',
      '',
      'class Network(nn.Module):',
      `    """${doc}"""`,
      '',
      '    def __init__(self):',
      ...indented(['super().__init__()', ...state], 2),
      '',
      '    def forward(self, x):',
      ...indented([...(open ? ['n = x.shape[0]'] : []), ...this.#lines], 2),
      ...reader.lines,
    ];
    const code = `${lines.join('\n')}\n`;
    return { code, tensors: this.#tensors };
  }

  /** The nodes that the output needs, in order; a module computes nothing else. */
  #used(nodes: readonly NodeProto[], output: string): NodeProto[] {
    const wanted = new Set([output]);
    const kept: NodeProto[] = [];
    for (const node of [...nodes].reverse()) {
      if (!node.outputs.some((made) => wanted.has(made) && this.#flows(made))) continue;
      kept.push(node);
      for (const input of node.inputs) wanted.add(input);
      // Graphs within a node read whatever they like.
      for (const { graph } of node.attributes.values())
        for (const inner of graph?.nodes ?? []) for (const input of inner.inputs) wanted.add(input);
    }
    return kept.reverse();
  }

  #flows(name: string): boolean {
    const value = this.#values.get(name);
    return value !== undefined && !isConstant(value);
  }

  #write(node: NodeProto): void {
    const outputs = node.outputs.filter((name) => name !== '');
    if (!outputs.some((name) => this.#flows(name))) return;
    const c = new PythonNode(node, this.#network.opset, this.#network.source.files, this.#values, this);
    if (node.opType === 'If') return this.#branch(c);
    const writer = Object.hasOwn(writers, node.opType) ? writers[node.opType] : undefined;
    const text = (writer ?? c.fail(node.opType))(c);
    if (/^[A-Za-z_][\w.]*$/.test(text) && outputs.length === 1) {
      this.#locals.set(outputs[0]!, text); // another name for what is there
      return;
    }
    const isTuple = node.opType === 'Split' || ['RNN', 'GRU', 'LSTM'].includes(node.opType);
    if (!isTuple) {
      this.#lines.push(`${this.#local(node, outputs[0]!)} = ${text}`);
      return;
    }
    const all = node.opType === 'LSTM' ? 3 : node.opType === 'Split' ? node.outputs.length : 2;
    const names = Array.from({ length: all }, (_, i) =>
      node.outputs[i] ? this.#local(node, node.outputs[i]) : '_',
    );
    this.#lines.push(`${names.join(', ')}${names.length === 1 ? ',' : ''} = ${text}`);
  }

  /** The branch that the importer took. */
  #branch(c: PythonNode): void {
    const taken = graphAttribute(c, c.constant(0).data[0] !== 0 ? 'then_branch' : 'else_branch');
    for (const node of orderGraph(taken, new Set(this.#values.keys())).nodes) this.#write(node);
    taken.outputs.forEach(({ name }, i) => {
      const output = c.node.outputs[i];
      if (output && this.#flows(output)) this.#locals.set(output, this.tensor(name, this.#values.get(name)!));
    });
  }

  #local(node: NodeProto, output: string): string {
    const isOnly = node.outputs.filter((name) => name !== '').length === 1;
    const name = this.#fresh(isOnly ? nodeName(node) : output);
    this.#locals.set(output, name);
    return name;
  }

  /** An identifier from a name in the file, not used before. */
  #fresh(name: string): string {
    const plain = name
      .replace(/_output_\d+$/, '')
      .replaceAll(/[^A-Za-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(-60);
    const base = /^[A-Za-z]/.test(plain) ? plain : `v${plain}`;
    let fresh = base;
    for (let i = 2; this.#taken.has(fresh); i++) fresh = `${base}_${i}`;
    this.#taken.add(fresh);
    return fresh;
  }

  tensor(name: string, value: Value, kept = false): string {
    const local = this.#locals.get(name);
    if (local !== undefined) return local;
    if (!isConstant(value)) throw new EngineError('FORMAT', `the value "${name}" is used before it is made`);
    const known = this.#attributes.get(value);
    if (known !== undefined) return `self.${known}`;
    const trained =
      value.name !== null &&
      this.#parameters.all.some(({ path, tensor }) => path === value.name && tensor.role === 'parameter');
    if (!trained && !kept) {
      const literal = this.#literal(value);
      if (literal !== null) return literal;
    }
    const key = this.#fresh(value.name ?? name);
    this.#attributes.set(value, key);
    this.#tensors.push({ name: key, shape: value.shape, values: Float32Array.from(value.data), trained });
    return `self.${key}`;
  }

  /** Small constants, and those of one number repeated, which may follow the batch. */
  #literal({ data, shape, type }: Constant): string | null {
    const [first] = data;
    const dtype = isFloatType(type) ? '' : `, dtype=torch.${type === 9 ? 'bool' : 'long'}`;
    const isUniform = data.every((value) => value === first);
    const isOpen =
      this.#batch !== null && shape.some((length) => length > 0 && length % (this.#batch ?? 1) === 0);
    const place = ', device=x.device';
    if (isUniform && first !== undefined && (isOpen || (data.length > 1 && dtype !== ''))) {
      const value = type === 9 ? (first === 0 ? 'False' : 'True') : number(first);
      return `torch.full(${this.shape(shape)}, ${value}${isFloatType(type) ? ', dtype=torch.get_default_dtype()' : dtype}${place})`;
    }
    if (isOpen) throw new EngineError('UNSUPPORTED', 'a constant that holds one row for each sample');
    if (shape.length > 1 || data.length > 8) {
      return null;
    }
    const numbers = Array.from(data, number);
    return `torch.tensor(${shape.length === 0 ? numbers[0] : `[${numbers.join(', ')}]`}${isFloatType(type) ? ', dtype=torch.get_default_dtype()' : dtype}${place})`;
  }

  shape(shape: Shape): string {
    const batch = this.#batch;
    if (batch === null) return tuple(shape);
    const lengths = shape.map((length) => {
      if (length === 0 || length % batch !== 0) return String(length);
      this.#usesBatch = true;
      return length === batch ? 'n' : `n * ${length / batch}`;
    });
    return lengths.length === 1 ? `(${lengths[0]},)` : `(${lengths.join(', ')})`;
  }

  needs(piece: string): string {
    this.#pieces.add(piece);
    return piece;
  }
}

const pythonWords = [
  ...['and', 'as', 'assert', 'async', 'await', 'break', 'class', 'continue', 'def', 'del', 'elif', 'else'],
  ...['except', 'finally', 'for', 'from', 'global', 'if', 'import', 'in', 'is', 'lambda', 'nonlocal', 'not'],
  ...['or', 'pass', 'raise', 'return', 'try', 'while', 'with', 'yield', 'True', 'False', 'None'],
  // What nn.Module itself is called by.
  ...[
    'training',
    'forward',
    'train',
    'eval',
    'to',
    'apply',
    'float',
    'double',
    'half',
    'type',
    'cpu',
    'cuda',
  ],
  ...['parameters', 'buffers', 'modules', 'children', 'load', 'state_dict', 'zero_grad', 'register_buffer'],
];

/** A reader of the weights that needs no package but PyTorch. */
const reader = {
  imports: ['import json', 'import struct', 'import sys', ''],
  lines: [
    '',
    '',
    'def load(network, path):',
    '    """Fills the network with the weights of a safetensors file."""',
    "    with open(path, 'rb') as file:",
    "        (length,) = struct.unpack('<Q', file.read(8))",
    '        header = json.loads(file.read(length))',
    '        data = bytearray(file.read())',
    '    state = {}',
    '    for name, about in header.items():',
    "        if name == '__metadata__':",
    '            continue',
    "        begin, end = about['data_offsets']",
    '        flat = torch.frombuffer(data[begin:end], dtype=torch.float32) if end > begin else torch.empty(0)',
    "        state[name] = flat.reshape(about['shape'])",
    '    network.load_state_dict(state)',
    '    return network',
    '',
    '',
    "if __name__ == '__main__':",
    '    network = Network()',
    '    if len(sys.argv) > 1:',
    '        load(network, sys.argv[1])',
    '    print(network, sum(p.numel() for p in network.parameters()))',
  ],
};

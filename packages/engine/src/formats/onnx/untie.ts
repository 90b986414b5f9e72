import { sizeOf } from '../../core/shape.js';
import { type ExternalFiles, isFloatType, readConstant } from './constant.js';
import type { GraphProto, NodeProto, TensorProto } from './proto.js';

/** Most numbers that are given back where the file itself holds fewer: what may be computed before a run. */
const FLOOR = 24_000_000;

/**
 * Gives back to each module the parameters that an exporter stored once because they held the same numbers.
 *
 * PyTorch's exporters drop repeated tensors. In a network that has not been trained all norms' scales are 1, many
 * biases 0, and the layers of `nn.TransformerEncoder` copies of one: dozens of modules would share one parameter, whose
 * gradient would be the sum of theirs, and would train as one.
 *
 * - The exporter by tracing leaves an Identity with the name of each tensor that it dropped. (Weights that are tied on
 *   purpose have one name there, and no Identity.)
 * - The one by `torch.export` leaves none, but says which module each node comes from. What a node of `norm2` reads as
 *   `norm1.weight` was `norm2.weight` if all its numbers are one, or if the modules' paths differ in numbers alone
 *   (`layers.0.linear`, `layers.1.linear`). Other weights that modules share were tied on purpose, as an embedding and
 *   a head are; so were those that several calls of one module read.
 *
 * Nothing changes where neither is known, nor where more would be given back than the file holds and `FLOOR`: a small
 * file must not ask for much memory.
 */
export function untieParameters(graph: GraphProto, files: ExternalFiles): GraphProto {
  const shared = sharedTensors(graph);
  if (shared.size === 0) return graph;
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const known = new Set(graph.initializers.map(({ name }) => name));
  const given = new Map<string, { readonly from: TensorProto; readonly copy: TensorProto }>();
  const give = (name: string, from: TensorProto): boolean => {
    const earlier = given.get(name);
    if (earlier) return earlier.from === from;
    if (known.has(name)) return false;
    given.set(name, { from, copy: { ...from, name } });
    return true;
  };
  const owners = new Owners(graph, shared, files);
  const nodes = graph.nodes.flatMap((node): NodeProto[] => {
    if (isIdentity(node)) {
      const [input, output] = [node.inputs[0]!, node.outputs[0]!];
      const tensor = shared.get(input);
      return tensor && !outputs.has(output) && give(output, tensor) ? [] : [node];
    }
    const inputs = node.inputs.map((input) => {
      const tensor = shared.get(input);
      const name = tensor && owners.nameFor(node, tensor);
      return name && give(name, tensor) ? name : input;
    });
    return [inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs }];
  });
  const copies = [...given.values()].map(({ copy }) => copy);
  if (numbersIn(copies) > Math.max(numbersIn(graph.initializers), FLOOR)) return graph;
  return { ...graph, nodes, initializers: [...graph.initializers, ...copies] };
}

/** Which module each shared tensor belongs to, and which others had one like it. */
class Owners {
  /** Module of the first node that reads a tensor, or the one that its name begins with. */
  readonly #owner = new Map<string, string>();
  readonly #uniform = new Map<string, boolean>();
  readonly #files: ExternalFiles;

  constructor(graph: GraphProto, shared: ReadonlyMap<string, TensorProto>, files: ExternalFiles) {
    this.#files = files;
    for (const { scope, inputs } of graph.nodes) {
      if (scope === undefined) continue;
      for (const name of inputs) {
        if (!shared.has(name)) continue;
        const known = this.#owner.get(name);
        if (known === undefined || (!isWithin(name, known) && isWithin(name, scope)))
          this.#owner.set(name, scope);
      }
    }
  }

  /** The name that the tensor had in the node's module; null where it is the owner's, or tied. */
  nameFor({ scope }: NodeProto, tensor: TensorProto): string | null {
    const owner = this.#owner.get(tensor.name);
    if (scope === undefined || owner === undefined || scope === owner) return null;
    const isNamed = isWithin(tensor.name, owner);
    if (!isNumbered(scope, owner) && !(isNamed && this.#isUniform(tensor))) return null;
    return `${scope}.${isNamed ? tensor.name.slice(owner.length + 1) : tensor.name}`;
  }

  #isUniform(tensor: TensorProto): boolean {
    const known = this.#uniform.get(tensor.name);
    if (known !== undefined) return known;
    const { data } = readConstant(tensor, this.#files);
    const isUniform = data.length > 0 && data.every((value) => value === data[0]);
    this.#uniform.set(tensor.name, isUniform);
    return isUniform;
  }
}

/** Whether a parameter is the module's own, or of a module within it: `attn.out.bias` of `attn`. */
function isWithin(name: string, module: string): boolean {
  return module !== '' && name.startsWith(`${module}.`);
}

/** Whether two paths are one but for the numbers in them. */
function isNumbered(a: string, b: string): boolean {
  const plain = (path: string) => path.replaceAll(/\d+/g, '#');
  return /\d/.test(a) && plain(a) === plain(b);
}

function isIdentity({ opType, domain, inputs, outputs }: NodeProto): boolean {
  return opType === 'Identity' && domain === '' && inputs.length === 1 && outputs.length === 1;
}

/** Initializers of floats, at least a list of them, that several nodes read. */
function sharedTensors(graph: GraphProto): ReadonlyMap<string, TensorProto> {
  const readers = new Map<string, number>();
  for (const { inputs } of graph.nodes)
    for (const name of inputs) readers.set(name, (readers.get(name) ?? 0) + 1);
  return new Map(
    graph.initializers.flatMap((tensor) => {
      const { name, dims, dataType } = tensor;
      const isShared = (readers.get(name) ?? 0) > 1 && dims.length > 0 && isFloatType(dataType);
      return isShared ? [[name, tensor] as const] : [];
    }),
  );
}

function numbersIn(tensors: readonly TensorProto[]): number {
  return tensors.reduce((sum, { dims }) => sum + sizeOf(dims), 0);
}

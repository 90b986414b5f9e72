import { type ExternalFiles, readConstant } from './constant.js';
import type { GraphProto, NodeProto, TensorProto } from './proto.js';

/** A graph with its links looked up. */
export class Links {
  readonly maker = new Map<string, NodeProto>();
  readonly readers = new Map<string, NodeProto[]>();
  readonly outputs: ReadonlySet<string>;
  readonly initializers: ReadonlyMap<string, TensorProto>;
  readonly #files: ExternalFiles;

  constructor(graph: GraphProto, nodes: readonly NodeProto[], files: ExternalFiles) {
    this.#files = files;
    this.outputs = new Set(graph.outputs.map(({ name }) => name));
    this.initializers = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
    for (const node of nodes) {
      for (const output of node.outputs) this.maker.set(output, node);
      for (const input of node.inputs) {
        const list = this.readers.get(input);
        if (list) list.push(node);
        else this.readers.set(input, [node]);
      }
      // What an inner graph reads cannot be merged away.
      for (const { graph: inner } of node.attributes.values()) if (inner) this.#keep(inner);
    }
  }

  readonly #kept = new Set<string>();

  #keep(graph: GraphProto): void {
    for (const node of graph.nodes) for (const input of node.inputs) this.#kept.add(input);
    for (const { name } of graph.outputs) this.#kept.add(name);
  }

  /** The node that makes `name`, if it is of one of the ops. */
  made(name: string | undefined, ...ops: readonly string[]): NodeProto | null {
    const node = name === undefined ? undefined : this.maker.get(name);
    return node && node.domain === '' && ops.includes(node.opType) ? node : null;
  }

  /** The only reader of a node's only output, if nothing else needs it and it is of one of the ops. */
  next(node: NodeProto, ...ops: readonly string[]): NodeProto | null {
    const [reader] = this.isInner(node) ? (this.readers.get(node.outputs[0]!) ?? []) : [];
    return reader && reader.domain === '' && ops.includes(reader.opType) ? reader : null;
  }

  /** Whether only one node reads the output, and nobody outside. */
  isInner(node: NodeProto, readers = 1): boolean {
    const [output] = node.outputs as [string];
    return (
      !this.outputs.has(output) && !this.#kept.has(output) && this.readers.get(output)?.length === readers
    );
  }

  /** The one number that a name stands for, or null. */
  scalar(name: string | undefined): number | null {
    if (name === undefined) return null;
    const maker = this.maker.get(name);
    const proto =
      this.initializers.get(name) ??
      (maker?.opType === 'Constant' ? maker.attributes.get('value')?.tensor : null);
    if (!proto || proto.dims.some((length) => length !== 1)) return null;
    return readConstant(proto, this.#files).data[0] ?? null;
  }

  isScalar(name: string | undefined, value: number): boolean {
    const found = this.scalar(name);
    return found !== null && Math.abs(found - value) <= 1e-4 * Math.abs(value);
  }

  /** The input of a two-input node that is not `name`. */
  other(node: NodeProto, name: string): string | undefined {
    return node.inputs[0] === name ? node.inputs[1] : node.inputs[0];
  }
}

import type { Shape } from '../../core/shape.js';
import { type Value, isConstant } from './context.js';
import { nodeName } from './graph.js';
import type { Port } from './ports.js';
import type { Rewritten } from './rewrite.js';

/** A node that data flows through, as a picture of the graph needs it. */
export interface OutlineNode {
  /** The name in the file; the site at this node has the same. */
  readonly name: string;
  readonly op: string;
  /** Indices of the nodes whose outputs it reads; −1 is the network's input. */
  readonly inputs: readonly number[];
  /** Shape of its first output, batch first. */
  readonly shape: Shape;
  /** Nodes of the file that are counted as this one. */
  readonly parts: number;
  /** Numbers in the weights that it reads, each counted where it is read. */
  readonly parameters: number;
}

/**
 * The nodes that data flows through, in order. What is made of weights and shapes alone (reordered weights, sizes of
 * reshapes) is left out: no gradient comes through it that a picture of the flow could show.
 */
export function outlineOf(
  input: Port,
  { nodes, merged }: Rewritten,
  values: ReadonlyMap<string, Value>,
  sizes: ReadonlyMap<string, number>,
): OutlineNode[] {
  const maker = new Map<string, number>([[input.name, -1]]);
  const outline: OutlineNode[] = [];
  for (const node of nodes) {
    const [first] = node.outputs;
    const value = first === undefined ? undefined : values.get(first);
    const from = node.inputs.filter((name) => maker.has(name)).map((name) => maker.get(name)!);
    if (!value || isConstant(value) || from.length === 0) continue;
    for (const output of node.outputs) if (output !== '') maker.set(output, outline.length);
    outline.push({
      name: nodeName(node),
      op: node.opType,
      inputs: [...new Set(from)],
      shape: value.shape,
      parts: merged.get(node)?.length ?? 1,
      parameters: node.inputs.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0),
    });
  }
  return outline;
}

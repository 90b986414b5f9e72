import { EngineError } from '../../core/errors.js';
import type { AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto } from './proto.js';

/** A graph whose nodes come after what they read, with names that are written once. */
export interface OrderedGraph {
  readonly proto: GraphProto;
  readonly nodes: readonly NodeProto[];
}

/** Most nodes after functions are written out; the largest networks have some thousands. */
const MAX_NODES = 100_000;

/** A node's name: its own, or its first output's where the exporter gave none. */
export function nodeName(node: NodeProto): string {
  return node.name || node.outputs.find((output) => output !== '') || node.opType;
}

/**
 * Checks that names are written once and that nothing is read before it is made, sorting nodes that come in another
 * order. Throws `FORMAT` on a cycle, with the names on it. `outer` are the names that an enclosing graph has made.
 */
export function orderGraph(proto: GraphProto, outer: ReadonlySet<string> = new Set()): OrderedGraph {
  const known = new Set(outer);
  for (const { name } of proto.inputs) known.add(name);
  for (const { name } of proto.initializers) known.add(name);
  const maker = new Map<string, number>();
  proto.nodes.forEach((node, i) => {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (maker.has(output))
        throw new EngineError(
          'FORMAT',
          `the value "${output}" is written twice, by ${nodeName(proto.nodes[maker.get(output)!]!)} and ${nodeName(node)}`,
        );
      maker.set(output, i);
    }
  });
  const needs = proto.nodes.map((node) => {
    const names = [...node.inputs, ...captured(node)];
    return names.filter((name) => name !== '' && maker.has(name));
  });
  proto.nodes.forEach((node) => {
    for (const input of node.inputs) {
      if (input !== '' && !maker.has(input) && !known.has(input)) {
        throw new EngineError(
          'FORMAT',
          `node ${nodeName(node)} (${node.opType}) reads "${input}", which nothing makes`,
        );
      }
    }
  });
  return { proto, nodes: sorted(proto.nodes, needs, maker) };
}

/** Names that the graphs within a node read from around it. */
function captured(node: NodeProto): string[] {
  const names: string[] = [];
  for (const { graph } of node.attributes.values()) {
    if (!graph) continue;
    const own = new Set([...graph.inputs, ...graph.initializers].map(({ name }) => name));
    for (const inner of graph.nodes) for (const output of inner.outputs) own.add(output);
    for (const inner of graph.nodes) {
      for (const name of [...inner.inputs, ...captured(inner)]) if (!own.has(name)) names.push(name);
    }
    for (const { name } of graph.outputs) if (!own.has(name)) names.push(name);
  }
  return names;
}

/** Depth-first, with a stack of its own: a chain of 100,000 nodes must not overflow JavaScript's. */
function sorted(
  nodes: readonly NodeProto[],
  needs: readonly (readonly string[])[],
  maker: ReadonlyMap<string, number>,
): NodeProto[] {
  const state = new Uint8Array(nodes.length); // 0 new, 1 open, 2 done
  const order: NodeProto[] = [];
  for (let root = 0; root < nodes.length; root++) {
    if (state[root] !== 0) continue;
    const stack: { node: number; next: number }[] = [{ node: root, next: 0 }];
    state[root] = 1;
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const name = needs[top.node]![top.next++];
      if (name === undefined) {
        state[top.node] = 2;
        order.push(nodes[top.node]!);
        stack.pop();
        continue;
      }
      const next = maker.get(name)!;
      if (state[next] === 1) {
        const from = stack.findIndex(({ node }) => node === next);
        const names = stack.slice(from).map(({ node }) => nodeName(nodes[node]!));
        throw new EngineError('FORMAT', `the nodes form a cycle: ${names.slice(0, 8).join(' ← ')}`);
      }
      if (state[next] === 0) {
        state[next] = 1;
        stack.push({ node: next, next: 0 });
      }
    }
  }
  return order;
}

/** The model's graph with the functions it defines written out, node by node. */
export function inlineFunctions(model: ModelProto): GraphProto {
  const graph = model.graph!;
  if (model.functions.length === 0) return graph;
  const functions = new Map(model.functions.map((made) => [`${made.domain}.${made.name}`, made]));
  const nodes: NodeProto[] = [];
  const write = (node: NodeProto, depth: number) => {
    const made = functions.get(`${node.domain}.${node.opType}`);
    if (!made) {
      if (nodes.length >= MAX_NODES)
        throw new EngineError(
          'FORMAT',
          `functions would write out more than ${MAX_NODES.toLocaleString('en')} nodes`,
        );
      nodes.push(node);
      return;
    }
    if (depth > 32) throw new EngineError('FORMAT', `the function ${made.name} calls itself`);
    for (const inner of bodyOf(made, node)) write(inner, depth + 1);
  };
  for (const node of graph.nodes) write(node, 0);
  return { ...graph, nodes };
}

/** A function's nodes with its formal names replaced by the call's and inner names made unique. */
function bodyOf(made: FunctionProto, call: NodeProto): NodeProto[] {
  const prefix = nodeName(call);
  const names = new Map<string, string>();
  made.inputs.forEach((name, i) => names.set(name, call.inputs[i] ?? ''));
  made.outputs.forEach((name, i) => names.set(name, call.outputs[i] || `${prefix}/${name}`));
  const renamed = (name: string) => (name === '' ? '' : (names.get(name) ?? `${prefix}/${name}`));
  return made.nodes.map((node) => ({
    ...node,
    name: `${prefix}/${node.name || node.outputs[0] || node.opType}`,
    inputs: node.inputs.map(renamed),
    outputs: node.outputs.map(renamed),
    attributes: new Map([...node.attributes].flatMap(([key, value]) => referred(key, value, call))),
  }));
}

/** An attribute of a function's node that stands for one of the call's. */
function referred(key: string, value: AttributeProto, call: NodeProto): [string, AttributeProto][] {
  if (value.reference === '') return [[key, value]];
  const given = call.attributes.get(value.reference);
  return given ? [[key, { ...given, name: key }]] : [];
}

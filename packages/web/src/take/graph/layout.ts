// Runs in the desk's worker, loaded when a graph is first drawn.
import dagre from '@dagrejs/dagre';
import { fold } from './fold.js';
import { nodeHeight, type GraphNode, type Layout } from './sizes.js';

const GAP = { layers: 44, nodes: 18 } as const;
/** Past so many nodes the ranks come from the longest path alone: the tight ones would take seconds. */
const MANY = 600;

/** Layers from left to right, few crossings (dagre: Gansner et al. 1993, Sugiyama's method). */
export function layoutOf(nodes: readonly GraphNode[]): Layout {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({
    rankdir: 'LR',
    ranksep: GAP.layers,
    nodesep: GAP.nodes,
    marginx: 24,
    marginy: 24,
    ranker: nodes.length > MANY ? 'longest-path' : 'network-simplex',
  });
  graph.setDefaultEdgeLabel(() => ({}));
  nodes.forEach(({ width }, i) => graph.setNode(String(i), { width, height: nodeHeight }));
  const pairs: [number, number][] = [];
  nodes.forEach(({ inputs }, to) => {
    for (const from of inputs) {
      if (from < 0) continue;
      graph.setEdge(String(from), String(to));
      pairs.push([from, to]);
    }
  });
  dagre.layout(graph);
  const x = new Float32Array(nodes.length);
  const y = new Float32Array(nodes.length);
  nodes.forEach((_, i) => {
    const at = graph.node(String(i)) as { x: number; y: number };
    x[i] = at.x;
    y[i] = at.y;
  });
  const starts = new Int32Array(pairs.length + 1);
  const points: number[] = [];
  pairs.forEach(([from, to], e) => {
    const edge = graph.edge(String(from), String(to)) as { points: readonly { x: number; y: number }[] };
    for (const point of edge.points) points.push(point.x, point.y);
    starts[e + 1] = points.length;
  });
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const straight = {
    width,
    height,
    x,
    y,
    ends: Int32Array.from(pairs.flat()),
    starts,
    points: Float32Array.from(points),
  };
  return fold(
    straight,
    nodes.map((node) => node.width),
  );
}

// What the page and the worker that places the nodes both know.

/** A node as the layout needs it: `inputs` are indices of earlier nodes, −1 is the network's input. */
export interface GraphNode {
  readonly inputs: readonly number[];
  /** Width on the page, by the length of its label. */
  readonly width: number;
}

/** Where nodes and edges are; x to the right along the way of the data. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Centres. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** From node, to node. */
  readonly ends: Int32Array;
  /** Points of edge e: `points[starts[e]]` to `points[starts[e + 1]]`, x0, y0, x1, y1, … */
  readonly starts: Int32Array;
  readonly points: Float32Array;
}

export const nodeHeight = 46;

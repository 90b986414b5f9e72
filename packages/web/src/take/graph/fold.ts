import { nodeHeight, type Layout } from './sizes.js';

/** Width to height of a picture that suits a page. */
const ASPECT = 1.7;
/** Room between two rows, through which lines go back to the left. */
const ALLEY = 46;
const MARGIN = 24;

/**
 * Folds a long picture into rows, as text is broken into lines: a chain of a hundred layers would else be a thread.
 * It is cut between layers. Lines from one row to another leave at the right and come in from the left.
 */
export function fold(layout: Layout, widths: readonly number[]): Layout {
  const { width, height, x, y, ends, starts, points } = layout;
  const pitch = height - 2 * MARGIN + nodeHeight + ALLEY;
  const rows = Math.round(Math.sqrt(width / (ASPECT * pitch)));
  if (rows < 2) return layout;
  const cuts = cutsOf(x, width / rows);
  const rowOf = Array.from(x, (at) => cuts.findLastIndex((cut) => at >= cut));
  const left = cuts.map((_, row) => Math.min(...each(rowOf, row, (i) => x[i]! - widths[i]! / 2)) - MARGIN);
  const right = Math.max(
    ...cuts.map((_, row) => Math.max(...each(rowOf, row, (i) => x[i]! + widths[i]! / 2)) - left[row]!),
  );
  const dx = (node: number) => -left[rowOf[node]!]!;
  const dy = (node: number) => rowOf[node]! * pitch;
  const folded: number[] = [];
  const from = new Int32Array(starts.length);
  for (let e = 0; e + 1 < starts.length; e++) {
    const [a, b] = [ends[2 * e]!, ends[2 * e + 1]!];
    if (rowOf[a] === rowOf[b]) {
      for (let p = starts[e]!; p < starts[e + 1]!; p += 2) {
        folded.push(points[p]! + dx(a), points[p + 1]! + dy(a));
      }
    } else {
      const [ay, by] = [y[a]! + dy(a), y[b]! + dy(b)];
      const alley = dy(b) - ALLEY / 2 + (MARGIN - nodeHeight / 2);
      folded.push(x[a]! + dx(a) + widths[a]! / 2, ay, right + 8, ay, right + 8, alley);
      folded.push(8, alley, 8, by, x[b]! + dx(b) - widths[b]! / 2, by);
    }
    from[e + 1] = folded.length;
  }
  return {
    width: right + MARGIN,
    height: height + (cuts.length - 1) * pitch,
    x: x.map((at, i) => at + dx(i)),
    y: y.map((at, i) => at + dy(i)),
    ends,
    starts: from,
    points: Float32Array.from(folded),
  };
}

/** Where rows begin: at the first layer past each multiple of the row's width. */
function cutsOf(x: Float32Array, row: number): number[] {
  const layers = [...new Set(x)].sort((a, b) => a - b);
  const cuts = [-Infinity];
  let begin = layers[0] ?? 0;
  for (const layer of layers) {
    if (layer - begin < row) continue;
    cuts.push(layer);
    begin = layer;
  }
  return cuts;
}

function each(rowOf: readonly number[], row: number, value: (node: number) => number): number[] {
  return rowOf.flatMap((own, i) => (own === row ? [value(i)] : []));
}

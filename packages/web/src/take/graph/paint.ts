import { nonFiniteColour, rampColour, zeroColour } from '../../charts/colours.js';
import type { Ink } from '../../charts/ink.svelte.js';
import { fontFamily } from '../../charts/pen.js';
import type { Camera } from './camera.js';
import { nodeHeight, type Layout } from './sizes.js';

/** A node as it is drawn. */
export interface Node {
  readonly name: string;
  /** The last part of the name, cut to what fits. */
  readonly short: string;
  readonly op: string;
  readonly width: number;
}

export interface Picture {
  readonly nodes: readonly Node[];
  readonly layout: Layout;
  /** rms(gradient) at each node; NaN with `measured` false where there is no site. */
  readonly gradient: Float64Array;
  readonly measured: Uint8Array;
  readonly range: { readonly low: number; readonly high: number };
  readonly selected: number | null;
  readonly culprit: number | null;
  /** Nodes that the search found; null: no search. */
  readonly found: ReadonlySet<number> | null;
}

/** Below these scales text can no longer be read, so it is not drawn. */
const READABLE = 0.5;
const BAR = { height: 5, inset: 8 } as const;

/** Draws what is in view and nothing else; tells how many nodes that was. */
export function paintGraph(
  c: CanvasRenderingContext2D,
  width: number,
  height: number,
  camera: Camera,
  ink: Ink,
  picture: Picture,
): number {
  const { scale, x, y } = camera;
  const [right, bottom] = [x + width / scale, y + height / scale];
  c.save();
  c.scale(scale, scale);
  c.translate(-x, -y);
  paintEdges(c, { x, y, right, bottom }, ink, picture);
  let drawn = 0;
  picture.nodes.forEach((node, i) => {
    const [cx, cy] = [picture.layout.x[i]!, picture.layout.y[i]!];
    const half = node.width / 2 + 6;
    if (cx + half < x || cx - half > right || cy + nodeHeight < y || cy - nodeHeight > bottom) return;
    paintNode(c, i, cx, cy, scale, ink, picture);
    drawn++;
  });
  c.restore();
  return drawn;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly right: number;
  readonly bottom: number;
}

function paintEdges(c: CanvasRenderingContext2D, view: Box, ink: Ink, { layout, selected }: Picture): void {
  const { ends, starts, points } = layout;
  const strong: number[] = [];
  c.strokeStyle = ink.muted;
  c.lineWidth = 1.2;
  c.globalAlpha = 0.55;
  c.beginPath();
  for (let e = 0; 2 * e < ends.length; e++) {
    const [from, to] = [starts[e]!, starts[e + 1]!];
    if (!meets(points, from, to, view)) continue;
    if (selected !== null && (ends[2 * e] === selected || ends[2 * e + 1] === selected)) strong.push(e);
    else trace(c, points, from, to);
  }
  c.stroke();
  c.globalAlpha = 1;
  c.strokeStyle = ink.accent;
  c.lineWidth = 2.2;
  c.beginPath();
  for (const e of strong) trace(c, points, starts[e]!, starts[e + 1]!);
  c.stroke();
}

function meets(points: Float32Array, from: number, to: number, { x, y, right, bottom }: Box): boolean {
  let [west, east, north, south] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = from; i < to; i += 2) {
    west = Math.min(west, points[i]!);
    east = Math.max(east, points[i]!);
    north = Math.min(north, points[i + 1]!);
    south = Math.max(south, points[i + 1]!);
  }
  return east >= x && west <= right && south >= y && north <= bottom;
}

/** A smooth line through the points. */
function trace(c: CanvasRenderingContext2D, points: Float32Array, from: number, to: number): void {
  c.moveTo(points[from]!, points[from + 1]!);
  for (let i = from + 2; i + 3 < to; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!];
    c.quadraticCurveTo(x, y, (x + points[i + 2]!) / 2, (y + points[i + 3]!) / 2);
  }
  c.lineTo(points[to - 2]!, points[to - 1]!);
}

function paintNode(
  c: CanvasRenderingContext2D,
  i: number,
  cx: number,
  cy: number,
  scale: number,
  ink: Ink,
  picture: Picture,
): void {
  const { nodes, gradient, measured, range, selected, culprit, found } = picture;
  const { width, op, short } = nodes[i]!;
  const [left, top] = [cx - width / 2, cy - nodeHeight / 2];
  const value = gradient[i]!;
  const isMeasured = measured[i] === 1;
  c.globalAlpha = found && !found.has(i) ? 0.28 : 1;
  c.beginPath();
  c.roundRect(left, top, width, nodeHeight, 8);
  // From afar the whole node has the colour that its bar has from near by.
  c.fillStyle = scale < READABLE && isMeasured ? colourOf(value, range) : ink.panel;
  c.fill();
  c.strokeStyle = selected === i ? ink.accent : culprit === i ? ink.sick : ink.line;
  c.lineWidth = selected === i || culprit === i ? 2.5 : 1.2;
  c.setLineDash(isMeasured ? [] : [4, 3]);
  c.stroke();
  c.setLineDash([]);
  if (found?.has(i)) {
    c.beginPath();
    c.roundRect(left - 4, top - 4, width + 8, nodeHeight + 8, 11);
    c.strokeStyle = ink.accent;
    c.lineWidth = 1.5;
    c.stroke();
  }
  if (isMeasured) paintBar(c, value, left, top, width, range, ink);
  if (scale >= READABLE) {
    c.textBaseline = 'middle';
    c.textAlign = 'left';
    c.fillStyle = ink.ink;
    c.font = `600 12.5px ${fontFamily}`;
    c.fillText(op, left + 10, top + 13);
    c.fillStyle = ink.muted;
    c.font = `440 11px ${fontFamily}`;
    c.fillText(short, left + 10, top + 28);
  }
  c.globalAlpha = 1;
}

function colourOf(value: number, { low, high }: Picture['range']): string {
  if (value === 0) return zeroColour;
  if (!(value > 0 && value < Infinity)) return nonFiniteColour;
  return rampColour(Math.max(0, Math.min(1, (Math.log10(value) - low) / (high - low))));
}

/** How strong the gradient is, as a length and a colour; zero is a hollow bar, what is no number a crossed one. */
function paintBar(
  c: CanvasRenderingContext2D,
  value: number,
  left: number,
  top: number,
  width: number,
  { low, high }: Picture['range'],
  ink: Ink,
): void {
  const [x, y, whole] = [left + BAR.inset, top + nodeHeight - BAR.height - 4, width - 2 * BAR.inset];
  c.fillStyle = ink.sunken;
  c.fillRect(x, y, whole, BAR.height);
  if (value > 0 && value < Infinity) {
    const part = Math.max(0.02, Math.min(1, (Math.log10(value) - low) / (high - low)));
    c.fillStyle = colourOf(value, { low, high });
    c.fillRect(x, y, whole * part, BAR.height);
    c.strokeStyle = ink.muted;
    c.lineWidth = 0.6;
    c.strokeRect(x, y, whole, BAR.height);
    return;
  }
  const isZero = value === 0;
  c.strokeStyle = isZero ? zeroColour : nonFiniteColour;
  c.lineWidth = 1.6;
  c.strokeRect(x, y, whole, BAR.height);
  if (isZero) return;
  c.beginPath();
  for (let at = x; at + BAR.height <= x + whole; at += 2 * BAR.height) {
    c.moveTo(at, y);
    c.lineTo(at + BAR.height, y + BAR.height);
    c.moveTo(at + BAR.height, y);
    c.lineTo(at, y + BAR.height);
  }
  c.stroke();
}

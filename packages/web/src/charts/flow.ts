import type { Ink } from './ink.svelte.js';
import { powerOfTen } from './format.js';
import type { Pen } from './pen.js';
import { decades, rounds } from './scale.js';

/** All that the picture of the gradient's way back shows: one column a site, input first. */
export interface FlowPicture {
  readonly gradient: ArrayLike<number>;
  readonly signal: ArrayLike<number>;
  /** Low, mean, high a site; null where no law applies. */
  readonly theory: readonly (readonly [number, number, number] | null)[];
  /** Sites within another one are drawn small, off the main line. */
  readonly inner: readonly boolean[];
  readonly culprit: number | null;
  readonly selected: number | null;
  /** From this site on (to the right) the backward pass has come; null: all of it. */
  readonly reached: number | null;
  readonly range: { readonly low: number; readonly high: number };
  readonly words: {
    readonly input: string;
    readonly loss: string;
    readonly culprit: string;
    readonly axis: string;
    readonly layer: string;
  };
}

export const flowMargin = { left: 58, right: 14, top: 26, bottom: 48 } as const;
const LANE = 20;
/** Widest ground of the selected column: with few columns it would flood the picture. */
const GROUND = 44;

/** Centre of column `site` of `sites` in a picture so wide. */
export function columnAt(site: number, sites: number, width: number): number {
  const { left, right } = flowMargin;
  return left + ((site + 0.5) * (width - left - right)) / Math.max(1, sites);
}

/** The site whose column is under x. */
export function siteAt(x: number, sites: number, width: number): number {
  const { left, right } = flowMargin;
  const part = (x - left) / (width - left - right);
  return Math.max(0, Math.min(sites - 1, Math.floor(part * sites)));
}

/** Draws the flow: theory's band, the signal on its way in, the gradient on its way back, zeros and NaN apart. */
export function paintFlow(pen: Pen, width: number, height: number, ink: Ink, picture: FlowPicture): void {
  const { gradient, signal, theory, inner, culprit, selected, reached, range, words } = picture;
  const sites = gradient.length;
  const { left, right, top, bottom } = flowMargin;
  const hasNaN =
    someOf(gradient, (value) => !Number.isFinite(value)) || someOf(signal, (v) => v === Infinity);
  const hasZero = someOf(gradient, (value) => value === 0) || someOf(signal, (value) => value === 0);
  const plotTop = top + (hasNaN ? LANE : 0);
  const plotBottom = height - bottom - (hasZero ? LANE : 0);
  const y = (value: number) => {
    if (value === 0) return height - bottom - LANE / 2;
    if (!Number.isFinite(value)) return top + LANE / 2;
    const part = (Math.log10(value) - range.low) / (range.high - range.low);
    return plotBottom - Math.max(-0.02, Math.min(1.02, part)) * (plotBottom - plotTop);
  };
  const x = (site: number) => columnAt(site, sites, width);
  const column = (width - left - right) / Math.max(1, sites);

  if (selected !== null) {
    const ground = Math.max(2, Math.min(GROUND, column));
    pen.rect(x(selected) - ground / 2, top, ground, height - bottom - top, ink.tint);
  }
  for (const decade of decades(range.low, range.high, (plotBottom - plotTop) / 26)) {
    const at = y(10 ** decade);
    pen.line([left, at, width - right, at], { colour: ink.grid });
    // Not into the name of a lane above or below.
    if ((hasNaN && at < plotTop + 4) || (hasZero && at > plotBottom - 4)) continue;
    pen.text(left - 8, at, powerOfTen(decade), { colour: ink.muted, align: 'right' });
  }
  if (hasZero) lane(pen, left, width - right, height - bottom - LANE, '0', ink);
  if (hasNaN) lane(pen, left, width - right, top, 'NaN', ink);
  paintTheory(pen, theory, inner, x, y, ink);
  if (culprit !== null && sites > 0) {
    const at = x(culprit);
    pen.line([at, top - 4, at, height - bottom], { colour: ink.sick, dash: [3, 3] });
    const near = at < width / 2;
    pen.text(at + (near ? 6 : -6), top - 12, `▾ ${words.culprit}`, {
      colour: ink.sick,
      weight: 600,
      align: near ? 'left' : 'right',
    });
  }
  paintCourse(pen, signal, inner, x, y, { colour: ink.forward, hollow: true, ink, column, from: 0 });
  paintCourse(pen, gradient, inner, x, y, {
    colour: ink.accent,
    hollow: false,
    ink,
    column,
    from: reached ?? 0,
  });
  paintAxis(pen, width, height, sites, x, ink, words);
}

function someOf(values: ArrayLike<number>, test: (value: number) => boolean): boolean {
  for (let i = 0; i < values.length; i++) if (test(values[i]!)) return true;
  return false;
}

function lane(pen: Pen, from: number, to: number, top: number, label: string, ink: Ink): void {
  pen.rect(from, top + 1, to - from, LANE - 2, ink.sunken, 4);
  pen.text(from - 8, top + LANE / 2, label, { colour: ink.muted, align: 'right', weight: 600 });
}

/**
 * Runs of sites, first and last, whose band is drawn: three at least, and none within others. Shreds of two would hang
 * beside the line, each on a level of its own, and say nothing of the way back.
 */
export function bandsOf(
  theory: FlowPicture['theory'],
  inner: readonly boolean[],
): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  const isBand = (site: number) => Boolean(theory[site]) && !inner[site];
  for (let start = 0; start < theory.length; start++) {
    if (!isBand(start)) continue;
    let end = start;
    while (isBand(end + 1)) end++;
    if (end - start >= 2) runs.push([start, end]);
    start = end;
  }
  return runs;
}

function paintTheory(
  pen: Pen,
  theory: FlowPicture['theory'],
  inner: readonly boolean[],
  x: (site: number) => number,
  y: (value: number) => number,
  ink: Ink,
): void {
  for (const [start, end] of bandsOf(theory, inner)) {
    const high: number[] = [];
    const low: number[] = [];
    const mean: number[] = [];
    for (let site = start; site <= end; site++) {
      const [l, m, h] = theory[site]!;
      high.push(x(site), y(h));
      low.unshift(x(site), y(l));
      mean.push(x(site), y(m));
    }
    pen.area([...high, ...low], ink.theory);
    // On a few points' width the dashes of the mean would be a smudge.
    if (x(end) - x(start) > 40) pen.line(mean, { colour: ink.muted, dash: [4, 4] });
  }
}

interface CourseStyle {
  readonly colour: string;
  /** Squares without filling, so that the two courses differ in shape as well. */
  readonly hollow: boolean;
  readonly ink: Ink;
  readonly column: number;
  readonly from: number;
}

function paintCourse(
  pen: Pen,
  values: ArrayLike<number>,
  inner: readonly boolean[],
  x: (site: number) => number,
  y: (value: number) => number,
  { colour, hollow, ink, column, from }: CourseStyle,
): void {
  let run: number[] = [];
  const flush = () => {
    if (run.length > 2) pen.line(run, { colour, width: hollow ? 1.5 : 2.25 });
    run = [];
  };
  for (let site = from; site < values.length; site++) {
    if (inner[site]) continue;
    const value = values[site]!;
    if (Number.isNaN(value) && hollow) continue;
    if (value > 0 && value < Infinity) run.push(x(site), y(value));
    else flush();
  }
  flush();
  const radius = Math.max(1.2, Math.min(4, column * 0.32));
  if (column < 3) {
    // No room for marks of their own: what has no place on the scale fills its lane.
    for (let site = from; site < values.length; site++) {
      const value = values[site]!;
      if (inner[site] || (value > 0 && value < Infinity) || (Number.isNaN(value) && hollow)) continue;
      pen.rect(
        x(site) - column / 2,
        y(value) - 4,
        column + 0.5,
        8,
        Number.isFinite(value) ? colour : ink.sick,
      );
    }
    return;
  }
  for (let site = from; site < values.length; site++) {
    const value = values[site]!;
    if (Number.isNaN(value) && hollow) continue;
    mark(pen, x(site), y(value), inner[site] ? radius * 0.6 : radius, value, { colour, hollow, ink });
  }
}

/** A disc or a hollow square; a ring for zero, a cross for what is no number. */
function mark(
  pen: Pen,
  x: number,
  y: number,
  radius: number,
  value: number,
  { colour, hollow, ink }: { colour: string; hollow: boolean; ink: Ink },
): void {
  if (!Number.isFinite(value)) {
    const r = radius + 1;
    pen.line([x - r, y - r, x + r, y + r], { colour: ink.sick, width: 2 });
    pen.line([x - r, y + r, x + r, y - r], { colour: ink.sick, width: 2 });
  } else if (value === 0) pen.circle(x, y, radius, { fill: ink.panel, stroke: { colour, width: 1.5 } });
  else if (hollow) {
    const r = radius * 0.85;
    pen.rect(x - r, y - r, 2 * r, 2 * r, colour);
    if (r > 2) pen.rect(x - r + 1.2, y - r + 1.2, 2 * r - 2.4, 2 * r - 2.4, ink.panel);
  } else pen.circle(x, y, radius, { fill: colour, stroke: { colour: ink.panel, width: 1 } });
}

function paintAxis(
  pen: Pen,
  width: number,
  height: number,
  sites: number,
  x: (site: number) => number,
  ink: Ink,
  words: FlowPicture['words'],
): void {
  const { left, right, bottom } = flowMargin;
  const base = height - bottom;
  pen.line([left, base, width - right, base], { colour: ink.line });
  const most = Math.max(1, (width - left - right) / 34);
  const marked = sites > most ? rounds(0, sites - 1, most) : Array.from({ length: sites }, (_, site) => site);
  for (const site of marked) {
    pen.text(x(site), base + 12, String(site), { colour: ink.muted, align: 'center' });
  }
  const y = height - 14;
  pen.text(9, (base + flowMargin.top) / 2, words.axis, {
    colour: ink.muted,
    size: 10.5,
    align: 'center',
    upright: true,
  });
  pen.text(left, y, words.input, { colour: ink.ink, weight: 560 });
  pen.text(width - right, y, words.loss, { colour: ink.ink, weight: 560, align: 'right' });
  // The way of the gradient: an arrow from the loss to the input.
  const [from, to] = [width - right - 8 - 7 * words.loss.length, left + 8 + 7 * words.input.length];
  if (from - to > 40) {
    const wide = 14 + 6 * words.layer.length;
    const middle = (left + width - right) / 2;
    if (from - to > 2 * wide) {
      pen.line([from, y, middle + wide / 2, y], { colour: ink.accent, width: 1.5 });
      pen.line([middle - wide / 2, y, to, y], { colour: ink.accent, width: 1.5 });
      pen.text(middle, y, words.layer, { colour: ink.muted, align: 'center' });
    } else pen.line([from, y, to, y], { colour: ink.accent, width: 1.5 });
    pen.line([to + 6, y - 4, to, y, to + 6, y + 4], { colour: ink.accent, width: 1.5 });
  }
}

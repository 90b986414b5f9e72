import type { Outcome } from '@fuga/engine';
import { powerOfTen } from '../charts/format.js';
import type { Ink } from '../charts/ink.svelte.js';
import type { Pen } from '../charts/pen.js';
import { decades, rounds, type Tick } from '../charts/scale.js';

type Picture = Outcome['picture'];
type Axis = Picture['x'];

const margin = { left: 58, right: 16, top: 30, bottom: 42 } as const;
/** Measured curves differ in shape as well as in colour. */
export const shapes = ['disc', 'square', 'triangle', 'diamond', 'cross'] as const;
const roles = ['accent', 'forward', 'sick', 'well', 'muted'] as const;

/** Colour and shape of the `i`-th measured curve. */
export function markOf(i: number): {
  readonly role: (typeof roles)[number];
  readonly shape: (typeof shapes)[number];
} {
  return { role: roles[i % roles.length]!, shape: shapes[i % shapes.length]! };
}

/** A value in an axis' own units: itself, or its decade; NaN where it has no place. */
function place(value: number, { scale }: Axis): number {
  if (scale === 'log') return value > 0 && value < Infinity ? Math.log10(value) : NaN;
  return Number.isFinite(value) ? value : NaN;
}

function rangeOf(values: readonly number[], axis: Axis): readonly [low: number, high: number] {
  const shown = values.map((value) => place(value, axis)).filter((value) => !Number.isNaN(value));
  if (shown.length === 0) return [0, 1];
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  // A range below this is flat: rounding noise must not fill the picture.
  const pad = high - low > 1e-6 * Math.max(1, Math.abs(high)) ? 0.05 * (high - low) : 0.5;
  return [low - pad, high + pad];
}

function ticksOf(
  [low, high]: readonly [number, number],
  { scale }: Axis,
  most: number,
  label: (value: number) => string,
): Tick[] {
  if (scale === 'linear') return rounds(low, high, most).map((value) => ({ value, label: label(value) }));
  if (high - low >= 1.5)
    return decades(low, high, most).map((value) => ({ value, label: powerOfTen(value) }));
  return rounds(10 ** low, 10 ** high, most)
    .filter((value) => value > 0)
    .map((value) => ({ value: Math.log10(value), label: label(value) }));
}

/** Draws an outcome: the laws' curves beneath, what was measured on top. `label` writes numbers. */
export function paintOutcome(
  pen: Pen,
  width: number,
  height: number,
  ink: Ink,
  { x, y, curves }: Picture,
  label: (value: number) => string,
): void {
  const { left, right, top, bottom } = margin;
  const [w, h] = [width - left - right, height - top - bottom];
  const points = curves.flatMap((curve) => curve.points);
  const across = rangeOf(
    points.map(([at]) => at),
    x,
  );
  const up = rangeOf(
    points.map(([, at]) => at),
    y,
  );
  const px = (at: number) => left + (w * (at - across[0])) / (across[1] - across[0]);
  const py = (at: number) => top + h * (1 - (at - up[0]) / (up[1] - up[0]));
  for (const tick of ticksOf(up, y, h / 34, label)) {
    pen.line([left, py(tick.value), width - right, py(tick.value)], { colour: ink.grid });
    pen.text(left - 8, py(tick.value), tick.label, { colour: ink.muted, align: 'right' });
  }
  pen.line([left, top + h, width - right, top + h], { colour: ink.line });
  for (const tick of ticksOf(across, x, w / 70, label)) {
    pen.text(px(tick.value), top + h + 13, tick.label, { colour: ink.muted, align: 'center' });
  }
  pen.text(width - right, height - 9, x.label, { colour: ink.muted, align: 'right' });
  // Above its axis: beside the other's name it would be taken for one.
  pen.text(4, 9, y.label, { colour: ink.muted });
  const seen = (list: (typeof points)[number][]) =>
    list
      .map(([a, b]) => [px(place(a, x)), py(place(b, y))] as const)
      .filter(([a, b]) => !Number.isNaN(a) && !Number.isNaN(b));
  for (const curve of curves) {
    if (curve.kind !== 'law') continue;
    const { band } = curve;
    if (band) {
      const edge = (side: 0 | 1) => seen(curve.points.map(([a], i) => [a, band[i]![side]] as const));
      // The band may reach past what was measured, which sets the scale.
      pen.clip(left, top, w, h, () => {
        pen.area([...edge(1), ...edge(0).reverse()].flat(), ink.theory);
      });
    }
    pen.line(seen([...curve.points]).flat(), { colour: ink.muted, width: 1.4, dash: [5, 4] });
  }
  curves
    .filter(({ kind }) => kind === 'measured')
    .forEach((curve, i) => {
      const { role, shape } = markOf(i);
      const places = seen([...curve.points]);
      const size = places.length > 60 ? 1.8 : places.length > 25 ? 2.6 : 3.6;
      if (places.length > 25) pen.line(places.flat(), { colour: ink[role], width: 1 });
      for (const [a, b] of places) paintMark(pen, shape, a, b, size, ink[role], ink.panel);
    });
}

/** One point, in the shape of its curve. */
export function paintMark(
  pen: Pen,
  shape: (typeof shapes)[number],
  x: number,
  y: number,
  r: number,
  fill: string,
  edge: string,
): void {
  if (shape === 'disc') pen.circle(x, y, r, { fill, stroke: { colour: edge, width: 0.8 } });
  else if (shape === 'square') pen.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r, fill);
  else if (shape === 'triangle') pen.area([x, y - 1.2 * r, x + 1.1 * r, y + r, x - 1.1 * r, y + r], fill);
  else if (shape === 'diamond')
    pen.area([x, y - 1.3 * r, x + 1.3 * r, y, x, y + 1.3 * r, x - 1.3 * r, y], fill);
  else {
    pen.line([x - r, y - r, x + r, y + r], { colour: fill, width: 1.6 });
    pen.line([x - r, y + r, x + r, y - r], { colour: fill, width: 1.6 });
  }
}

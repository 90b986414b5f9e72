import { float, int, ints, listOf, text, viewOf } from '../args.js';
import { axisOf, stridesOf } from '../../../ops/strides.js';
import { single as number, tuple } from '../../pytorch/python.js';
import type { PythonNode, PythonWriter } from './node.js';

/** Reshape, Flatten, Squeeze, Unsqueeze: the same numbers in another shape. */
const reshape: PythonWriter = (c) => `${c.x()}.reshape(${c.shapeText(c.made())})`;

const transpose: PythonWriter = (c) => {
  const order = ints(c, 'perm') ?? c.shape(0).map((_, axis) => c.shape(0).length - 1 - axis);
  return `${c.x()}.permute${tuple(order)}`;
};

/** As the importer's view of it says: start, length and step of each axis. */
const slice: PythonWriter = (c) => {
  const [view] = viewOf(c)!;
  const from = c.shape(0);
  const own = stridesOf(from);
  let rest = view!.offset;
  const parts = from.map((length, axis) => {
    const start = Math.floor(rest / own[axis]!);
    rest -= start * own[axis]!;
    return { start, count: view!.shape[axis]!, step: view!.strides[axis]! / own[axis]!, length };
  });
  const flips = parts.flatMap(({ step }, axis) => (step < 0 ? [axis] : []));
  const cuts = parts.map(({ start, count, step, length }) => {
    if (count === length && Math.abs(step) === 1) return ':';
    const first = step < 0 ? length - 1 - start : start;
    const width = Math.abs(step);
    const end = first + (count - 1) * width + 1;
    return `${first === 0 ? '' : first}:${end >= length ? '' : end}${width === 1 ? '' : `:${width}`}`;
  });
  const x = flips.length > 0 ? `${c.x()}.flip(${tuple(flips)})` : c.x();
  while (cuts.at(-1) === ':') cuts.pop();
  return cuts.length > 0 ? `${x}[${cuts.join(', ')}]` : x;
};

const split: PythonWriter = (c) => {
  const axis = axisOf(int(c, 'axis', 0), c.shape(0).length);
  const parts = c.node.outputs.map((_, i) => c.made(i)[axis]!);
  return `torch.split(${c.x()}, [${parts.join(', ')}], ${axis})`;
};

const all = (count: number) => ':, '.repeat(count);

const gather: PythonWriter = (c) => {
  const axis = axisOf(int(c, 'axis', 0), c.shape(0).length);
  const length = c.shape(0)[axis]!;
  if (!c.isKnown(1)) return `${c.x(0)}[${all(axis)}${c.x(1)}.long()]`;
  const { data, shape } = c.constant(1);
  const indices = Array.from(data, (at) => (at < 0 ? at + length : at));
  if (shape.length === 0) return `${c.x(0)}[${all(axis)}${indices[0]}]`;
  if (shape.length === 1 && indices.length <= 64) return `${c.x(0)}[${all(axis)}[${indices.join(', ')}]]`;
  return `${c.x(0)}[${all(axis)}${c.x(1)}.long()]`;
};

const concat: PythonWriter = (c) => {
  const parts = c.node.inputs.map((_, i) => c.x(i));
  return `torch.cat([${parts.join(', ')}], ${axisOf(int(c, 'axis', 0), c.made().length)})`;
};

/** PyTorch's list of paddings starts at the last axis. */
export function padding(before: readonly number[], after: readonly number[]): string {
  const list = before.map((front, axis) => [front, after[axis]!]).reverse();
  while (list.length > 1 && list.at(-1)!.every((count) => count === 0)) list.pop();
  return tuple(list.flat());
}

const modes: Readonly<Record<string, string>> = {
  constant: 'constant',
  reflect: 'reflect',
  edge: 'replicate',
};

const pad: PythonWriter = (c) => {
  const rank = c.shape(0).length;
  const given = listOf(c, 'pads', 1) ?? c.fail('Pad without a list');
  const chosen = c.has(3) ? Array.from(c.constant(3).data, (axis) => axisOf(axis, rank)) : null;
  const axes = chosen ?? Array.from({ length: rank }, (_, axis) => axis);
  const [before, after] = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)];
  axes.forEach((axis, i) => {
    before[axis] = given[i]!;
    after[axis] = given[axes.length + i]!;
  });
  const mode = modes[text(c, 'mode', 'constant')] ?? c.fail(`Pad by ${text(c, 'mode', '')}`);
  if (mode !== 'constant') return `F.pad(${c.x()}, ${padding(before, after)}, mode='${mode}')`;
  const value = c.has(2) ? (c.constant(2).data[0] ?? 0) : (c.node.attributes.get('value')?.float ?? 0);
  return `F.pad(${c.x()}, ${padding(before, after)}${value === 0 ? '' : `, value=${number(value)}`})`;
};

const resize: PythonWriter = (c) => {
  const [from, to] = [c.shape(0), c.made()];
  if (from.length < 3 || from[0] !== to[0] || from[1] !== to[1])
    c.fail('Resize of other axes than the spatial ones');
  const mode = text(c, 'mode', 'nearest');
  const place = text(c, 'coordinate_transformation_mode', c.version < 11 ? 'asymmetric' : 'half_pixel');
  const size = `size=${tuple(to.slice(2))}`;
  if (int(c, 'antialias', 0) !== 0) c.fail('Resize with antialias');
  if (mode === 'nearest') {
    const rounding = text(c, 'nearest_mode', c.version < 11 ? 'floor' : 'round_prefer_floor');
    const isWhole = to.slice(2).every((length, i) => Number.isInteger(length / from[i + 2]!));
    // For whole factors all the usual ways pick the same pixels.
    const isUsual = isWhole && place.endsWith('half_pixel') && rounding.startsWith('round_prefer');
    if (place === 'asymmetric' ? rounding === 'floor' : isUsual)
      return `F.interpolate(${c.x()}, ${size}, mode='nearest')`;
    return c.fail(`Resize to the nearest pixel by ${place}, ${rounding}`);
  }
  const rank = from.length - 2;
  const name = mode === 'cubic' ? 'bicubic' : ['linear', 'bilinear', 'trilinear'][rank - 1];
  const aligned = place === 'align_corners';
  const isHalf =
    place === 'half_pixel' || (place === 'pytorch_half_pixel' && to.slice(2).every((n) => n > 1));
  if (name === undefined || !(aligned || isHalf) || (mode === 'cubic' && rank !== 2))
    return c.fail(`Resize by ${mode}, ${place}`);
  if (mode === 'cubic' && (float(c, 'cubic_coeff_a', -0.75) !== -0.75 || int(c, 'exclude_outside', 0) !== 0))
    return c.fail('Resize by another cubic than PyTorch’s');
  // Scales that do not give whole lengths say where the pixels lie; the lengths are rounded down all the same.
  const scales = scalesOf(c);
  const isRound = !scales || scales.every((scale, i) => Math.abs(scale * from[i + 2]! - to[i + 2]!) < 1e-6);
  if (aligned && !isRound) return c.fail('Resize by scales that give no whole lengths');
  if (isRound)
    return `F.interpolate(${c.x()}, ${size}, mode='${name}', align_corners=${aligned ? 'True' : 'False'})`;
  return `F.interpolate(${c.x()}, scale_factor=${tuple(scales!)}, mode='${name}', align_corners=False, recompute_scale_factor=False)`;
};

/** Scales of the spatial axes, where the node has scales rather than lengths. */
function scalesOf(c: PythonNode): number[] | null {
  const input = c.version < 11 ? 1 : 2;
  if (c.node.attributes.has('scales')) return c.node.attributes.get('scales')!.floats.slice(2);
  return c.has(input) && c.constant(input).data.length > 0
    ? Array.from(c.constant(input).data).slice(2)
    : null;
}

/** Blocks of pixels to channels or back: split axes, reorder, join. */
function blocks(
  c: PythonNode,
  split: (C: number, H: number, W: number, b: number) => number[],
  order: number[],
): string {
  const [, C, H, W] = c.shape(0) as [number, number, number, number];
  const b = int(c, 'blocksize', 1);
  const [n] = c.shape(0);
  return `${c.x()}.reshape(${c.shapeText([n!, ...split(C, H, W, b)])}).permute${tuple(order)}.reshape(${c.shapeText(c.made())})`;
}

export const arrangement: Readonly<Record<string, PythonWriter>> = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Expand: (c) => `${c.x()}.expand(${c.shapeText(c.made())})`,
  Slice: slice,
  Split: split,
  Concat: concat,
  Gather: gather,
  GatherElements: (c) => {
    const axis = axisOf(int(c, 'axis', 0), c.shape(0).length);
    const at = c.isKnown(1) ? `${c.x(1)} % ${c.shape(0)[axis]}` : c.x(1);
    return `torch.gather(${c.x(0)}, ${axis}, (${at}).long())`;
  },
  Pad: pad,
  Resize: resize,
  Upsample: resize,
  Tile: (c) => `${c.x()}.repeat${tuple(Array.from(c.constant(1).data))}`,
  Trilu: (c) => {
    const k = c.has(1) ? c.constant(1).data[0]! : 0;
    return `torch.${int(c, 'upper', 1) !== 0 ? 'triu' : 'tril'}(${c.x()}, ${k})`;
  },
  DepthToSpace: (c) =>
    text(c, 'mode', 'DCR') === 'CRD'
      ? blocks(c, (C, H, W, b) => [C / (b * b), b, b, H, W], [0, 1, 4, 2, 5, 3])
      : blocks(c, (C, H, W, b) => [b, b, C / (b * b), H, W], [0, 3, 4, 1, 5, 2]),
  SpaceToDepth: (c) => blocks(c, (C, H, W, b) => [C, H / b, b, W / b, b], [0, 3, 5, 1, 2, 4]),
};

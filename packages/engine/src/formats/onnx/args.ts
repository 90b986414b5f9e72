import { EngineError } from '../../core/errors.js';
import { showShape, sizeOf, type Shape } from '../../core/shape.js';
import { axisOf, broadcastShapes, broadcastStrides, stridesOf } from '../../ops/strides.js';
import type { View } from '../../ops/view.js';
import { readConstant, type Constant, type ExternalFiles } from './constant.js';
import type { GraphProto, NodeProto } from './proto.js';

const decoder = new TextDecoder();

/** What a node is given, as its op reads it: attributes, shapes, and inputs that must be known. */
export interface Args {
  readonly node: NodeProto;
  /** Version of the operator set. */
  readonly version: number;
  readonly files: ExternalFiles;
  has(input: number): boolean;
  shape(input: number): Shape;
  /** An input whose numbers must be known before the network runs; throws `UNSUPPORTED` where they are not. */
  constant(input: number): Constant;
  /** Counts numbers computed before the run; throws where a file asks for absurdly many. */
  charge(numbers: number): void;
}

/** An integer attribute. */
export function int(args: Args, name: string, fallback: number): number {
  return args.node.attributes.get(name)?.int ?? fallback;
}

export function float(args: Args, name: string, fallback: number): number {
  return args.node.attributes.get(name)?.float ?? fallback;
}

/** A list of integers, or null where the attribute is absent. */
export function ints(args: Args, name: string): readonly number[] | null {
  return args.node.attributes.get(name)?.ints ?? null;
}

export function floats(args: Args, name: string): readonly number[] | null {
  return args.node.attributes.get(name)?.floats ?? null;
}

export function text(args: Args, name: string, fallback: string): string {
  const bytes = args.node.attributes.get(name)?.bytes;
  return bytes ? decoder.decode(bytes) : fallback;
}

export function texts(args: Args, name: string): readonly string[] | null {
  const list = args.node.attributes.get(name)?.strings;
  return list ? list.map((bytes) => decoder.decode(bytes)) : null;
}

export function tensorAttribute(args: Args, name: string): Constant | null {
  const proto = args.node.attributes.get(name)?.tensor;
  return proto ? readConstant(proto, args.files) : null;
}

export function graphAttribute(args: Args, name: string): GraphProto {
  const graph = args.node.attributes.get(name)?.graph;
  if (!graph) throw new EngineError('FORMAT', `${args.node.opType} has no graph "${name}"`);
  return graph;
}

/** Throws `UNSUPPORTED` with what is not read of this op, and what to do. */
export function unsupported(what: string): never {
  throw new EngineError('UNSUPPORTED', what);
}

/** A list of integers that older operator sets have as an attribute, newer ones as an input. */
export function listOf(args: Args, attribute: string, input: number): readonly number[] | null {
  const given = ints(args, attribute);
  if (given) return given;
  return args.has(input) ? Array.from(args.constant(input).data) : null;
}

/** One number, as a constant input or an attribute. */
export function scalarOf(args: Args, attribute: string, input: number): number | null {
  if (args.node.attributes.has(attribute)) return float(args, attribute, 0);
  if (!args.has(input)) return null;
  const { data } = args.constant(input);
  return data[0] ?? null;
}

/** Axes to reduce, from the front, sorted; all of them where none is named (or none at all, where the node says so). */
export function reducedAxes(args: Args): { axes: number[]; keep: boolean } {
  const rank = args.shape(0).length;
  const given = listOf(args, 'axes', 1);
  const keep = int(args, 'keepdims', 1) !== 0;
  if (!given || given.length === 0) {
    const none = int(args, 'noop_with_empty_axes', 0) !== 0;
    return { axes: none ? [] : Array.from({ length: rank }, (_, axis) => axis), keep };
  }
  return { axes: [...new Set(given.map((axis) => axisOf(axis, rank)))].sort((a, b) => a - b), keep };
}

/** The shape that Reshape asks for: 0 copies an axis, −1 is what is left. */
export function reshaped(args: Args): number[] {
  const from = args.shape(0);
  const wanted = listOf(args, 'shape', 1) ?? unsupported('Reshape without a shape');
  const copies = int(args, 'allowzero', 0) === 0;
  const shape = wanted.map((length, axis) => (length === 0 && copies ? (from[axis] ?? 0) : length));
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const rest = shape.reduce((product, length, axis) => (axis === open ? product : product * length), 1);
    shape[open] = rest === 0 ? 0 : sizeOf(from) / rest;
  }
  if (sizeOf(shape) !== sizeOf(from) || shape.some((length) => !Number.isInteger(length) || length < 0)) {
    throw new EngineError(
      'SHAPE',
      `cannot reshape ${showShape(from)} to [${wanted.join(', ')}]${hint(from)}`,
    );
  }
  return shape;
}

/** Exporters bake the batch size into reshapes; say so where it is the likely cause. */
function hint(from: Shape): string {
  return from.length > 0
    ? '; if the exporter fixed the batch size, use that one (--shape), or export with dynamic axes'
    : '';
}

/** The way an op walks its first input, where all it does is to rearrange numbers; null where the op does more. */
export function viewOf(args: Args): View[] | null {
  const { opType } = args.node;
  const find = Object.hasOwn(views, opType) ? views[opType] : undefined;
  return find ? find(args) : null;
}

const whole = (from: Shape, shape: Shape): View => ({ shape, strides: stridesOf(shape), offset: 0 });

const views: Readonly<Record<string, (args: Args) => View[]>> = {
  Identity: (args) => [whole(args.shape(0), args.shape(0))],
  Reshape: (args) => [whole(args.shape(0), reshaped(args))],
  Flatten: (args) => {
    const shape = args.shape(0);
    const axis = int(args, 'axis', 1);
    const at = axis < 0 ? axis + shape.length : axis;
    return [whole(shape, [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))])];
  },
  Squeeze: (args) => {
    const shape = args.shape(0);
    const axes = listOf(args, 'axes', 1)?.map((axis) => axisOf(axis, shape.length));
    const kept = shape.filter((length, axis) => (axes ? !axes.includes(axis) : length !== 1));
    if (axes?.some((axis) => shape[axis] !== 1)) {
      throw new EngineError(
        'SHAPE',
        `cannot squeeze axes [${axes.join(', ')}] of ${showShape(shape)}: they are not all 1`,
      );
    }
    return [whole(shape, kept)];
  },
  Unsqueeze: (args) => {
    const shape = args.shape(0);
    const given = listOf(args, 'axes', 1) ?? [];
    const rank = shape.length + given.length;
    const axes = given.map((axis) => axisOf(axis, rank));
    const rest = [...shape];
    return [
      whole(
        shape,
        Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!)),
      ),
    ];
  },
  Transpose: (args) => {
    const shape = args.shape(0);
    const order = ints(args, 'perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
    const own = stridesOf(shape);
    if (
      order.length !== shape.length ||
      new Set(order).size !== order.length ||
      order.some((axis) => !(axis >= 0 && axis < shape.length))
    ) {
      throw new EngineError(
        'SHAPE',
        `cannot put the axes of ${showShape(shape)} in the order [${order.join(', ')}]`,
      );
    }
    return [
      { shape: order.map((axis) => shape[axis]!), strides: order.map((axis) => own[axis]!), offset: 0 },
    ];
  },
  Expand: (args) => {
    const from = args.shape(0);
    const shape = broadcastShapes(from, Array.from(args.constant(1).data));
    return [{ shape, strides: broadcastStrides(from, shape), offset: 0 }];
  },
  Slice: (args) => [sliceView(args)],
  Split: (args) => splitViews(args),
};

/** Slice with attributes (before operator set 10) or inputs: starts, ends, axes, steps. */
function sliceView(args: Args): View {
  const from = args.shape(0);
  const starts = listOf(args, 'starts', 1) ?? [];
  const ends = listOf(args, 'ends', 2) ?? [];
  const axes = listOf(args, 'axes', 3) ?? starts.map((_, i) => i);
  const steps = (args.has(4) ? Array.from(args.constant(4).data) : null) ?? starts.map(() => 1);
  const shape = [...from];
  const strides = stridesOf(from);
  let offset = 0;
  axes.forEach((given, i) => {
    const axis = axisOf(given, from.length);
    const length = from[axis]!;
    const step = steps[i]!;
    if (step === 0) throw new EngineError('SHAPE', 'Slice with a step of 0');
    const clip = (at: number, low: number, high: number) =>
      Math.max(low, Math.min(high, at < 0 ? at + length : at));
    const start = step > 0 ? clip(starts[i]!, 0, length) : clip(starts[i]!, 0, length - 1);
    const end = step > 0 ? clip(ends[i]!, 0, length) : clip(ends[i]!, -1, length - 1);
    shape[axis] = Math.max(0, Math.ceil((end - start) / step));
    if (shape[axis] > 0) offset += start * strides[axis]!;
    strides[axis] = strides[axis]! * step;
  });
  return { shape, strides, offset: sizeOf(shape) === 0 ? 0 : offset };
}

function splitViews(args: Args): View[] {
  const from = args.shape(0);
  const axis = axisOf(int(args, 'axis', 0), from.length);
  const length = from[axis]!;
  const count = Math.min(int(args, 'num_outputs', args.node.outputs.length), args.node.outputs.length);
  const even = Math.ceil(length / count);
  const parts =
    listOf(args, 'split', 1) ?? Array.from({ length: count }, (_, i) => Math.min(even, length - even * i));
  if (parts.reduce((sum, part) => sum + part, 0) !== length || parts.some((part) => part < 0)) {
    throw new EngineError(
      'SHAPE',
      `cannot split axis ${axis} of ${showShape(from)} into [${parts.join(', ')}]`,
    );
  }
  const strides = stridesOf(from);
  let at = 0;
  return parts.map((part) => {
    const offset = at * strides[axis]!;
    at += part;
    return {
      shape: from.map((own, i) => (i === axis ? part : own)),
      strides,
      offset: part === 0 ? 0 : offset,
    };
  });
}

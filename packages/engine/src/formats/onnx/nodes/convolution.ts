import { EngineError } from '../../../core/errors.js';
import type { Shape } from '../../../core/shape.js';
import type { Tensor } from '../../../core/tensor.js';
import { averaging } from '../../../layers/avgPool2d.js';
import { convolution } from '../../../layers/conv2d.js';
import { transposedConvolution } from '../../../layers/convTranspose2d.js';
import { maxPooling } from '../../../layers/maxPool2d.js';
import type { Walk } from '../../../layers/window.js';
import { broadcastStrides } from '../../../ops/strides.js';
import { divide, multiplyBroadcast, power } from '../../../ops/broadcast.js';
import { padOp } from '../../../ops/place.js';
import { reductions } from '../../../ops/reduce.js';
import { scaleShift } from '../../../ops/unary.js';
import { slice, viewOp } from '../../../ops/view.js';
import { float, int, ints, text, type Args } from '../args.js';
import type { NodeContext, Recorder } from '../context.js';
import { convolveVolume, poolVolume } from './volume.js';

/** A window's walk with the padding behind it, which the kernels find from the output's size. */
export interface Window extends Walk {
  readonly after: number;
}

/** Windows over the spatial axes, from the node's attributes. */
export function windows(
  c: Args,
  spatial: Shape,
  kernel: readonly number[],
  options: { ceil?: boolean } = {},
): Window[] {
  const n = spatial.length;
  const strides = ints(c, 'strides') ?? spatial.map(() => 1);
  const dilations = ints(c, 'dilations') ?? spatial.map(() => 1);
  const pads = ints(c, 'pads') ?? new Array<number>(2 * n).fill(0);
  const auto = text(c, 'auto_pad', 'NOTSET');
  return spatial.map((size, i): Window => {
    const [k, stride, dilation] = [kernel[i]!, strides[i]!, dilations[i]!];
    const extent = dilation * (k - 1) + 1;
    let [before, after] = [pads[i]!, pads[n + i]!];
    if (auto === 'VALID') [before, after] = [0, 0];
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
      const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
      before = auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
      after = total - before;
    }
    const steps = (size + before + after - extent) / stride;
    let output = Math.floor(steps) + 1;
    if (options.ceil) {
      output = Math.ceil(steps) + 1;
      // A window that would start in the padding behind the image is left out.
      if ((output - 1) * stride >= size + before) output--;
    }
    if (!(output >= 1) || before < 0 || after < 0) {
      throw new EngineError(
        'SHAPE',
        `a window of ${extent} does not fit an axis of ${size} with ${before + after} of padding`,
      );
    }
    return { kernel: k, stride, dilation, before, after, output };
  });
}

/** Windows over images; those of one axis get a second one of length 1. */
function imageWindows(
  c: NodeContext,
  spatial: Shape,
  kernel: readonly number[],
  options: { ceil?: boolean } = {},
): [Window, Window] {
  const made = windows(c, spatial, kernel, options);
  return made.length === 1 ? [flat, made[0]!] : [made[0]!, made[1]!];
}

const flat: Window = { kernel: 1, stride: 1, dilation: 1, before: 0, after: 0, output: 1 };

/** [N, C, W] as [N, C, 1, W]; images stay. */
function image(c: NodeContext, x: Tensor): Tensor {
  if (x.shape.length === 4) return x;
  if (x.shape.length !== 3) {
    c.fail(`${c.node.opType} over ${x.shape.length - 2} spatial axes; one and two are supported`);
  }
  return c.scope.reshape(x, [x.shape[0]!, x.shape[1]!, 1, x.shape[2]!]);
}

/** Back to as many axes as `like` has. */
function back(c: NodeContext, y: Tensor, like: Tensor): Tensor {
  return like.shape.length === 4 ? y : c.scope.reshape(y, [y.shape[0]!, y.shape[1]!, y.shape[3]!]);
}

const conv: Recorder = (c) => {
  const x = c.tensor(0);
  const shape = c.shape(1);
  const groups = int(c, 'group', 1);
  const area = shape.slice(2).reduce((a, b) => a * b, 1);
  const fans = { fanIn: shape[1]! * area, fanOut: (shape[0]! / groups) * area };
  if (shape.length === 5) {
    const y = convolveVolume(c, x, c.parameter(1, fans), c.has(2) ? c.parameter(2, fans) : null, groups);
    c.site('conv3d', y);
    return [y];
  }
  const [rows, columns] = imageWindows(c, x.shape.slice(2), ints(c, 'kernel_shape') ?? shape.slice(2));
  const inputs = [image(c, x), image(c, c.parameter(1, fans)), ...(c.has(2) ? [c.parameter(2, fans)] : [])];
  const y = back(c, c.scope.apply(convolution, inputs, { rows, columns, groups }), x);
  c.site(x.shape.length === 3 ? 'conv1d' : 'conv2d', y);
  return [y];
};

const convTranspose: Recorder = (c) => {
  const x = c.tensor(0);
  const shape = c.shape(1);
  const groups = int(c, 'group', 1);
  const spatial = x.shape.slice(2);
  const kernel = ints(c, 'kernel_shape') ?? shape.slice(2);
  const strides = ints(c, 'strides') ?? spatial.map(() => 1);
  const dilations = ints(c, 'dilations') ?? spatial.map(() => 1);
  const extra = ints(c, 'output_padding') ?? spatial.map(() => 0);
  const wanted = ints(c, 'output_shape');
  const pads = ints(c, 'pads') ?? new Array<number>(2 * spatial.length).fill(0);
  const auto = text(c, 'auto_pad', 'NOTSET');
  const axes = spatial.map((size, i): Window => {
    const [k, stride, dilation] = [kernel[i]!, strides[i]!, dilations[i]!];
    const full = (size - 1) * stride + dilation * (k - 1) + 1 + extra[i]!;
    let [before, after] = [pads[i]!, pads[spatial.length + i]!];
    if (wanted || auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
      const output = wanted ? wanted.at(i - spatial.length)! : size * stride;
      const total = Math.max(0, full - output);
      before = auto === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2);
      after = total - before;
      return { kernel: k, stride, dilation, before, after, output };
    }
    return { kernel: k, stride, dilation, before, after, output: full - before - after };
  });
  const [rows, columns] = axes.length === 1 ? [flat, axes[0]!] : (axes as [Window, Window]);
  const area = shape.slice(2).reduce((a, b) => a * b, 1);
  const fans = { fanIn: (shape[0]! / groups) * area, fanOut: shape[1]! * area };
  const inputs = [image(c, x), image(c, c.parameter(1, fans)), ...(c.has(2) ? [c.parameter(2, fans)] : [])];
  // The op walks as the convolution from y back to x does: its outputs are x's rows and columns.
  const [height, width] = [rows.output, columns.output];
  const over = image(c, x).shape;
  const attributes = {
    rows: { ...rows, output: over[2]! },
    columns: { ...columns, output: over[3]! },
    groups,
    height,
    width,
  };
  const y = back(c, c.scope.apply(transposedConvolution, inputs, attributes), x);
  c.site('convTranspose2d', y);
  return [y];
};

function pooled(c: NodeContext, y: Tensor, type: string): readonly Tensor[] {
  c.site(type, y);
  return [y];
}

const maxPool: Recorder = (c) => {
  const x = c.tensor(0);
  if (c.node.outputs[1]) c.fail('MaxPool with the output of indices');
  if (x.shape.length === 5) return pooled(c, poolVolume(c, x, 'max'), 'maxPool3d');
  const [rows, columns] = imageWindows(c, x.shape.slice(2), ints(c, 'kernel_shape')!, {
    ceil: int(c, 'ceil_mode', 0) !== 0,
  });
  const y = back(c, c.scope.apply(maxPooling, [image(c, x)], { rows, columns }), x);
  c.site('maxPool2d', y);
  return [y];
};

const averagePool: Recorder = (c) => {
  const x = c.tensor(0);
  if (x.shape.length === 5) return pooled(c, poolVolume(c, x, 'mean'), 'avgPool3d');
  const [rows, columns] = imageWindows(c, x.shape.slice(2), ints(c, 'kernel_shape')!, {
    ceil: int(c, 'ceil_mode', 0) !== 0,
  });
  if (rows.dilation !== 1 || columns.dilation !== 1) c.fail('AveragePool with dilations');
  const countPad = int(c, 'count_include_pad', 0) !== 0;
  const y = back(c, c.scope.apply(averaging, [image(c, x)], { rows, columns, countPad }), x);
  c.site('avgPool2d', y);
  return [y];
};

const globalPool =
  (kind: 'mean' | 'max', type: string): Recorder =>
  (c) => {
    const x = c.tensor(0);
    const axes = x.shape.map((_, axis) => axis).slice(2);
    const y = c.scope.apply(reductions[kind], [x], { axes, keep: true });
    c.site(type, y);
    return [y];
  };

const lpPool: Recorder = (c) => {
  const x = c.tensor(0);
  if (int(c, 'p', 2) !== 2) c.fail('GlobalLpPool with p other than 2');
  const axes = x.shape.map((_, axis) => axis).slice(2);
  return [c.scope.apply(reductions.l2, [x], { axes, keep: true })];
};

/** Local response normalisation over channels: y = x / (bias + alpha / size · Σ x²)^beta (Krizhevsky et al. 2012). */
const responseNorm: Recorder = (c) => {
  const { scope } = c;
  const x = c.tensor(0);
  const size = int(c, 'size', 1);
  const [N, C, ...rest] = x.shape as [number, number, ...number[]];
  const squares = scope.apply(multiplyBroadcast, [x, x], undefined);
  const before = Math.floor((size - 1) / 2);
  const zeros = x.shape.map(() => 0);
  const pad = (count: number) => zeros.map((_, axis) => (axis === 1 ? count : 0));
  const padded = scope.apply(padOp, [squares], {
    before: pad(before),
    after: pad(size - 1 - before),
    value: 0,
  });
  const own = broadcastStrides(padded.shape, padded.shape);
  const shape = [N, C, size, ...rest];
  const strides = [own[0]!, own[1]!, own[1]!, ...own.slice(2)];
  const neighbours = scope.apply(viewOp, [padded], { shape, strides, offset: 0 });
  const sum = scope.apply(reductions.sum, [neighbours], { axes: [2], keep: false });
  const base = scope.apply(scaleShift, [sum], {
    factor: float(c, 'alpha', 1e-4) / size,
    shift: float(c, 'bias', 1),
  });
  const beta = c.constantTensor(
    { kind: 'constant', shape: [], type: 1, data: Float32Array.of(float(c, 'beta', 0.75)), name: null },
    `${c.name}/beta`,
  );
  const y = scope.apply(divide, [x, scope.apply(power, [base, beta], undefined)], undefined);
  c.site('responseNorm', y, { factor: 'normalization' });
  return [y];
};

/** Padding that shrinks (negative) is a slice. */
export function padded(c: NodeContext, x: Tensor, before: number[], after: number[], value: number): Tensor {
  const cuts = x.shape.flatMap((length, axis) => {
    const [start, end] = [Math.max(0, -before[axis]!), Math.max(0, -after[axis]!)];
    return start + end > 0 ? [{ axis, start, length: length - start - end, step: 1 }] : [];
  });
  const cut = cuts.length > 0 ? slice(x, cuts, c.scope) : x;
  const [front, behind] = [before.map((n) => Math.max(0, n)), after.map((n) => Math.max(0, n))];
  if ([...front, ...behind].every((n) => n === 0)) return cut;
  return c.scope.apply(padOp, [cut], { before: front, after: behind, value });
}

export const convolutionNodes: Readonly<Record<string, Recorder>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalPool('mean', 'globalAvgPool2d'),
  GlobalMaxPool: globalPool('max', 'maxPool2d'),
  GlobalLpPool: lpPool,
  LRN: responseNorm,
};

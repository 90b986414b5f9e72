import type { Tensor } from '../../../core/tensor.js';
import { averaging } from '../../../layers/avgPool2d.js';
import { convolution } from '../../../layers/conv2d.js';
import { maxPooling } from '../../../layers/maxPool2d.js';
import { addBroadcast } from '../../../ops/broadcast.js';
import { slice, transpose } from '../../../ops/view.js';
import { int, ints } from '../args.js';
import type { NodeContext } from '../context.js';
import { padded, windows, type Window } from './convolution.js';

// Volumes [N, C, D, H, W], such as CT series, on the kernels for images.

/**
 * A convolution of volumes: for each layer of the kernel, the images it meets are convolved as a batch of N · D′, and
 * the results are added up.
 */
export function convolveVolume(
  c: NodeContext,
  x: Tensor,
  w: Tensor,
  bias: Tensor | null,
  groups: number,
): Tensor {
  const { scope } = c;
  const [N, C, , H, W] = x.shape as [number, number, number, number, number];
  const [O, inner, depth, KH, KW] = w.shape as [number, number, number, number, number];
  const [layers, rows, columns] = windows(c, x.shape.slice(2), [depth, KH, KW]) as [Window, Window, Window];
  const deep = (count: number) => [0, 0, count, 0, 0];
  const wide = padded(c, x, deep(layers.before), deep(layers.after), 0);
  let sum: Tensor | null = null;
  for (let k = 0; k < depth; k++) {
    const cut = { axis: 2, start: k * layers.dilation, length: layers.output, step: layers.stride };
    const images = scope.reshape(transpose(slice(wide, [cut], scope), [0, 2, 1, 3, 4], scope), [
      N * layers.output,
      C,
      H,
      W,
    ]);
    const kernel = scope.reshape(slice(w, [{ axis: 2, start: k, length: 1, step: 1 }], scope), [
      O,
      inner,
      KH,
      KW,
    ]);
    const inputs = [images, kernel, ...(bias && k === 0 ? [bias] : [])];
    const made = scope.apply(convolution, inputs, { rows, columns, groups });
    sum = sum ? scope.apply(addBroadcast, [sum, made], undefined) : made;
  }
  const stacked = scope.reshape(sum!, [N, layers.output, O, rows.output, columns.output]);
  return transpose(stacked, [0, 2, 1, 3, 4], scope);
}

/** Pooling of volumes: over rows and columns, then over layers. Both the largest and the mean are separable. */
export function poolVolume(c: NodeContext, x: Tensor, kind: 'max' | 'mean'): Tensor {
  const { scope } = c;
  const [N, C, D] = x.shape as [number, number, number];
  const ceil = int(c, 'ceil_mode', 0) !== 0;
  const [layers, rows, columns] = windows(c, x.shape.slice(2), ints(c, 'kernel_shape')!, { ceil }) as [
    Window,
    Window,
    Window,
  ];
  const countPad = int(c, 'count_include_pad', 0) !== 0;
  const pool = (image: Tensor, r: Window, q: Window) =>
    kind === 'max'
      ? scope.apply(maxPooling, [image], { rows: r, columns: q })
      : scope.apply(averaging, [image], { rows: r, columns: q, countPad });
  const images = pool(scope.reshape(x, [N * C, D, ...x.shape.slice(3)]), rows, columns);
  const flat: Window = {
    kernel: 1,
    stride: 1,
    dilation: 1,
    before: 0,
    after: 0,
    output: rows.output * columns.output,
  };
  const deep = pool(scope.reshape(images, [N * C, 1, D, flat.output]), layers, flat);
  return scope.reshape(deep, [N, C, layers.output, rows.output, columns.output]);
}

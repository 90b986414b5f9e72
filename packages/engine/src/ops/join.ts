import { check } from '../core/errors.js';
import type { Op } from '../core/op.js';
import { showShape, sizeOf } from '../core/shape.js';

/** Any number of tensors side by side along one axis; the other axes must agree. Backward cuts the gradient apart. */
export const joinOp: Op<{ readonly axis: number }> = {
  name: 'join',
  shapes: (shapes, { axis }) => {
    const [first] = shapes;
    for (const shape of shapes) {
      const fits =
        shape.length === first!.length && shape.every((size, i) => i === axis || size === first![i]);
      check(
        fits,
        'SHAPE',
        `cannot join ${showShape(first!)} and ${showShape(shape)} along axis ${axis}: the other axes differ`,
      );
    }
    const length = shapes.reduce((sum, shape) => sum + shape[axis]!, 0);
    return [first!.map((size, i) => (i === axis ? length : size))];
  },
  reads: { inputs: false, outputs: false },
  overwrites: true,
  bind: ({ kernels: k, x, y: [y], accumulate }, { axis }) => {
    const rows = sizeOf(y!.shape.slice(0, axis));
    const total = sizeOf(y!.shape.slice(axis));
    let offset = 0;
    const pieces = x.map(({ data, grad, shape }, i) => {
      const width = sizeOf(shape.slice(axis));
      const at = 4 * offset;
      offset += width;
      return { data, grad, width, at, add: accumulate[i]! };
    });
    return {
      forward: () => {
        for (const { data, width, at } of pieces)
          k.copyColumns(rows, width, data, width, y!.data + at, total, 0);
      },
      backward: () => {
        for (const { grad, width, at, add } of pieces) {
          if (grad) k.copyColumns(rows, width, y!.grad + at, total, grad, width, add);
        }
      },
    };
  },
};

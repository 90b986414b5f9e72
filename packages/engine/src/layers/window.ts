import * as v from 'valibot';
import { check } from '../core/errors.js';
import { count } from '../core/options.js';

/** A number for both axes, or one for the height and one for the width. */
export type Pair = number | readonly number[];

/** `same`: output size = ⌈input / stride⌉, the odd row at the end; `valid`: none; or numbers of rows and columns. */
export type Padding = 'same' | 'valid' | Pair;

/** Schema of an option that holds for both axes or for each: `3` or `[3, 5]`. */
export function pair(min = 1) {
  return v.union([count(min, 65_536), v.pipe(v.array(count(min, 65_536)), v.length(2))]) as v.GenericSchema<
    Pair,
    Pair
  >;
}

/** Schema of a convolution's padding. */
export function paddingSchema() {
  return v.union([v.picklist(['same', 'valid']), pair(0)]) as v.GenericSchema<Padding, Padding>;
}

/** Height and width of an option. */
export function both(value: Pair): readonly [number, number] {
  return typeof value === 'number' ? [value, value] : [value[0]!, value[1]!];
}

/** How a window walks over one axis. */
export interface Walk {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before the axis. */
  readonly before: number;
  readonly output: number;
}

/**
 * The walk of a window over an axis of `size`: output = ⌊(size + before + after − dilation (kernel − 1) − 1) / stride⌋ + 1.
 * Throws where the window does not fit.
 */
export function walk(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: 'same' | 'valid' | number,
  layer: string,
): Walk {
  const extent = dilation * (kernel - 1) + 1;
  let before = typeof padding === 'number' ? padding : 0;
  let total = 2 * before;
  if (padding === 'same') {
    total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
    before = Math.floor(total / 2);
  }
  const room = size + total - extent;
  check(
    room >= 0,
    'SHAPE',
    `${layer} has a window of ${extent} and an axis of ${size} with ${total} of padding; use a smaller kernel or more padding`,
  );
  return { kernel, stride, dilation, before, output: Math.floor(room / stride) + 1 };
}

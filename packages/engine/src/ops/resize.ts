import { check } from '../core/errors.js';
import type { Scope } from '../core/scope.js';
import type { Tensor } from '../core/tensor.js';
import { tapsOp, type Taps } from './taps.js';

/** Where output position x falls in the input; ONNX's `coordinate_transformation_mode`. */
export type Coordinates =
  | 'half_pixel'
  | 'half_pixel_symmetric'
  | 'pytorch_half_pixel'
  | 'align_corners'
  | 'asymmetric'
  | 'tf_half_pixel_for_nn'
  | 'tf_crop_and_resize';

/** How one axis is resized. */
export interface ResizeAxis {
  readonly from: number;
  readonly to: number;
  /** Output length over input length, as given; `to` may have been rounded down from it. */
  readonly scale: number;
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly coordinates: Coordinates;
  readonly nearest?: 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil';
  /** Coefficient of the cubic kernel; −0.75 as PyTorch, −0.5 as Catmull-Rom. */
  readonly cubic?: number;
  /** Weights of taps outside the input are 0 instead of the border's. */
  readonly excludeOutside?: boolean;
  /** Shrinking averages over all inputs that an output covers. */
  readonly antialias?: boolean;
  /** Start and end of the crop in units of the axis, for `tf_crop_and_resize`. */
  readonly crop?: readonly [number, number];
}

/** The taps of one resized axis: up to 4 inputs an output, more when antialiasing. Float64 until they are stored. */
export function resizeTaps(axis: number, options: ResizeAxis): Taps {
  const { from, to, mode, excludeOutside = false, antialias = false, scale } = options;
  checkLength(to);
  const stretch = antialias ? Math.max(1, 1 / scale) : 1;
  const reach = mode === 'cubic' ? 2 : 1;
  const taps = mode === 'nearest' ? 1 : 2 * Math.ceil(reach * stretch) + (stretch > 1 ? 1 : 0);
  checkLength(to * taps);
  const indices = new Int32Array(to * taps).fill(-1);
  const weights = new Float32Array(to * taps);
  for (let j = 0; j < to; j++) {
    const x = coordinateOf(j, options);
    if (options.coordinates === 'tf_crop_and_resize' && (x < 0 || x > from - 1)) continue;
    if (mode === 'nearest') {
      indices[j] = clampIndex(nearestOf(x, options.nearest ?? 'round_prefer_floor'), from);
      weights[j] = 1;
      continue;
    }
    const first = Math.floor(x) - Math.ceil(reach * stretch) + 1 - (stretch > 1 ? 1 : 0);
    const own = Array.from({ length: taps }, (_, t) => {
      const at = first + t;
      if (excludeOutside && (at < 0 || at >= from)) return 0;
      if (stretch > 1 && (at < 0 || at >= from)) return 0;
      const distance = (at - x) / stretch;
      return mode === 'linear'
        ? Math.max(0, 1 - Math.abs(distance))
        : cubicKernel(distance, options.cubic ?? -0.75);
    });
    const total = excludeOutside || stretch > 1 ? own.reduce((sum, weight) => sum + weight, 0) : 1;
    own.forEach((weight, t) => {
      indices[j * taps + t] = weight === 0 ? -1 : clampIndex(first + t, from);
      weights[j * taps + t] = weight / total;
    });
  }
  return {
    axis,
    length: to,
    taps,
    indices,
    weights: mode === 'nearest' && options.coordinates !== 'tf_crop_and_resize' ? null : weights,
  };
}

/** Longest axis that is interpolated, taps counted: tables of it must stay small. */
const MAX_LENGTH = 4_000_000;

function checkLength(length: number): void {
  check(length >= 0 && length <= MAX_LENGTH, 'SHAPE', `cannot resize or pad an axis to ${length}`);
}

function coordinateOf(j: number, { from, to, scale, coordinates, crop = [0, 1] }: ResizeAxis): number {
  switch (coordinates) {
    case 'align_corners':
      return to === 1 ? 0 : (j * (from - 1)) / (to - 1);
    case 'tf_half_pixel_for_nn':
      return (j + 0.5) / scale;
    case 'asymmetric':
      return j / scale;
    case 'pytorch_half_pixel':
      return to > 1 ? (j + 0.5) / scale - 0.5 : 0;
    case 'half_pixel_symmetric': {
      const adjustment = to / (scale * from);
      const offset = (from / 2) * (1 - adjustment);
      return offset + (j + 0.5) / scale - 0.5;
    }
    case 'tf_crop_and_resize':
      return to > 1
        ? crop[0] * (from - 1) + (j * (crop[1] - crop[0]) * (from - 1)) / (to - 1)
        : 0.5 * (crop[0] + crop[1]) * (from - 1);
    default:
      return (j + 0.5) / scale - 0.5;
  }
}

function nearestOf(x: number, mode: NonNullable<ResizeAxis['nearest']>): number {
  if (mode === 'floor') return Math.floor(x);
  if (mode === 'ceil') return Math.ceil(x);
  const isHalf = x - Math.floor(x) === 0.5;
  if (isHalf) return mode === 'round_prefer_floor' ? Math.floor(x) : Math.ceil(x);
  return Math.round(x);
}

/** Keys 1981, "Cubic convolution interpolation", eq. 4. */
function cubicKernel(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d < 1) return (a + 2) * d * d * d - (a + 3) * d * d + 1;
  if (d < 2) return a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a;
  return 0;
}

function clampIndex(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, index));
}

/** Resizes x along some axes, one after the other: interpolation is separable. */
export function resize(
  x: Tensor,
  axes: readonly (ResizeAxis & { readonly axis: number })[],
  scope: Scope,
): Tensor {
  return axes.reduce((image, options) => scope.apply(tapsOp, [image], resizeTaps(options.axis, options)), x);
}

/** Padding by what is inside: mirrored at the border (`reflect`), the border repeated (`edge`), or wrapped around. */
export function borderTaps(
  axis: number,
  from: number,
  before: number,
  after: number,
  mode: 'reflect' | 'edge' | 'wrap',
): Taps {
  const length = from + before + after;
  checkLength(length);
  const indices = Int32Array.from({ length }, (_, j) => {
    const at = j - before;
    if (mode === 'edge') return clampIndex(at, from);
    if (mode === 'wrap') return ((at % from) + from) % from;
    if (from === 1) return 0;
    const period = 2 * (from - 1);
    const within = ((at % period) + period) % period;
    return within < from ? within : period - within;
  });
  return { axis, length, taps: 1, indices, weights: null };
}

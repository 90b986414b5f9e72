import { count, optional, real } from '../core/options.js';
import { blur } from './canvas.js';
import { dataset, splitEvery, type Draw } from './dataset.js';

const KINDS = ['circle', 'square', 'triangle'] as const;
/** Uniform numbers used up by one image, and by one of its objects. */
const IMAGE_DRAWS = 4;
const OBJECT_DRAWS = 8;
const SIN_60 = Math.sqrt(3) / 2;

/**
 * Coloured circles, squares and triangles, turned and of many sizes, on a dark noisy ground: boxes and classes.
 *
 * Target: `objects` rows [class, cx, cy, w, h] in units of the image's sides; class −1 where there are fewer.
 */
export const shapes = dataset({
  id: 'shapes',
  about: {
    does: 'Coloured circles, squares and triangles: where are they, and what are they?',
    shapes:
      'x [3, size, size]; target [objects, 5]: class (−1: none), centre and size in units of the image’s sides',
    licence: 'made by Fuga',
    synthetic: true,
  },
  options: {
    samples: optional(count(10, 1e5), 1500),
    size: optional(count(32, 640), 64),
    objects: optional(count(1, 16), 4),
    noise: optional(real(0, 1), 0.08),
  },
  scaling: 'global',
  describe: ({ samples, size, objects }) => ({
    task: 'detection',
    input: { shape: [3, size, size], dtype: 'f32' },
    target: { shape: [objects, 5], dtype: 'f32' },
    outputs: KINDS.length,
    samples,
  }),
  load: ({ samples, size, objects, noise }, draw) => {
    const pixels = size * size;
    const x = new Float32Array(samples * 3 * pixels);
    const y = new Float32Array(samples * objects * 5).fill(-1);
    const perImage = IMAGE_DRAWS + objects * OBJECT_DRAWS;
    const draws = draw.uniform('images', samples * perImage, 0, 1);
    const grain = draw.normal('noise', samples * 3 * pixels);
    const beside = new Float32Array(pixels);
    const owner = new Int8Array(pixels);
    for (let i = 0; i < samples; i++) {
      const own = draws.subarray(i * perImage, (i + 1) * perImage);
      const planes = [0, 1, 2].map((c) => x.subarray((3 * i + c) * pixels, (3 * i + c + 1) * pixels));
      planes.forEach((plane, c) => plane.fill(0.3 * own[c]!));
      owner.fill(-1);
      const wanted = 1 + Math.floor(own[3]! * objects);
      let placed = 0;
      for (let object = 0; object < wanted; object++) {
        const numbers = own.subarray(
          IMAGE_DRAWS + object * OBJECT_DRAWS,
          IMAGE_DRAWS + (object + 1) * OBJECT_DRAWS,
        );
        const figure = figureFrom(numbers, size, draw);
        const box = fitIn(figure, owner, size);
        if (!box) continue; // it would hide another one
        paint(figure, box, planes, owner, size, placed);
        const width = box.right - box.left + 1;
        const height = box.bottom - box.top + 1;
        const row = [
          figure.kind,
          (box.left + width / 2) / size,
          (box.top + height / 2) / size,
          width / size,
          height / size,
        ];
        y.set(row, (i * objects + placed++) * 5);
      }
      planes.forEach((plane, c) => {
        blur(plane, size, 1, beside);
        const from = (3 * i + c) * pixels;
        for (let p = 0; p < pixels; p++) plane[p] = plane[p]! + noise * grain[from + p]!;
      });
    }
    return { x, y, ...splitEvery(samples), names: KINDS };
  },
});

interface Figure {
  readonly kind: number;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly cos: number;
  readonly sin: number;
  readonly colour: readonly [number, number, number];
}

interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function figureFrom(numbers: Float32Array, size: number, { kernels }: Draw): Figure {
  const [kind, x, y, radius, angle, red, green, blue] = numbers as unknown as number[];
  const r = size * (0.12 + 0.12 * radius!);
  const place = (u: number) => r + u * (size - 1 - 2 * r);
  const turn = 2 * Math.PI * angle!;
  return {
    kind: Math.min(KINDS.length - 1, Math.floor(kind! * KINDS.length)),
    x: place(x!),
    y: place(y!),
    radius: r,
    cos: kernels.mathCos(turn),
    sin: kernels.mathSin(turn),
    colour: [0.45 + 0.55 * red!, 0.45 + 0.55 * green!, 0.45 + 0.55 * blue!],
  };
}

/** Whether a pixel lies in the figure; all three fit into the circle of its radius. */
function covers({ kind, x, y, radius, cos, sin }: Figure, column: number, row: number): boolean {
  const [dx, dy] = [(column - x) / radius, (row - y) / radius];
  const [u, v] = [dx * cos + dy * sin, dy * cos - dx * sin];
  if (kind === 0) return u * u + v * v <= 1;
  if (kind === 1) return Math.max(Math.abs(u), Math.abs(v)) <= Math.SQRT1_2;
  return v <= 0.5 && SIN_60 * u - 0.5 * v <= 0.5 && -SIN_60 * u - 0.5 * v <= 0.5;
}

/** The figure's tight box, or null where it would touch another figure. */
function fitIn(figure: Figure, owner: Int8Array, size: number): Edges | null {
  let [left, top, right, bottom] = [size, size, -1, -1];
  const reach = Math.ceil(figure.radius);
  for (let row = Math.floor(figure.y) - reach; row <= figure.y + reach; row++) {
    for (let column = Math.floor(figure.x) - reach; column <= figure.x + reach; column++) {
      if (row < 0 || column < 0 || row >= size || column >= size || !covers(figure, column, row)) continue;
      if (owner[row * size + column] !== -1) return null;
      [left, right] = [Math.min(left, column), Math.max(right, column)];
      [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    }
  }
  return right < 0 ? null : { left, top, right, bottom };
}

function paint(
  figure: Figure,
  { left, top, right, bottom }: Edges,
  planes: readonly Float32Array[],
  owner: Int8Array,
  size: number,
  index: number,
): void {
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      if (!covers(figure, column, row)) continue;
      owner[row * size + column] = index;
      planes.forEach((plane, c) => (plane[row * size + column] = figure.colour[c]!));
    }
  }
}

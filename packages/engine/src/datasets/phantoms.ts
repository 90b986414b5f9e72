import { count, oneOf, optional, positive, real } from '../core/options.js';
import { addEllipse, blur, type Ellipse } from './canvas.js';
import { dataset, splitEvery, type Draw } from './dataset.js';

/** Uniform numbers used up by one slice. */
const DRAWS = 96;
const ORGANS = 4;
const VESSELS = 4;

/**
 * Slices like those of a CT, made from ellipses: a body with lungs, a spine, organs and vessels, blurred and noisy;
 * every second one has a small round lesion somewhere in the body.
 *
 * Units: soft tissue is 1, air 0; `contrast`, `noise` and the organs' values are in these units, `radius` in pixels.
 */
export const phantoms = dataset({
  id: 'phantoms',
  about: {
    does: 'CT-like slices of ellipses, half of them with a small lesion: is there one, and where?',
    formula:
      'blur(body + lungs + spine + organs + vessels + contrast · [lesion of `radius` pixels]) + noise · N(0, 1)',
    shapes:
      'x [1, size, size]; target: classification: a class (0 healthy, 1 lesion); segmentation: a mask [size, size]',
    source: 'after Shepp & Logan 1974, "The Fourier reconstruction of a head section"',
    licence: 'made by Fuga',
    synthetic: true,
  },
  options: {
    samples: optional(count(10, 1e5), 4000),
    size: optional(count(16, 256), 32),
    target: optional(oneOf(['classification', 'segmentation']), 'classification'),
    contrast: optional(real(-2, 2), 0.6),
    radius: optional(positive(64), 2),
    noise: optional(real(0, 2), 0.1),
    blur: optional(count(0, 8), 1),
  },
  scaling: 'global',
  describe: ({ samples, size, target }) => ({
    task: target,
    input: { shape: [1, size, size], dtype: 'f32' },
    target: { shape: target === 'segmentation' ? [size, size] : [], dtype: 'i32' },
    outputs: 2,
    samples,
  }),
  load: (options, draw) => {
    const { samples, size, target } = options;
    const pixels = size * size;
    const x = new Float32Array(samples * pixels);
    const y = new Int32Array(target === 'segmentation' ? samples * pixels : samples);
    const draws = draw.uniform('slices', samples * DRAWS, 0, 1);
    const noise = draw.normal('noise', samples * pixels);
    const beside = new Float32Array(pixels);
    for (let i = 0; i < samples; i++) {
      const image = x.subarray(i * pixels, (i + 1) * pixels);
      const hasLesion = i % 2 === 1;
      const parts = slice(draws.subarray(i * DRAWS, (i + 1) * DRAWS), options, draw);
      for (const part of parts.anatomy) addEllipse(image, size, part);
      if (hasLesion) {
        addEllipse(image, size, parts.lesion, (pixel) => {
          if (target === 'segmentation') y[i * pixels + pixel] = 1;
        });
        if (target === 'classification') y[i] = 1;
      }
      blur(image, size, options.blur, beside);
      for (let p = 0; p < pixels; p++) image[p] = image[p]! + options.noise * noise[i * pixels + p]!;
    }
    return { x, y, ...splitEvery(samples), names: ['healthy', 'lesion'] };
  },
});

/** One slice's ellipses, from its uniform numbers. */
function slice(
  draws: Float32Array,
  { size, contrast, radius }: { size: number; contrast: number; radius: number },
  { kernels }: Draw,
): { anatomy: Ellipse[]; lesion: Ellipse } {
  let used = 0;
  const between = (low: number, high: number) => low + (high - low) * draws[used++]!;
  const half = size / 2;
  const centre = half - 0.5;
  /** An ellipse in units of half the image, turned by up to `tilt` radians either way. */
  const ellipse = (x: number, y: number, a: number, b: number, value: number, tilt: number): Ellipse => {
    const angle = between(-tilt, tilt);
    return {
      x: centre + half * x,
      y: centre + half * y,
      a: half * a,
      b: half * b,
      cos: kernels.mathCos(angle),
      sin: kernels.mathSin(angle),
      value,
    };
  };
  const [width, height] = [between(0.78, 0.92), between(0.62, 0.76)];
  const anatomy = [
    ellipse(0, 0, width, height, 1, 0.1),
    ellipse(-0.42 * width, -0.1, between(0.2, 0.26), between(0.26, 0.36), -0.75, 0.2),
    ellipse(0.42 * width, -0.1, between(0.2, 0.26), between(0.26, 0.36), -0.75, 0.2),
    ellipse(between(-0.04, 0.04), 0.62 * height, 0.12, 0.12, 0.8, 0),
  ];
  for (let organ = 0; organ < ORGANS; organ++) {
    const [x, y] = [between(-0.5, 0.5) * width, between(-0.6, 0.6) * height];
    anatomy.push(ellipse(x, y, between(0.12, 0.3), between(0.1, 0.22), between(-0.15, 0.2), 1.5));
  }
  // Vessels are long and thin: bright pixels alone make no lesion.
  for (let vessel = 0; vessel < VESSELS; vessel++) {
    const [x, y] = [between(-0.6, 0.6) * width, between(-0.6, 0.6) * height];
    anatomy.push(ellipse(x, y, between(0.15, 0.3), 0.035, between(0.2, 0.5), 3.1));
  }
  const [x, y] = [between(-0.65, 0.65) * width, between(-0.65, 0.65) * height];
  const pixelRadius = radius / half;
  const lesion = ellipse(
    x,
    y,
    pixelRadius * between(0.85, 1.15),
    pixelRadius * between(0.85, 1.15),
    contrast,
    1.5,
  );
  return { anatomy, lesion };
}

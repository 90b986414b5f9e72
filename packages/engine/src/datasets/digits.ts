import { dataset, splitEvery } from './dataset.js';

const SAMPLES = 1797;
const PIXELS = 64;

/** The 1797 handwritten digits of UCI, 8 × 8 pixels of 0 to 16; every fifth is a test sample. */
export const digits = dataset({
  id: 'digits',
  about: {
    does: 'Real handwritten digits, 8 × 8 pixels, ten classes.',
    shapes: 'x [64], pixels 0…16 scaled; a convolution reads it as [1, 8, 8]',
    source:
      'Alpaydin & Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI repository; via scikit-learn',
    licence: 'CC BY 4.0 (UCI); packed by scikit-learn, BSD-3-Clause',
    synthetic: false,
  },
  options: {},
  scaling: 'global',
  describe: () => ({
    task: 'classification',
    input: { shape: [1, 8, 8], dtype: 'f32' },
    target: { shape: [], dtype: 'i32' },
    outputs: 10,
    samples: SAMPLES,
  }),
  load: async () => {
    const { pixels, labels } = await import('./digits.generated.js');
    const x = new Float32Array(SAMPLES * PIXELS);
    for (let i = 0; i < x.length; i++) x[i] = pixels.charCodeAt(i) - 97; // 'a' is 0
    const y = Int32Array.from(labels, Number);
    return { x, y, ...splitEvery(SAMPLES), names: Array.from({ length: 10 }, (_, digit) => String(digit)) };
  },
});

import { dataset, splitEvery } from './dataset.js';

const SAMPLES = 569;
const FEATURES = 30;

/** The 569 breast masses of Wisconsin: 30 features of cell nuclei, malignant or benign; every fifth is a test sample. */
export const breastCancer = dataset({
  id: 'breastCancer',
  about: {
    does: 'Real measurements of cell nuclei from 569 breast masses: malignant or benign?',
    shapes: 'x [30], each feature scaled by itself; classes 0 malignant, 1 benign',
    source:
      'Wolberg, Street & Mangasarian 1995, "Breast Cancer Wisconsin (Diagnostic)", UCI repository; via scikit-learn',
    licence: 'CC BY 4.0 (UCI); packed by scikit-learn, BSD-3-Clause',
    synthetic: false,
  },
  options: {},
  scaling: 'feature',
  describe: () => ({
    task: 'classification',
    input: { shape: [FEATURES], dtype: 'f32' },
    target: { shape: [], dtype: 'i32' },
    outputs: 2,
    samples: SAMPLES,
  }),
  load: async () => {
    const { table, labels } = await import('./breastCancer.generated.js');
    return {
      x: Float32Array.from(table.split(/\s+/), Number),
      y: Int32Array.from(labels, Number),
      ...splitEvery(SAMPLES),
      names: ['malignant', 'benign'],
    };
  },
});

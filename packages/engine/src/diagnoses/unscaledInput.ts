import type { Diagnosis } from './diagnosis.js';

const thresholds = {
  large: {
    value: 4,
    unit: 'rms',
    meaning: 'Inputs beyond four times the variance-1 scale that inits assume.',
    source: 'LeCun et al. 1998, "Efficient BackProp" §4.3',
  },
  small: { value: 0.05, unit: 'rms', meaning: 'Inputs below a twentieth of it.', source: 'as above' },
  spread: {
    value: 100,
    unit: 'times',
    meaning: 'Features that differ in scale a hundredfold.',
    source: 'as above',
  },
} as const;

/** Input whose scale is far from what inits and learning rates assume. */
export const unscaledInput: Diagnosis = {
  id: 'unscaledInput',
  about: {
    does: 'The input is far from mean 0 and variance 1, or its features differ widely in scale.',
    formula: 'rms(x) ∉ [0.05, 4], or max rms(x_i) / min rms(x_i) > 100',
    source: 'LeCun et al. 1998, "Efficient BackProp" §4.3',
  },
  thresholds,
  leadsTo: ['nonFinite', 'exploding', 'saturation', 'deadUnits'],
  hides: () => ['learningRateTooHigh', 'learningRateTooLow', 'oscillation', 'rankCollapse', 'shattered'],
  remedies: () => ['scaleInput', 'batchNorm', 'lowerLearningRate'],
  test: ({ data, chain }) => {
    const { numeric, inputRms, inputMean, inputDeviation, featureSpread } = data;
    if (!numeric || data.nonFinite > 0) return null;
    const large = inputRms > thresholds.large.value;
    const small = inputRms < thresholds.small.value && inputRms > 0;
    const uneven = featureSpread > thresholds.spread.value;
    if (!large && !small && !uneven) return null;
    const off = Math.max(Math.abs(Math.log10(inputRms)), uneven ? Math.log10(featureSpread) / 2 : 0);
    const first = chain[0];
    return {
      severity: off / (off + 0.6),
      sites: first ? [first.index] : [],
      factor: 'data',
      reason: large ? 'large' : small ? 'small' : 'spread',
      evidence: {
        inputRms,
        inputMean,
        inputDeviation,
        ...(uneven && !large && !small ? { spread: featureSpread } : {}),
        ...(small ? { inverse: 1 / inputRms } : {}),
      },
      names: first ? { site: first.info.name } : {},
    };
  },
};

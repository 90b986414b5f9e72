import { type Probe } from './probe.js';

/** share of gradients that are exactly 0. */
export const gradientZero: Probe = {
  id: 'gradientZero',
  title: 'share of gradients that are exactly 0',
  unit: 'share',
  scale: 'linear',
  read: ({ gradient }) => (gradient.count === 0 ? NaN : gradient.zeros / gradient.count),
};

import { type Probe } from './probe.js';

/** numbers that are not finite. */
export const nonFinite: Probe = {
  id: 'nonFinite',
  title: 'numbers that are not finite',
  unit: 'count',
  scale: 'linear',
  read: ({ activation, gradient }) => activation.nonFinite + gradient.nonFinite,
};

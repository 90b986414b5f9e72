import { mean, type Probe } from './probe.js';

/** mean of the activation. */
export const activationMean: Probe = {
  id: 'activationMean',
  title: 'mean of the activation',
  unit: '1',
  scale: 'linear',
  read: ({ activation }) => mean(activation),
};

import { deviation, type Probe } from './probe.js';

/** standard deviation of the activation. */
export const activationStd: Probe = {
  id: 'activationStd',
  title: 'standard deviation of the activation',
  unit: '1',
  scale: 'log',
  read: ({ activation }) => deviation(activation),
};

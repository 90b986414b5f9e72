import { rms, type Probe } from './probe.js';

/** rms of the activation. */
export const activationRms: Probe = {
  id: 'activationRms',
  title: 'rms of the activation',
  unit: '1',
  scale: 'log',
  read: ({ activation }) => rms(activation),
};

import { rms, type Probe } from './probe.js';

/** rms of ∂L/∂a. */
export const gradientRms: Probe = {
  id: 'gradientRms',
  title: 'rms of ∂L/∂a',
  unit: 'loss per unit of activation',
  scale: 'log',
  read: ({ gradient }) => rms(gradient),
};

import { rms, type Probe } from './probe.js';

/** what the activation multiplies rms(gradient) by. */
export const slopeFactor: Probe = {
  id: 'slopeFactor',
  title: 'what the activation multiplies rms(gradient) by',
  unit: '1',
  scale: 'log',
  read: ({ preactivationGradient, gradient }) => rms(preactivationGradient) / rms(gradient),
};

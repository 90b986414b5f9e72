import { rms, type Probe } from './probe.js';

/** what the site multiplies rms(gradient) by. */
export const totalFactor: Probe = {
  id: 'totalFactor',
  title: 'what the site multiplies rms(gradient) by',
  unit: '1',
  scale: 'log',
  read: ({ inputGradient, gradient }) => rms(inputGradient) / rms(gradient),
};

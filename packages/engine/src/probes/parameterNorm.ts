import { type Probe } from './probe.js';

/** norm of the parameters. */
export const parameterNorm: Probe = {
  id: 'parameterNorm',
  title: 'norm of the parameters',
  unit: '1',
  scale: 'log',
  read: ({ parameters }) => (parameters.count === 0 ? NaN : parameters.norm),
};

import { type Probe } from './probe.js';

/** update : weight. */
export const updateRatio: Probe = {
  id: 'updateRatio',
  title: 'update : weight',
  unit: '1',
  scale: 'log',
  read: ({ parameters }) =>
    parameters.count === 0 || parameters.norm === 0 ? NaN : parameters.updateNorm / parameters.norm,
};

import { type Probe } from './probe.js';

/** share of saturated outputs. */
export const saturated: Probe = {
  id: 'saturated',
  title: 'share of saturated outputs',
  unit: 'share',
  scale: 'linear',
  read: (reading) => reading.saturated,
};

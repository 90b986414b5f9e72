import { type Probe } from './probe.js';

/** share of dead units. */
export const dead: Probe = {
  id: 'dead',
  title: 'share of dead units',
  unit: 'share',
  scale: 'linear',
  read: (reading) => reading.dead,
};

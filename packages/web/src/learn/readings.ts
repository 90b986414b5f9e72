// What chapters measure on their networks.
import { probeOf } from '../lab/reading.js';
import type { Reading } from './chapter.js';

/** A probe's values at the sites that are within no other, input first. */
export function outermost({ opened, record }: Reading, probe: string): number[] {
  const values = probeOf(opened, record, probe);
  return opened.sites.flatMap(({ parent }, site) => (parent === null ? [values[site]!] : []));
}

/** rms(gradient) of the first layer over that of the last hidden one. */
export function shareAtInput(reading: Reading): number {
  const gradient = outermost(reading, 'gradientRms');
  return gradient[0]! / gradient.at(-2)!;
}

/**
 * What one hidden layer multiplies rms(gradient) by: geometric mean from the last hidden layer to the first, each
 * counted as one, however many sites (dense, norm, activation) it is made of.
 */
export function factorPerLayer(reading: Reading): number {
  const gradient = outermost(reading, 'gradientRms');
  const dense = reading.opened.sites.filter(({ type, parent }) => type === 'dense' && parent === null).length;
  const hidden = dense - 1;
  const sitesEach = (gradient.length - 1) / hidden;
  return (gradient[sitesEach - 1]! / gradient.at(-2)!) ** (1 / (hidden - 1));
}

/** rms of the gradient at the first time step over that at the last. */
export function shareAtStart({ walks }: Reading, walk = 'hidden'): number {
  const values = walks[walk];
  return values ? values[0]! / values.at(-1)! : NaN;
}

/** Mean share of units that are dead on a whole batch, over the layers that can die; 0 where none can. */
export function deadShare({ opened, record }: Reading): number {
  const values = [...probeOf(opened, record, 'dead')].filter((value) => !Number.isNaN(value));
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

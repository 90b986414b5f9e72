import { interpolateViridis } from 'd3-scale-chromatic';

const STEPS = 256;

/** Viridis, dark (small) to light (large): even in lightness, so it reads without colour too. RGB triples. */
const ramp = Uint8Array.from(
  Array.from({ length: STEPS }, (_, i) => {
    const colour = interpolateViridis(i / (STEPS - 1));
    if (colour.startsWith('#')) return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    return colour.match(/\d+/g)!.slice(0, 3).map(Number);
  }).flat(),
);

/** Zero and not-a-number are no places on the ramp: they have colours that it does not hold. */
const ZERO = [120, 124, 135] as const;
const NOT_A_NUMBER = [226, 60, 30] as const;

/** Writes the colour of a magnitude on a logarithmic scale from `low` to `high` decades. */
export function paintMagnitude(
  data: Uint8ClampedArray,
  at: number,
  value: number,
  low: number,
  high: number,
): void {
  let colour: ArrayLike<number>;
  let from = 0;
  if (value === 0) colour = ZERO;
  else if (!Number.isFinite(value)) colour = NOT_A_NUMBER;
  else {
    const part = (Math.log10(Math.abs(value)) - low) / (high - low);
    from = 3 * Math.max(0, Math.min(STEPS - 1, Math.round(part * (STEPS - 1))));
    colour = ramp;
  }
  data[at] = colour[from]!;
  data[at + 1] = colour[from + 1]!;
  data[at + 2] = colour[from + 2]!;
  data[at + 3] = 255;
}

/** The ramp's colour for a part from 0 to 1, for legends and marks. */
export function rampColour(part: number): string {
  const at = 3 * Math.max(0, Math.min(STEPS - 1, Math.round(part * (STEPS - 1))));
  return `rgb(${ramp[at]} ${ramp[at + 1]} ${ramp[at + 2]})`;
}

export const zeroColour = `rgb(${ZERO.join(' ')})`;
export const nonFiniteColour = `rgb(${NOT_A_NUMBER.join(' ')})`;

/** Colours of classes, told apart by colour-blind eyes (Okabe & Ito 2008); marks differ in shape as well. */
export const classColours = [
  [86, 120, 220],
  [230, 130, 30],
  [0, 150, 120],
  [200, 90, 160],
  [180, 170, 20],
  [100, 190, 235],
  [190, 60, 30],
  [120, 120, 130],
  [110, 70, 180],
  [150, 110, 60],
] as const;

const STEPS = 256;

/** Viridis (van der Walt & Smith 2015, CC0) at twenty equal parts; between them colours are mixed. */
const anchors = [
  0x440154, 0x481567, 0x482677, 0x453781, 0x404788, 0x39568c, 0x33638d, 0x2d708e, 0x287d8e, 0x238a8d,
  0x1f968b, 0x20a387, 0x29af7f, 0x3cbb75, 0x55c667, 0x73d055, 0x95d840, 0xb8de29, 0xdce319, 0xfde725,
];

/** Dark (small) to light (large): even in lightness, so it reads without colour too. RGB triples. */
const ramp = Uint8Array.from({ length: 3 * STEPS }, (_, i) => {
  const at = (Math.floor(i / 3) / (STEPS - 1)) * (anchors.length - 1);
  const from = Math.min(anchors.length - 2, Math.floor(at));
  const shift = 16 - 8 * (i % 3);
  const [a, b] = [(anchors[from]! >> shift) & 255, (anchors[from + 1]! >> shift) & 255];
  return Math.round(a + (b - a) * (at - from));
});

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

type Rgb = readonly [number, number, number];

/** Vanishing blue, calm, exploding red: a diverging ramp that colour-blind eyes can tell apart, even in lightness. */
const diverging: readonly Rgb[] = [
  [33, 49, 131],
  [46, 98, 178],
  [110, 163, 212],
  [190, 213, 232],
  [244, 241, 234],
  [245, 203, 172],
  [229, 141, 103],
  [197, 72, 58],
  [130, 21, 41],
];

/** Dark to light, evenly: viridis, at nine points. */
const sequential: readonly Rgb[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/** Colours for kinds that have no order, for colour-blind eyes too (after Okabe & Ito 2008); green means healthy. */
export const categories = [
  '#0072b2',
  '#e69f00',
  '#d55e00',
  '#cc79a7',
  '#56b4e9',
  '#7a5195',
  '#8a7a00',
  '#7f7f9f',
] as const;

function ramp(colors: readonly Rgb[], share: number): string {
  const at = Math.max(0, Math.min(1, share)) * (colors.length - 1);
  const low = Math.min(colors.length - 2, Math.floor(at));
  const mixed = colors[low]!.map((from, i) => Math.round(from + (at - low) * (colors[low + 1]![i]! - from)));
  return `rgb(${mixed.join(' ')})`;
}

/** A colour scale over measured values. */
export interface ColorScale {
  readonly color: (value: number) => string;
  /** Values for a legend, low to high. */
  readonly ticks: readonly number[];
  readonly stops: readonly string[];
  /** Where a value lies on the legend, 0 to 1. */
  readonly place: (value: number) => number;
}

/** The scale for a measure: symmetric about 0 where both sides are bad, else from the least to the most. */
export function colorScale(
  values: readonly number[],
  kind: 'signed' | 'high' | 'low',
  log: boolean,
): ColorScale {
  const finite = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  const to = (value: number) => (log ? Math.log10(value) : value);
  const from = (value: number) => (log ? 10 ** value : value);
  let low = Math.min(...finite.map(to));
  let high = Math.max(...finite.map(to));
  if (kind === 'signed') {
    // Outliers must not wash out the rest: past the 98th percentile colours are all the same.
    const sizes = finite.map(Math.abs).sort((a, b) => a - b);
    high = Math.max(0.5, sizes[Math.floor(0.98 * (sizes.length - 1))] ?? 1);
    low = -high;
  }
  if (!(high > low)) [low, high] = [low - 0.5, high + 0.5];
  const colors = kind === 'signed' ? diverging : kind === 'high' ? sequential : [...sequential].reverse();
  // A root on both sides: the phase border, where little happens, is what one looks for.
  const signed = (value: number) =>
    0.5 + (0.5 * Math.sign(value) * Math.sqrt(Math.abs(value))) / Math.sqrt(high);
  const linear = (value: number) => (to(value) - low) / (high - low);
  const place = (value: number) =>
    Math.max(0, Math.min(1, kind === 'signed' ? signed(value) : linear(value)));
  const back = (share: number) =>
    kind === 'signed'
      ? Math.sign(share - 0.5) * high * (2 * share - 1) ** 2
      : from(low + share * (high - low));
  return {
    color: (value) => ramp(colors, place(value)),
    ticks: [0, 0.25, 0.5, 0.75, 1].map(back),
    stops: Array.from({ length: 17 }, (_, i) => ramp(colors, i / 16)),
    place,
  };
}

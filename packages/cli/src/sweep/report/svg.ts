/** Text that is safe within markup and attributes, wherever it came from. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** An element; attributes that are undefined are left out, all are escaped. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...children: readonly string[]
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        ` ${key}="${escapeHtml(typeof value === 'number' ? String(Math.round(value * 100) / 100) : value!)}"`,
    )
    .join('');
  return `<${name}${written}>${children.join('')}</${name}>`;
}

/** Text in a picture. σ_w² gets its index as an index. */
export function label(
  x: number,
  y: number,
  text: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const parts = escapeHtml(text).replace(
    /_(\w)(²?)/,
    '<tspan dy="3" font-size="75%">$1</tspan><tspan dy="-3">$2</tspan>',
  );
  return element('text', { x, y, ...attributes }, parts);
}

/** A scale from values to places, and the values worth a tick. */
export interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** A linear or logarithmic scale of [low, high] onto [from, to]. */
export function scaleOf(
  low: number,
  high: number,
  from: number,
  to: number,
  kind: 'linear' | 'log' = 'linear',
): Scale {
  const map = kind === 'log' ? Math.log10 : (value: number) => value;
  const [a, b] = [map(low), map(high)];
  const place = (value: number) => from + ((map(value) - a) / (b - a || 1)) * (to - from);
  return { place, ticks: kind === 'log' ? logTicks(a, b) : linearTicks(low, high) };
}

function linearTicks(low: number, high: number): number[] {
  const rough = (high - low) / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++)
    ticks.push(Number((i * step).toPrecision(10)));
  return ticks;
}

function logTicks(low: number, high: number): number[] {
  const step = Math.max(1, Math.ceil((high - low) / 6));
  const ticks: number[] = [];
  for (let power = Math.ceil(low - 1e-9); power <= high + 1e-9; power += step) ticks.push(10 ** power);
  return ticks.length >= 2 ? ticks : [10 ** low, 10 ** high];
}

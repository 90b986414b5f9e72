import type { LogScale } from './scale.js';
import type { Terminal } from '../terminal.js';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** What a bar shows. */
export interface Bar {
  readonly value: number | null;
  /** Low and high end of what theory expects. */
  readonly band: readonly [number, number] | null;
  /** 256-colour code of the filled part. */
  readonly hue: number;
}

/**
 * A bar of one line on a log scale. Cells that theory expects are shaded: within the bar and beyond its end, so that
 * a bar that ends in shade is as expected, a gap before the shade is too weak, solid past the shade too strong.
 */
export function drawBar({ value, band, hue }: Bar, scale: LogScale, terminal: Terminal): string {
  const { cells } = scale;
  const length = value === null ? 0 : scale.at(value);
  const [from, to] = band ? [scale.at(band[0]), scale.at(band[1])] : [-1, -1];
  const full = terminal.unicode ? Math.floor(length + 1 / 16) : Math.round(length);
  const rest = terminal.unicode ? eighths[Math.min(7, Math.round((length - full) * 8))]! || '' : '';
  let filled = '';
  let after = '';
  for (let cell = 0; cell < cells; cell++) {
    const expected = band !== null && cell + 1 > from && cell < Math.max(to, from + 0.5);
    if (cell < full) filled += expected ? (terminal.unicode ? '▓' : '=') : terminal.unicode ? '█' : '#';
    else if (cell === full && rest && length - full > 0) filled += rest;
    else after += expected ? (terminal.unicode ? '░' : ':') : ' ';
  }
  return tint(terminal, hue, filled) + shade(terminal, after);
}

/** Paints in one of 256 colours, or in the nearest of 8. */
export function tint(terminal: Terminal, hue: number, text: string): string {
  if (terminal.color === 0 || text === '') return text;
  if (terminal.color >= 8) return `\x1b[38;5;${hue}m${text}\x1b[0m`;
  return `\x1b[${basic[hue] ?? 36}m${text}\x1b[0m`;
}

function shade(terminal: Terminal, text: string): string {
  const end = text.trimEnd();
  if (terminal.color === 0 || end === '') return text;
  return `${terminal.color >= 8 ? '\x1b[38;5;245m' : '\x1b[2m'}${end}\x1b[0m${text.slice(end.length)}`;
}

/** From sound to lost: teal, green, yellow, orange, red. Told apart by lightness too, and never the only sign. */
const ramp = [37, 36, 72, 107, 143, 179, 173, 167, 160] as const;
const basic: Record<number, number> = {
  37: 36,
  36: 36,
  72: 32,
  107: 32,
  143: 33,
  179: 33,
  173: 33,
  167: 31,
  160: 31,
  171: 35,
};
/** Gradients that are larger than they should be. */
const TOO_LARGE = 171;

/** The colour of a gradient that is `decades` weaker (or, negative, stronger) than the output's. */
export function hueOf(decades: number): number {
  if (Number.isNaN(decades)) return ramp[0];
  if (decades < -2) return TOO_LARGE;
  return ramp[Math.max(0, Math.min(ramp.length - 1, Math.round(decades)))]!;
}

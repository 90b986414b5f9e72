/** What the output can show. */
export interface Terminal {
  /** Bits of colour: 0 none, 4, 8 or 24. */
  readonly color: number;
  /** Blocks, arrows and Greek letters; else ASCII only. */
  readonly unicode: boolean;
  readonly width: number;
}

/** A stream that may be a terminal. */
interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  getColorDepth?(env?: object): number;
}

const NARROWEST = 48;
const WIDEST = 100;

/** Finds out what an output can show, from the stream, the environment and the flags. */
export function terminalOf(
  output: Output,
  flags: { readonly color?: boolean | undefined } = {},
  env: NodeJS.ProcessEnv = process.env,
): Terminal {
  const columns = output.columns ?? (Number(env['COLUMNS']) || 80);
  return {
    color: colorBits(output, flags.color ?? true, env),
    unicode: speaksUnicode(env),
    width: Math.max(NARROWEST, Math.min(WIDEST, columns)),
  };
}

function colorBits(output: Output, wanted: boolean, env: NodeJS.ProcessEnv): number {
  const forced = (env['FORCE_COLOR'] ?? '0') !== '0';
  if (!wanted || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return 0;
  if (!output.isTTY && !forced) return 0;
  if (!output.getColorDepth) return forced ? 8 : 0;
  const depth = output.getColorDepth(env);
  return depth > 1 ? depth : 0;
}

/** UTF-8 by the locale, as programs on Unix decide; Windows' terminals and macOS do it without one. */
function speaksUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  if (locale === '')
    return process.platform === 'darwin' || process.platform === 'win32' || env['TERM'] !== 'linux';
  return /utf-?8/i.test(locale);
}

/** Meanings that text can be painted in; one place decides their colours. */
export type Ink = 'title' | 'quiet' | 'good' | 'bad' | 'warn' | 'accent';

const inks: Record<Ink, string> = {
  title: '1',
  quiet: '2',
  good: '32',
  bad: '31',
  warn: '33',
  accent: '36',
};

/** Paints text where the terminal has colours; else gives it back as it is. */
export function paint(terminal: Terminal, ink: Ink | readonly Ink[], text: string): string {
  if (terminal.color === 0 || text === '') return text;
  const codes = (typeof ink === 'string' ? [ink] : ink).map((each) => inks[each]).join(';');
  return `\x1b[${codes}m${text}\x1b[0m`;
}

/** Visible width of a text; colours take no room. */
export function widthOf(text: string): number {
  // eslint-disable-next-line no-control-regex -- the escape character is what colours start with
  return [...text.replace(/\x1b\[[0-9;]*m/g, '')].length;
}

/** Fills up with spaces to a visible width. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Fills up with spaces in front. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Cuts to a width, with an ellipsis where something was cut. */
export function clip(text: string, width: number, { unicode }: Terminal): string {
  const letters = [...text];
  if (letters.length <= width) return text;
  const mark = unicode ? '…' : '..';
  return letters.slice(0, Math.max(0, width - mark.length)).join('') + mark;
}

/** Breaks a text into lines of at most `width`, at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

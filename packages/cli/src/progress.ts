import { sparkline } from './picture/time.js';
import type { Progress } from './tasks/task.js';
import { clip, paint, terminalOf, type Terminal } from './terminal.js';
import { showCount, showNumber, showTime, wordsIn, type Language } from './words/words.js';

/** Shows how far a run is, on standard error. */
export interface ProgressLine {
  readonly take: (progress: Progress) => void;
  /** Clears the line. */
  close(): void;
}

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const FRAME_MS = 80;
const CLEAR = '\r\x1b[K';

/**
 * One line on a terminal; one JSON event a line where asked for; nothing else, so that logs stay clean.
 */
export function openProgress(
  how: 'auto' | 'json' | 'none',
  flags: {
    readonly color?: boolean | undefined;
    readonly quiet?: boolean | undefined;
    readonly language: Language;
  },
  screen: Screen = process.stderr,
): ProgressLine {
  if (how === 'json') {
    return {
      take: ({ step, steps, loss, stepMs, metric }) => {
        screen.write(
          `${JSON.stringify({ event: 'step', step, steps, loss, stepMs, ...(metric ? { metric: metric.value } : {}) })}\n`,
        );
      },
      close: () => undefined,
    };
  }
  if (how === 'none' || flags.quiet || !screen.isTTY)
    return { take: () => undefined, close: () => undefined };
  return new LiveLine(screen, terminalOf(screen, flags), flags.language);
}

/** `▕█████▌    ▏ 120/300  loss 2.31 ▇▆▅▃▂  accuracy 0.91  3.9 ms a step, 2 s left` */
class LiveLine implements ProgressLine {
  readonly #screen: Screen;
  readonly #terminal: Terminal;
  readonly #language: Language;
  readonly #losses: number[] = [];
  #metric = '';
  #drawn = 0;

  constructor(screen: Screen, terminal: Terminal, language: Language) {
    this.#screen = screen;
    this.#terminal = terminal;
    this.#language = language;
    this.#write(paint(terminal, 'quiet', wordsIn(language).preparing));
  }

  /** A field, as it is handed on by itself. */
  readonly take = ({ step, steps, loss, stepMs, metric }: Progress): void => {
    this.#losses.push(loss);
    if (this.#losses.length > 512) this.#losses.splice(0, 256);
    if (metric) this.#metric = `${metric.title} ${showNumber(metric.value, this.#language)}`;
    const now = performance.now();
    if (now - this.#drawn < FRAME_MS && step < steps) return;
    this.#drawn = now;
    const [language, terminal, words] = [this.#language, this.#terminal, wordsIn(this.#language)];
    const parts = [
      `${bar(step / steps, 16, terminal)} ${showCount(step, language)}/${showCount(steps, language)}`,
      `${words.loss} ${showNumber(loss, language)} ${sparkline(this.#losses.slice(-64), 16, terminal, 'linear').trimEnd()}`,
      ...(this.#metric ? [this.#metric] : []),
      `${showTime(stepMs, language)} ${words.aStep}`,
      `${showTime(stepMs * (steps - step), language)} ${words.left}`,
    ];
    const width = Math.max(20, (this.#screen.columns ?? 80) - 1);
    this.#write(clip(parts.join('  '), width, terminal));
  };

  close(): void {
    this.#screen.write(CLEAR);
  }

  #write(line: string): void {
    this.#screen.write(CLEAR + line);
  }
}

function bar(share: number, width: number, { unicode }: Terminal): string {
  const full = Math.round(Math.max(0, Math.min(1, share)) * width);
  return unicode
    ? '█'.repeat(full) + '░'.repeat(width - full)
    : `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`;
}

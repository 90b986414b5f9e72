import type { Sweep } from '@fuga/engine';
import type { Report, SweepEvent, SweepSummary } from './events.js';
import { toJson } from './numbers.js';
import { PhasePicture } from './phasePicture.js';

/** Where a display writes: standard error, or a test's ear. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface DisplayOptions {
  readonly screen: Screen;
  readonly color: boolean;
  readonly quiet: boolean;
}

const FRAME_MS = 120;

/** Tells how a sweep goes: a live picture on a terminal, one JSON event a line elsewhere, nothing when quiet. */
export function openDisplay(
  sweep: Sweep,
  { screen, color, quiet }: DisplayOptions,
): { report: Report; close: () => void } {
  if (quiet) return { report: () => undefined, close: () => undefined };
  if (!screen.isTTY) {
    return {
      report: (event) => {
        if (event.event !== 'step' && event.event !== 'trial') screen.write(`${toJson(event)}\n`);
      },
      close: () => undefined,
    };
  }
  const live = new LiveDisplay(sweep, screen, color);
  return {
    report: (event) => {
      live.take(event);
    },
    close: () => {
      live.close();
    },
  };
}

/** A few lines at the bottom of the terminal, drawn anew some times a second. */
class LiveDisplay {
  readonly #screen: Screen;
  readonly #picture: PhasePicture;
  readonly #paint: (code: string, text: string) => string;
  readonly #start = Date.now();
  readonly #running = new Map<number, { name: string; share: number }>();
  #lines = 0;
  #drawn = 0;
  #title = '';
  #trials = 0;
  #done = 0;
  #failed = 0;
  #before = 0;
  #best: SweepSummary['best'] = null;

  constructor(sweep: Sweep, screen: Screen, color: boolean) {
    this.#screen = screen;
    this.#picture = new PhasePicture(sweep, color);
    this.#paint = (code, text) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
  }

  take(event: SweepEvent): void {
    switch (event.event) {
      case 'start':
        this.#title = `${event.name}  ${this.#paint('2', `${event.workers} worker${event.workers === 1 ? '' : 's'} → ${event.out}`)}`;
        [this.#trials, this.#done, this.#failed] = [event.trials, event.done, event.failed];
        this.#before = event.done + event.failed;
        break;
      case 'note':
        this.#say(this.#paint('33', event.message));
        break;
      case 'trial':
        this.#running.set(event.index, { name: describe(event.values), share: 0 });
        break;
      case 'step': {
        const trial = this.#running.get(event.index);
        if (trial) trial.share = event.progress.step / Math.max(1, event.progress.steps);
        break;
      }
      case 'done':
        this.#done++;
        this.#running.delete(event.index);
        this.#picture.add(event.values, event.gradientDecades);
        this.#rank(event);
        break;
      case 'retry':
        this.#say(this.#paint('33', `trial ${event.index}: ${event.reason}; attempt ${event.attempt + 1}`));
        break;
      case 'failed':
        this.#failed++;
        this.#running.delete(event.index);
        this.#say(
          this.#paint('31', `trial ${event.index} (${describe(event.values)}) failed: ${event.reason}`),
        );
        break;
      case 'progress':
        break;
      case 'end':
        this.#draw();
        return;
    }
    if (Date.now() - this.#drawn > FRAME_MS) this.#draw();
  }

  /** Leaves the last picture standing. */
  close(): void {
    this.#lines = 0;
  }

  #rank({ index, values, metric, metricName, better }: Extract<SweepEvent, { event: 'done' }>): void {
    if (!Number.isFinite(metric)) return;
    const wins =
      !this.#best || (better === 'higher' ? metric > this.#best.metric : metric < this.#best.metric);
    if (wins) this.#best = { index, values, metric, metricName };
  }

  /** A line that stays, above the picture. */
  #say(line: string): void {
    this.#erase();
    this.#screen.write(`${line}\n`);
    this.#draw();
  }

  #erase(): void {
    if (this.#lines > 0) this.#screen.write(`\x1b[${this.#lines}A\x1b[0J`);
    this.#lines = 0;
  }

  #draw(): void {
    const width = Math.max(20, (this.#screen.columns || 80) - 1);
    const settled = this.#done + this.#failed;
    const seconds = (Date.now() - this.#start) / 1000;
    const rate = (settled - this.#before) / Math.max(seconds, 1e-3);
    const left = rate > 0 ? (this.#trials - settled) / rate : NaN;
    const counts = [
      `${settled}/${this.#trials}`,
      ...(this.#failed > 0 ? [this.#paint('31', `${this.#failed} failed`)] : []),
      `${this.#running.size} running`,
      rate >= 1 ? `${rate.toFixed(1)}/s` : `${(60 * rate).toFixed(1)}/min`,
      ...(Number.isFinite(left) && left > 0 ? [`${showSeconds(Math.max(1, left))} left`] : []),
    ];
    const lines = [this.#title, `${bar(settled / Math.max(1, this.#trials), 24)}  ${counts.join('  ')}`];
    if (this.#best)
      lines.push(
        `best ${this.#best.metricName} ${Number(this.#best.metric.toPrecision(4))}  ${this.#paint('2', describe(this.#best.values))}`,
      );
    for (const { name, share } of [...this.#running.values()].slice(0, 4))
      lines.push(this.#paint('2', `${bar(share, 8)} ${name}`));
    lines.push(...this.#picture.lines(width).map((line, i) => (i === 0 ? this.#paint('2', line) : line)));
    this.#erase();
    this.#screen.write(`${lines.map((line) => clip(line, width)).join('\n')}\n`);
    this.#lines = lines.length;
    this.#drawn = Date.now();
  }
}

/** `depth=20 seed=1`: values by the last words of their paths. */
export function describe(values: object): string {
  return Object.entries(values)
    .map(
      ([path, value]) =>
        `${path.slice(path.lastIndexOf('.') + 1)}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    .join(' ');
}

function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, share) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** `8 ms`, `45 s`, `12 min`, `3.5 h`. */
export function showSeconds(seconds: number): string {
  if (seconds < 1) return `${Math.ceil(1000 * seconds)} ms`;
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} days`;
}

/** Cuts to so many visible characters; colours take no room. */
function clip(line: string, width: number): string {
  let [visible, out] = [0, ''];
  // eslint-disable-next-line no-control-regex -- the escape character is what colours start with
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    if (part.startsWith('\x1b')) {
      out += part;
      continue;
    }
    const room = Math.max(0, width - visible);
    const text = [...part].slice(0, room).join('');
    visible += [...text].length;
    out += text;
  }
  return out;
}

/** How often a worker is asked whether it is there. */
const BEAT_MS = 1000;
/** Beats without an answer until that is said. A step, and opening a large file, may take seconds. */
const PATIENCE = 10;
/** The first answer waits for the worker's script, which may come over a slow line. */
const FIRST_PATIENCE = 30;

/**
 * Asks a worker again and again whether it is there. A worker answers between two steps, so a silent one is dead, hangs,
 * or makes a long step; which of them cannot be known from outside. Beats are counted instead of time: a page that
 * slept hears no false alarm when it wakes.
 */
export class Pulse {
  readonly #ask: () => Promise<unknown>;
  readonly #tell: (seconds: number | null) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #patience = FIRST_PATIENCE;
  #silent = 0;
  #awaited = false;
  #told = false;

  /** `tell` hears for how many seconds the worker has been silent, once that is long, and null when it answers again. */
  constructor(ask: () => Promise<unknown>, tell: (seconds: number | null) => void) {
    this.#ask = ask;
    this.#tell = tell;
    this.#timer = setInterval(() => this.beat(), BEAT_MS);
    this.beat();
  }

  /** Asks, or counts one more beat without an answer. */
  beat(): void {
    if (!this.#awaited) {
      this.#awaited = true;
      void this.#ask().then(() => this.#heard());
      return;
    }
    this.#silent++;
    if (this.#silent < this.#patience) return;
    this.#told = true;
    this.#tell((this.#silent * BEAT_MS) / 1000);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #heard(): void {
    if (this.#told) this.#tell(null);
    // Whose steps take this long will be silent again.
    this.#patience = Math.max(PATIENCE, this.#told ? 3 * this.#silent : 0);
    this.#told = false;
    this.#awaited = false;
    this.#silent = 0;
  }
}

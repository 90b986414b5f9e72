import { encodeLink, type LabState } from './link.js';

/** Changes that follow each other within this time are written once. */
const SETTLE_MS = 250;

/** What an entry of the browser's history remembers beside its hash. */
interface Entry {
  /** The page that wrote it, as each loading makes one. */
  readonly page: string;
  /** Which of the networks that links brought to that page. */
  readonly subject: number;
  readonly view: LabState['view'];
  readonly chapter: number;
}

/** The address bar, which follows the state of the page, and the browser's history, which goes by its screens. */
export class Address {
  readonly #page = `${Date.now()} ${Math.random()}`;
  #subjects = 0;
  #subject = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #written = '';

  /** Writes the state as it is a little later. */
  follow(state: () => LabState): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const now = state();
      void encodeLink(now).then((link) => {
        this.#written = link;
        window.history.replaceState(this.#entry(now), '', `#${link}`);
      });
    }, SETTLE_MS);
  }

  /** Another screen is looked at: the way back leads to the one before. */
  turn(state: LabState): void {
    window.history.pushState(this.#entry(state), '');
  }

  /**
   * Where the browser has gone: to a screen of what is there anyway, or, null, to a link that is to be read. Edits stay
   * on the way back to another screen; only a link brings another network.
   */
  arrive(hash: string): Partial<Pick<LabState, 'view' | 'chapter'>> | null {
    const entry = this.#here;
    if (entry?.subject === this.#subject) return { view: entry.view, chapter: entry.chapter };
    return window.history.state === null && hash.replace(/^#/, '') === this.#written ? {} : null;
  }

  /** The link of this entry was taken: what follows is about its network. */
  settle(): void {
    this.#subject = this.#here?.subject ?? ++this.#subjects;
  }

  /** What this entry remembers, where this page wrote it. */
  get #here(): Entry | null {
    const entry = window.history.state as Entry | null;
    return entry?.page === this.#page ? entry : null;
  }

  #entry({ view, chapter }: LabState): Entry {
    return { page: this.#page, subject: this.#subject, view, chapter: chapter ?? 0 };
  }
}

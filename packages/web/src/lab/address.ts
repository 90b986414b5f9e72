import { encodeLink, type LabState } from './link.js';

/** Changes that follow each other within this time are written once. */
const SETTLE_MS = 250;

/** The address bar, which follows the state of the page. */
export class Address {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #written = '';

  /** Whether the hash is what was written here, and not a link that someone follows. */
  isOurs(hash: string): boolean {
    return hash.replace(/^#/, '') === this.#written;
  }

  /** Writes the state as it is a little later. */
  follow(state: () => LabState): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void encodeLink(state()).then((link) => {
        this.#written = link;
        window.history.replaceState(null, '', `#${link}`);
      });
    }, SETTLE_MS);
  }
}

/** Most edits that can be undone. */
const MOST = 100;

/** What there was before, and what was undone: of whatever is edited as a whole. */
export class Edits<T> {
  #past = $state.raw<readonly T[]>([]);
  #future = $state.raw<readonly T[]>([]);
  readonly canUndo = $derived(this.#past.length > 0);
  readonly canRedo = $derived(this.#future.length > 0);

  /** `now` is about to be edited. */
  remember(now: T): void {
    this.#past = [...this.#past.slice(1 - MOST), now];
    this.#future = [];
  }

  /** What there was before `now`, or null. */
  undo(now: T): T | null {
    const before = this.#past.at(-1);
    if (before === undefined) return null;
    this.#past = this.#past.slice(0, -1);
    this.#future = [...this.#future, now];
    return before;
  }

  /** What `now` was undone from, or null. */
  redo(now: T): T | null {
    const after = this.#future.at(-1);
    if (after === undefined) return null;
    this.#future = this.#future.slice(0, -1);
    this.#past = [...this.#past, now];
    return after;
  }
}

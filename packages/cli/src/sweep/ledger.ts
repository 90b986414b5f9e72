import type { JournalLine } from './journal.js';

const EMPTY = 0;
const DONE = 1;
const FAILED = 2;

/**
 * Which trials of a sweep are settled, in a few bytes a trial: a million take 30 MB, and nothing of what they said.
 * Where a row is wanted, its place in the journal is known.
 */
export class Ledger {
  #status = new Uint8Array(1024);
  #offset = new Float64Array(1024);
  #bytes = new Uint32Array(1024);
  readonly #ids = new IdSet();
  readonly #attempts = new Map<number, number>();
  done = 0;
  failed = 0;
  /** One past the highest index seen. */
  end = 0;
  /** The sweep that the journal's first line names, or null. */
  header: JournalLine | null = null;

  /** Takes in a line of the journal. A later line about the same trial wins, but nothing wins over a result. */
  read(line: JournalLine): void {
    const { kind, index, id } = line;
    if (kind === 'sweep') this.header ??= line;
    else if (kind === 'retry') this.#attempts.set(index, (this.#attempts.get(index) ?? 0) + 1);
    else this.#settle(index, id, kind === 'done' ? DONE : FAILED, line);
  }

  /** Notes a record that was just appended. */
  note(index: number, id: string, kind: 'done' | 'failed', place: { offset: number; bytes: number }): void {
    this.#settle(index, id, kind === 'done' ? DONE : FAILED, place);
  }

  isSettled(index: number): boolean {
    return index < this.end && this.#status[index] !== EMPTY;
  }

  isFailed(index: number): boolean {
    return index < this.end && this.#status[index] === FAILED;
  }

  /** Whether some trial with this resolved spec is done. */
  hasId(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Attempts that an unfinished trial has used up in earlier lives of the coordinator. */
  attempts(index: number): number {
    return this.#attempts.get(index) ?? 0;
  }

  /** Lets every failed trial be tried again. */
  forgetFailures(): void {
    for (let i = 0; i < this.end; i++) if (this.#status[i] === FAILED) this.#status[i] = EMPTY;
    this.failed = 0;
    this.#attempts.clear();
  }

  /** Settled trials in the order of the sweep, and where their lines are. */
  *places(): Generator<{ readonly index: number; readonly offset: number; readonly bytes: number }> {
    for (let index = 0; index < this.end; index++) {
      if (this.#status[index] !== EMPTY)
        yield { index, offset: this.#offset[index]!, bytes: this.#bytes[index]! };
    }
  }

  #settle(
    index: number,
    id: string,
    status: number,
    { offset, bytes }: { offset: number; bytes: number },
  ): void {
    this.#grow(index);
    const before = this.#status[index];
    if (before === DONE) return;
    if (before === FAILED) this.failed--;
    if (status === DONE) {
      this.done++;
      this.#ids.add(id);
    } else this.failed++;
    this.#status[index] = status;
    this.#offset[index] = offset;
    this.#bytes[index] = bytes;
    this.#attempts.delete(index);
    this.end = Math.max(this.end, index + 1);
  }

  #grow(index: number): void {
    if (index < this.#status.length) return;
    const length = Math.max(index + 1, 2 * this.#status.length);
    const grown = <A extends Uint8Array | Float64Array | Uint32Array>(old: A, made: A): A => {
      made.set(old);
      return made;
    };
    this.#status = grown(this.#status, new Uint8Array(length));
    this.#offset = grown(this.#offset, new Float64Array(length));
    this.#bytes = grown(this.#bytes, new Uint32Array(length));
  }
}

/** A set of 64-bit ids in hex: open addressing, 8 bytes a slot, at most half full. */
class IdSet {
  #slots = new BigUint64Array(2048);
  #size = 0;

  has(id: string): boolean {
    const key = keyOf(id);
    return this.#slots[this.#slotOf(key)] === key;
  }

  add(id: string): void {
    const key = keyOf(id);
    const slot = this.#slotOf(key);
    if (this.#slots[slot] === key) return;
    this.#slots[slot] = key;
    if (2 * ++this.#size > this.#slots.length) {
      const old = this.#slots;
      this.#slots = new BigUint64Array(2 * old.length);
      for (const each of old) if (each !== 0n) this.#slots[this.#slotOf(each)] = each;
    }
  }

  #slotOf(key: bigint): number {
    const mask = this.#slots.length - 1;
    // Ids are hashes: their low bits are as good as any.
    let slot = Number(key & 0x3fffffffn) & mask;
    while (this.#slots[slot] !== 0n && this.#slots[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }
}

/** 0 marks an empty slot, so the id 0 counts as 1: one more of 2⁶⁴ ways to collide. */
function keyOf(id: string): bigint {
  return BigInt(`0x${id}`) || 1n;
}

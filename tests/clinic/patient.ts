import type { FindingId } from '@fuga/engine';

/** Which half of the clinic a patient belongs to: thresholds may be looked at on the first, never on the second. */
export type Half = 'tuning' | 'heldOut';

/** A network whose disease is known because it was built that way. */
export interface Patient {
  readonly id: string;
  /** What it was built to have: a disease, or `healthy`. */
  readonly ward: string;
  readonly family: string;
  readonly half: Half;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Findings that may stand first; empty for a healthy one. Several where one construction has several names. */
  readonly roots: readonly FindingId[];
  /** Index of the site where the disease sits among the sites of the outermost level, where it sits at one. */
  readonly culprit?: number;
  /** False where no build learns the task in the steps given: there is a disease, but nothing to prove a cure by. */
  readonly curable?: false;
}

/** How one kind of patient is built. */
export interface Ward {
  readonly name: string;
  readonly roots: readonly FindingId[];
  /** How many in each half. */
  readonly count: Readonly<Record<Half, number>>;
  readonly draw: (random: Random) => {
    readonly family: string;
    readonly spec: Readonly<Record<string, unknown>>;
    readonly culprit?: number;
    readonly curable?: false;
  };
}

/** Seeded random choices: the clinic is the same in every run. */
export class Random {
  #state: number;

  constructor(name: string) {
    let hash = 2166136261;
    for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
    this.#state = hash >>> 0;
  }

  /** Uniform in [0, 1[ (Mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** Log-uniform, two digits. */
  scale(low: number, high: number): number {
    return Number((low * (high / low) ** this.next()).toPrecision(2));
  }
}

/** Everyone in the wards, of one half. */
export function admit(wards: readonly Ward[], half: Half): Patient[] {
  return wards.flatMap((ward) => {
    const random = new Random(`${ward.name}/${half}`);
    return Array.from({ length: ward.count[half] }, (_, i): Patient => {
      const drawn = ward.draw(random);
      const id = `${ward.name}-${half === 'tuning' ? 't' : 'h'}${i + 1}`;
      const spec = { fuga: 1, name: id, seed: random.int(1, 1e6), ...drawn.spec };
      return { id, ward: ward.name, half, roots: ward.roots, ...drawn, spec };
    });
  });
}

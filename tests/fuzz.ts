import { EngineError } from '../packages/engine/src/core/errors.js';
import { Lcg } from './nets.js';

/** How many mutants of each format: 100,000, or FUGA_FUZZ, starting at number FUGA_FUZZ_FROM. */
const MUTANTS = Number(process.env['FUGA_FUZZ'] ?? 100_000);
const FROM = Number(process.env['FUGA_FUZZ_FROM'] ?? 0);

/** Longer than what any count takes: each mutant has a limit of its own. */
export const FUZZ_TIMEOUT = 100_000_000;

/** What came of reading mutants. */
export interface Fuzzed {
  readonly read: number;
  /** Read without a complaint. */
  readonly accepted: number;
  /** Milliseconds of the slowest. */
  readonly slowest: number;
  /** Bytes of array buffers alive at most, looked at every hundredth mutant, less those at the start. */
  readonly most: number;
  /** Mutants that ended in something else than an `EngineError`, or took more than a second; the first twenty. */
  readonly defects: readonly string[];
}

/**
 * Reads mutants number by number: the same number makes the same mutant. An `EngineError` or nothing may come of
 * each, within a second. With `seconds` as many as fit into them, unless FUGA_FUZZ says how many.
 */
export function fuzz(
  name: string,
  read: (draw: Lcg) => void,
  { seconds = Infinity }: { readonly seconds?: number } = {},
): Fuzzed {
  const until = performance.now() + (process.env['FUGA_FUZZ'] ? Infinity : 1000 * seconds);
  const before = process.memoryUsage().arrayBuffers;
  const started = performance.now();
  const defects: string[] = [];
  let [accepted, slowest, most] = [0, 0, 0];
  const report = (count: number) => {
    const rate = (1000 * count) / (performance.now() - started);
    console.info(
      `${name}: ${count} mutants, ${accepted} accepted, ${rate.toFixed(0)} a second, ` +
        `slowest ${slowest.toFixed(0)} ms, at most ${(most / 2 ** 20).toFixed(0)} MiB, ${defects.length} defects`,
    );
  };
  let i = 0;
  for (; i < MUTANTS && defects.length < 20 && performance.now() < until; i++) {
    const start = performance.now();
    const number = FROM + i;
    try {
      read(new Lcg(Math.imul(number, 2654435761) + 1));
      accepted++;
    } catch (error) {
      if (!(error instanceof EngineError))
        defects.push(`mutant ${number}: ${String((error as Error).stack)}`);
    }
    let took = performance.now() - start;
    if (took > 1000) {
      // Again, by the time on a core: on a busy machine other processes may have had the second.
      const again = process.cpuUsage();
      try {
        read(new Lcg(Math.imul(number, 2654435761) + 1));
      } catch {
        // What it says was noted above.
      }
      const { user, system } = process.cpuUsage(again);
      took = Math.min(took, (user + system) / 1000);
      if (took > 1000) defects.push(`mutant ${number} takes ${took.toFixed(0)} ms`);
    }
    slowest = Math.max(slowest, took);
    if (i % 100 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    if (i > 0 && i % 100_000 === 0) report(i);
  }
  report(i);
  return { read: i, accepted, slowest, most, defects };
}

/** Changes some bytes: random ones, extremes, pieces moved, cut out or written twice. */
export function mutateBytes(original: Uint8Array, draw: Lcg): Uint8Array {
  const below = (n: number) => Math.floor(draw.next() * n);
  let bytes = original.slice();
  const changes = 1 + below(4);
  for (let i = 0; i < changes && bytes.length > 0; i++) {
    const at = below(bytes.length);
    const kind = below(7);
    if (kind === 0) bytes[at] = below(256);
    else if (kind === 1) bytes[at] = bytes[at]! ^ (1 << below(8));
    else if (kind === 2) bytes[at] = [0, 1, 0x7f, 0x80, 0xff][below(5)]!;
    else if (kind === 3) bytes.fill(0xff, at, at + 1 + below(10));
    else if (kind === 4) bytes = bytes.slice(0, at);
    else if (kind === 5) bytes.copyWithin(at, below(bytes.length), below(bytes.length));
    else {
      const length = 1 + below(Math.min(200, bytes.length - at));
      const longer = new Uint8Array(bytes.length + length);
      longer.set(bytes.subarray(0, at + length));
      longer.set(bytes.subarray(at), at + length);
      bytes = longer;
    }
  }
  return bytes;
}

import type { Arena } from '../packages/engine/src/core/arena.js';
import type { Site } from '../packages/engine/src/core/site.js';
import { placeOf, type Tape } from '../packages/engine/src/core/tape.js';
import { ownerOf } from '../packages/engine/src/core/tensor.js';

/** Runs the tape backward; gives the names of sites whose gradient is zero or no number, and how many were seen. */
export function backwardThrough(
  tape: Tape,
  arena: Arena,
  sites: readonly Site[],
): { readonly dead: readonly string[]; readonly seen: number } {
  const dead: string[] = [];
  let seen = 0;
  tape.backward({
    afterForward: () => undefined,
    beforeBackward: (index) => {
      for (const output of tape.graph.records[index]!.outputs) {
        for (const site of sites) {
          if (ownerOf(site.output) !== output) continue;
          seen++;
          const { grad, size } = placeOf(output);
          if (!(arena.kernels.sumSquares(size, grad) > 0)) dead.push(site.name);
        }
      }
    },
    afterBackward: () => undefined,
  });
  return { dead, seen };
}

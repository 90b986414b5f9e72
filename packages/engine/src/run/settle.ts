import type { Parameters } from '../core/parameters.js';
import { placeOf, type Tape } from '../core/tape.js';
import { ownerOf, type Tensor } from '../core/tensor.js';
import type { Batches } from './data.js';

/**
 * Lets inits correct the weights they drew: the first training samples go through the network, and each weight whose
 * init asks for it is settled right after the first op that reads it, before the next op runs (Mishkin & Matas's
 * order). States such as running means are drawn anew afterwards. Does nothing, and costs nothing, without such inits.
 */
export function settleParameters(
  tape: Tape,
  parameters: Parameters,
  batches: Batches,
  feed: { readonly input: Tensor; readonly target: Tensor },
  seed: number,
): void {
  const waiting = new Map<Tensor, NonNullable<(typeof parameters.all)[number]['fill']['settle']>>();
  for (const { tensor, fill } of parameters.all) if (fill.settle) waiting.set(tensor, fill.settle);
  if (waiting.size === 0) return;
  const { arena, graph } = tape;
  batches.take(batches.samples.train, 0, feed.input.data, feed.target.data);
  tape.forward({
    afterForward: (index) => {
      const { inputs, outputs } = graph.records[index]!;
      for (const input of inputs) {
        const settle = waiting.get(ownerOf(input));
        if (!settle) continue;
        waiting.delete(ownerOf(input));
        settle({
          arena,
          weight: placeOf(input),
          output: placeOf(outputs[0]!),
          refresh: () => tape.replay(index),
        });
      }
    },
    beforeBackward: () => undefined,
    afterBackward: () => undefined,
  });
  parameters.initialize(arena, seed, 'states');
}

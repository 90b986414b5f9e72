import { sizeOf } from '../core/shape.js';
import { placeOf } from '../core/tape.js';
import type { Run } from './run.js';

/**
 * The metric and the mean loss over the test samples (or others), in evaluation mode.
 * The last, smaller batch is filled up with repeats that are not counted.
 */
export function evaluate(
  run: Run,
  rows: Int32Array = run.samples.test,
): { metric: number; loss: number; samples: number } {
  const { tape, network } = run.evaluation;
  const { arena, batches, loss } = run;
  const tally = loss.metric.start();
  let [lossSum, counted] = [0, 0];
  for (let from = 0; from < rows.length; from += batches.batch) {
    const taken = batches.take(rows, from, network.input.data, network.target.data);
    tape.forward();
    const integers = network.target.dtype === 'i32';
    const targets = sizeOf(network.target.shape);
    tally.add({
      output: arena.read(placeOf(network.output).data, sizeOf(network.output.shape)),
      target: integers
        ? arena.readInts(network.target.data, targets)
        : arena.read(network.target.data, targets),
      rows: taken,
      outputShape: network.output.shape,
      targetShape: network.target.shape,
    });
    lossSum += arena.f32[network.loss.data >> 2]! * taken;
    counted += taken;
  }
  const meanLoss = lossSum / counted;
  return { metric: tally.value(meanLoss), loss: meanLoss, samples: counted };
}

import { EngineError } from '../core/errors.js';
import { sizeOf } from '../core/shape.js';
import { placeOf } from '../core/tape.js';
import type { Run } from './run.js';

/**
 * The network's outputs for samples of the caller's own, in evaluation mode.
 *
 * Shapes: inputs [n, …one sample], already scaled as the run's data are → outputs [n, …one output], flat
 * Errors: SHAPE — where the numbers are not whole samples
 */
export function predict(run: Run, inputs: Float32Array): Float32Array {
  const { tape, network } = run.evaluation;
  const { arena } = run;
  const width = sizeOf(network.input.shape.slice(1));
  const outputs = sizeOf(network.output.shape.slice(1));
  const batch = network.input.shape[0]!;
  if (inputs.length % width !== 0 || network.input.dtype !== 'f32') {
    throw new EngineError('SHAPE', `expected samples of ${width} numbers, got ${inputs.length} numbers`);
  }
  const count = inputs.length / width;
  const result = new Float32Array(count * outputs);
  for (let from = 0; from < count; from += batch) {
    const rows = Math.min(batch, count - from);
    // Rows past the last keep what the batch before left there; their outputs are not read.
    arena.write(network.input.data, inputs.subarray(from * width, (from + rows) * width));
    tape.forward();
    result.set(arena.read(placeOf(network.output).data, rows * outputs), from * outputs);
  }
  return result;
}

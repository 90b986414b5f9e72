import { EngineError } from '../core/errors.js';
import { readLoss } from '../losses/loss.js';
import { writePyTorch, type PyTorchText } from '../formats/pytorch/pytorch.js';
import { losses } from './shelves.js';
import { dataSeen, describeData, networkOf, resolveSpec, type GivenData } from './spec.js';

/**
 * A spec as a plain PyTorch module with init and training loop; `given` describes data that was read from a file.
 *
 * Errors: SPEC as `resolveSpec`; UNSUPPORTED for networks that came from a file, which export as ONNX.
 *
 * @example
 * exportPyTorch(spec).code; // "# ReLU MLP …\nimport torch\n…"
 */
export function exportPyTorch(input: unknown, given?: GivenData): PyTorchText {
  const spec = resolveSpec(input, given);
  const shape = given ?? describeData(spec.data);
  if (shape.network) {
    throw new EngineError(
      'UNSUPPORTED',
      'a network that came from a file is exported as ONNX, not as PyTorch',
    );
  }
  const { name, seed, loss, optimizer, schedule, clip, steps } = spec;
  const { id: type, options } = readLoss(losses, loss);
  return writePyTorch({
    name,
    seed,
    network: networkOf(spec, shape),
    data: dataSeen(spec, shape),
    batch: spec.data.batch,
    loss: { type, options },
    optimizer,
    schedule,
    clip,
    steps,
  });
}

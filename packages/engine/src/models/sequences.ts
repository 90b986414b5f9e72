import { EngineError } from '../core/errors.js';
import type { LayerSpec } from '../core/layer.js';
import { count, optional } from '../core/options.js';
import type { DataShape } from '../datasets/dataset.js';

/** Width of the vectors that ids become. */
export const embedOption = () => optional(count(), 32);

/** What turns the data's samples into a sequence of vectors [T, D]. Throws where they are no sequence. */
export function sequenceInput({ input }: DataShape, width: number, model: string): LayerSpec[] {
  const { shape, dtype, vocabulary } = input;
  if (dtype === 'i32' && shape.length === 1)
    return [{ type: 'embedding', vocab: vocabulary ?? 1, out: width }];
  if (dtype === 'f32' && shape.length === 2) return [];
  // An image is read row by row, its channels side by side.
  if (dtype === 'f32' && shape.length === 3 && shape[0] === 1)
    return [{ type: 'reshape', shape: shape.slice(1) }];
  throw new EngineError(
    'SPEC',
    `${model} expects sequences: ids [T] or vectors [T, D]; the data has samples of shape [${shape.join(', ')}]`,
  );
}

/** Whether every step has a target of its own (the next character), or the sequence as a whole. */
export function isPerStep({ input, target }: DataShape): boolean {
  return target.shape.length > 0 && target.shape[0] === input.shape[0] && target.dtype === 'i32';
}

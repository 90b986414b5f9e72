import { EngineError } from './errors.js';
import type { Op } from './op.js';
import { showShape, sizeOf, type Shape } from './shape.js';
import { ownerOf, type Role, type Tensor } from './tensor.js';

/** One recorded application of an op. */
export interface OpRecord {
  readonly op: Op<unknown>;
  readonly attributes: unknown;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Where it was recorded, for messages and random streams: `3.residual/0.dense`. */
  readonly path: string;
  /** Addresses of the op's kept buffers, filled in by the plan. */
  keep: Record<string, number>;
}

/**
 * A network written down as a list of ops in the order of computation, shapes known, no memory yet.
 *
 * Every op comes after the ops that make its inputs, so walking the list forwards computes the outputs and
 * walking it backwards propagates the gradients.
 */
export class Graph {
  readonly records: OpRecord[] = [];
  readonly inputs: Tensor[] = [];

  /** A tensor fed from outside before each step; ids may be known to be `below` a number. */
  input(
    name: string,
    shape: Shape,
    options: { dtype?: 'f32' | 'i32'; needsGrad?: boolean; below?: number | undefined } = {},
  ): Tensor {
    const { dtype = 'f32', needsGrad = false, below } = options;
    const made = makeTensor(name, shape, 'input', dtype, needsGrad);
    const tensor = below === undefined ? made : { ...made, below };
    this.inputs.push(tensor);
    return tensor;
  }

  /** Records `op` on `inputs` and returns its outputs. */
  apply<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A, path: string): readonly Tensor[] {
    const shapes = op.shapes(
      inputs.map((tensor) => tensor.shape),
      attributes,
    );
    for (const shape of shapes) {
      if (!shape.every((axis) => Number.isInteger(axis) && axis >= 0)) {
        throw new EngineError('SHAPE', `${op.name} would give the impossible shape ${showShape(shape)}`);
      }
    }
    const needsGrad = op.differentiable !== false && inputs.some((tensor) => tensor.needsGrad);
    const outputs = shapes.map((shape, i) =>
      makeTensor(`${path}:${op.name}${i > 0 ? i : ''}`, shape, 'value', 'f32', needsGrad),
    );
    this.records.push({ op: op as Op<unknown>, attributes, inputs, outputs, path, keep: {} });
    return outputs;
  }

  /** The same numbers under another shape: no copy, no op. */
  reshape(tensor: Tensor, shape: Shape, path: string): Tensor {
    if (sizeOf(shape) !== sizeOf(tensor.shape)) {
      throw new EngineError(
        'SHAPE',
        `cannot reshape ${showShape(tensor.shape)} (${sizeOf(tensor.shape)} numbers) to ${showShape(shape)} (${sizeOf(shape)})`,
      );
    }
    return { ...makeTensor(path, shape, tensor.role, tensor.dtype, tensor.needsGrad), alias: tensor };
  }
}

export function makeTensor(
  name: string,
  shape: Shape,
  role: Role,
  dtype: 'f32' | 'i32',
  needsGrad: boolean,
): Tensor {
  return { name, shape, role, dtype, needsGrad, alias: null, data: 0, grad: 0 };
}

/** Index of the record that makes each tensor (by its owner); inputs and parameters have none. */
export function producers(records: readonly OpRecord[]): Map<Tensor, number> {
  const made = new Map<Tensor, number>();
  records.forEach((record, i) => {
    for (const output of record.outputs) made.set(ownerOf(output), i);
  });
  return made;
}

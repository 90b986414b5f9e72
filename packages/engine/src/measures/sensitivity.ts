import { EngineError } from '../core/errors.js';
import { producers } from '../core/graph.js';
import type { Op } from '../core/op.js';
import { Scope } from '../core/scope.js';
import { sizeOf } from '../core/shape.js';
import type { Site } from '../core/site.js';
import { placeOf, Tape, type Watch } from '../core/tape.js';
import { ownerOf, type Tensor } from '../core/tensor.js';
import { layers } from '../run/shelves.js';
import { recordNetwork, type RecordedNetwork, type Run } from '../run/run.js';

/** ⟨output, direction⟩: a scalar whose gradient at the output is the direction. */
const alongDirection: Op = {
  name: 'alongDirection',
  shapes: () => [[1]],
  reads: { inputs: (index) => index === 1, outputs: false },
  bind: ({ kernels: k, arena, x: [y, direction], y: [scalar] }) => ({
    forward: () => {
      arena.f32[scalar!.data >> 2] = 0; // only its gradient is of interest
    },
    backward: () => {
      if (y!.grad) k.axpy(y!.size, 1, direction!.data, y!.grad);
    },
  }),
};

/**
 * A copy of a run's network, in evaluation mode, whose backward starts from any direction at any site's output instead
 * of from the loss: vᵀ J for any v, as often as wanted. Samples of a batch do not meet in evaluation mode, so one
 * backward gives one row of the Jacobian a sample.
 */
export class Sensitivity {
  readonly network: RecordedNetwork;
  readonly tape: Tape;
  readonly batch: number;
  /** Where the gradient is read: the input, or the first site's output where the input holds ids. */
  readonly from: Tensor;
  /** Where the direction is laid on. */
  readonly to: Tensor;
  readonly #run: Run;
  readonly #direction: Tensor;
  readonly #mark: number;
  readonly #copy: number;

  /** `to` picks the site whose output the direction is laid on; default: the network's output. */
  constructor(run: Run, batch: number, to?: (sites: readonly Site[]) => Tensor) {
    this.#run = run;
    this.batch = batch;
    this.#mark = run.arena.mark();
    const spec = { ...run.spec, data: { ...run.spec.data, batch } };
    const network = recordNetwork(spec, run.data, 'eval', run.parameters, true);
    network.graph.records.pop(); // the loss
    this.network = network;
    this.to = to?.(network.sites) ?? network.output;
    const isFloat = ownerOf(network.input).dtype === 'f32';
    this.from = isFloat ? network.input : ownerOf(network.sites[0]!.output);
    this.#direction = network.graph.input('direction', this.to.shape);
    const scope = new Scope({
      graph: network.graph,
      parameters: run.parameters,
      layers,
      sites: [],
      mode: 'eval',
    } as never);
    const loss = scope.apply(alongDirection, [this.to, this.#direction], undefined);
    this.tape = new Tape(network.graph, run.arena, { loss, keep: [this.to], seed: run.spec.seed });
    this.#copy = run.arena.alloc(4 * sizeOf(this.from.shape));
  }

  /** Numbers of one sample's input and output. */
  get sizes(): { readonly input: number; readonly output: number } {
    return { input: sizeOf(this.from.shape) / this.batch, output: sizeOf(this.to.shape) / this.batch };
  }

  /** Fills every place of the batch with samples of the run, or with one and the same. */
  load(rows: Int32Array, same = false): void {
    const { samples } = this.#run;
    if (rows.length === 0)
      throw new EngineError('DATA', 'the data has no test samples to measure on', ['data']);
    const width = sizeOf(this.network.input.shape) / this.batch;
    const stride = samples.strides?.x ?? width;
    const { data } = placeOf(this.network.input);
    for (let i = 0; i < this.batch; i++) {
      const row = rows[same ? 0 : i % rows.length]!;
      this.#run.arena.write(
        data + 4 * i * width,
        samples.x.subarray(row * stride, row * stride + width) as never,
      );
    }
  }

  /** Writes values into the input. */
  loadValues(values: Float32Array): void {
    this.#run.arena.write(placeOf(this.network.input).data, values);
  }

  forward(): void {
    this.tape.forward();
  }

  /** vᵀ J for each sample, v the direction [batch, …outputs]: the gradients at `from`, sample after sample. */
  backward(direction: Float32Array, watch?: Watch): Float32Array {
    const { arena } = this.#run;
    arena.write(placeOf(this.#direction).data, direction);
    const { grad, size } = placeOf(this.from);
    const producer = producers(this.network.graph.records).get(ownerOf(this.from));
    // The gradient of a value lives until its maker's backward has run: copied just before.
    let read = false;
    this.tape.backward({
      afterForward: () => undefined,
      beforeBackward: (index) => {
        watch?.beforeBackward(index);
        if (index === producer) {
          arena.kernels.copy(size, grad, this.#copy);
          read = true;
        }
      },
      afterBackward: (index) => watch?.afterBackward(index),
    });
    return arena.read(read ? this.#copy : grad, size);
  }

  /** Gives the memory back. Must be called, and nothing else may have taken memory in between. */
  close(): void {
    this.#run.arena.release(this.#mark);
  }
}

/** Runs `action` on a copy of the network and gives its memory back whatever happens. */
export function withSensitivity<T>(
  run: Run,
  batch: number,
  action: (sensitivity: Sensitivity) => T,
  to?: (sites: readonly Site[]) => Tensor,
): T {
  const sensitivity = new Sensitivity(run, batch, to);
  try {
    return action(sensitivity);
  } finally {
    sensitivity.close();
  }
}

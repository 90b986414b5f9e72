import type { Arena } from './arena.js';
import type { Graph, OpRecord } from './graph.js';
import { EngineError } from './errors.js';
import type { Bind, Bound, Place } from './op.js';
import { planMemory, type Plan } from './plan.js';
import { streamOf } from './random.js';
import { sizeOf } from './shape.js';
import { ownerOf, type Tensor } from './tensor.js';

/** Called around the ops of one step by whoever wants to look (the probes); indices are those of the records. */
export interface Watch {
  /** After record `index` has computed its outputs. */
  readonly afterForward: (index: number) => void;
  /** When the gradients of the outputs of record `index` are complete, just before its own backward. */
  readonly beforeBackward: (index: number) => void;
  /** After the backward of record `index`. */
  readonly afterBackward: (index: number) => void;
}

/**
 * A recorded network bound to memory: `forward` and `backward` replay the ops, allocating nothing.
 *
 * A tape is made once: plan the memory, take one block of it from the arena, bind each op to its addresses.
 * Backward walks the records in reverse. The first op to write a gradient overwrites it (or finds it zeroed),
 * later ones add, so no gradient needs clearing between steps.
 */
export class Tape {
  readonly graph: Graph;
  readonly arena: Arena;
  readonly plan: Plan;
  /** The scalar that backward starts from, or null for a tape that only computes. */
  readonly loss: Tensor | null;
  /** Steps finished so far: the part of ops' random streams that changes from step to step. */
  readonly clock: { step: number };
  readonly #forward: (() => void)[] = [];
  /** In the order of the records; null where a record has nothing to give back. */
  readonly #backward: ((() => void) | null)[] = [];
  /** The same without what no parameter depends on: the gradient of the data itself. */
  readonly #backwardLean: ((() => void) | null)[] = [];
  /** Before it: zeroes the gradients of outputs that nobody reads, so that a watch sees zeros; null where there are none. */
  readonly #unread: ((() => void) | null)[] = [];

  constructor(
    graph: Graph,
    arena: Arena,
    options: {
      loss?: Tensor;
      keep?: readonly Tensor[];
      seed: number;
      clock?: { step: number };
      plan?: Plan;
    },
  ) {
    this.graph = graph;
    this.arena = arena;
    this.loss = options.loss ?? null;
    this.clock = options.clock ?? { step: 0 };
    this.plan = options.plan ?? planTape(graph, arena, options);
    const block = arena.alloc(this.plan.bytes);
    for (const [tensor, offset] of this.plan.data) tensor.data = block + offset;
    for (const [tensor, offset] of this.plan.grad) tensor.grad = block + offset;
    graph.records.forEach((record, i) => {
      record.keep = Object.fromEntries(
        Object.entries(this.plan.keep[i]!).map(([name, offset]) => [name, block + offset]),
      );
    });
    this.#bind(block + this.plan.scratch, options.seed);
  }

  /** Computes every output from the inputs and parameters as they stand. */
  forward(watch?: Watch): void {
    const run = this.#forward;
    for (let i = 0; i < run.length; i++) {
      run[i]!();
      if (watch) watch.afterForward(i);
    }
  }

  /** Computes one record's outputs again: only right after it ran, while its inputs are still there. */
  replay(index: number): void {
    this.#forward[index]!();
  }

  /** Propagates the gradient of the loss to every tensor that wants one. */
  backward(watch?: Watch): void {
    const { loss, arena } = this;
    if (!loss) throw new EngineError('INTERNAL', 'this tape was recorded without a loss; it has no backward');
    arena.f32[ownerOf(loss).grad >> 2] = 1; // ∂loss/∂loss
    const run = this.#backward;
    for (let i = run.length - 1; i >= 0; i--) {
      this.#unread[i]?.();
      if (watch) watch.beforeBackward(i);
      run[i]?.();
      if (watch) watch.afterBackward(i);
    }
  }

  /** `backward` for parameters alone, without the gradient of the inputs: what a training step needs. */
  backwardParameters(): void {
    const { loss, arena } = this;
    if (!loss) throw new EngineError('INTERNAL', 'this tape was recorded without a loss; it has no backward');
    arena.f32[ownerOf(loss).grad >> 2] = 1;
    const run = this.#backwardLean;
    for (let i = run.length - 1; i >= 0; i--) run[i]?.();
  }

  #bind(scratch: number, seed: number): void {
    const { graph, arena } = this;
    const trained = dependents(graph);
    const written = new Set<Tensor>(); // gradients that some op has written, in the order of backward
    const accumulates = new Map<OpRecord, Writes>();
    if (this.loss) {
      for (let i = graph.records.length - 1; i >= 0; i--) {
        const record = graph.records[i]!;
        accumulates.set(record, firstWrites(record, written, this.loss));
      }
    }
    for (const record of graph.records) {
      const { flags, unread, zero } = accumulates.get(record) ?? {
        flags: record.inputs.map(() => 1 as const),
        unread: [],
        zero: [],
      };
      const { key, stream } = streamOf(seed, record.path);
      const bound: Bound = {
        kernels: arena.kernels,
        arena,
        x: record.inputs.map(placeOf),
        y: record.outputs.map(placeOf),
        keep: record.keep,
        scratch,
        accumulate: flags,
        clock: this.clock,
        stream: [(key[0] ^ stream[0]) >>> 0, (key[1] ^ stream[1]) >>> 0],
      };
      const { forward, backward } = record.op.bind(bound, record.attributes);
      this.#forward.push(forward);
      const wanted = this.loss !== null && record.outputs.some((tensor) => tensor.needsGrad);
      const full = wanted ? withZeroed(backward, zero, arena) : null;
      this.#backward.push(full);
      this.#unread.push(wanted && unread.length > 0 ? zeroing(unread, arena) : null);
      if (record.inputs.every((tensor) => !tensor.needsGrad || trained.has(ownerOf(tensor)))) {
        const first = this.#unread.at(-1);
        this.#backwardLean.push(first && full ? after(first, full) : full);
      } else if (!wanted || !record.outputs.some((tensor) => trained.has(ownerOf(tensor)))) {
        this.#backwardLean.push(null);
      } else {
        // Bound once more with the untrained inputs' gradients left out.
        const x = bound.x.map((place, i) =>
          trained.has(ownerOf(record.inputs[i]!)) ? place : { ...place, grad: 0 },
        );
        const lean = record.op.bind({ ...bound, x }, record.attributes);
        const zeroed = [...unread, ...zero].filter((tensor) => trained.has(tensor));
        this.#backwardLean.push(withZeroed(lean.backward, zeroed, arena));
      }
    }
  }
}

/** Tensors that some trained parameter has a part in, by their owners. */
function dependents(graph: Graph): Set<Tensor> {
  const trained = new Set<Tensor>();
  for (const { inputs, outputs } of graph.records) {
    const owners = inputs.map(ownerOf);
    for (const owner of owners) if (owner.role === 'parameter') trained.add(owner);
    if (owners.some((owner) => trained.has(owner)))
      for (const output of outputs) trained.add(ownerOf(output));
  }
  return trained;
}

/** Plans a tape's memory without taking any: the bytes of a run can be known before it starts. */
export function planTape(
  graph: Graph,
  arena: Arena,
  options: { loss?: Tensor; keep?: readonly Tensor[] },
): Plan {
  const keep = [...(options.keep ?? []), ...(options.loss ? [options.loss] : [])];
  return planMemory(graph, arena.kernels, { train: options.loss !== undefined, keep });
}

/** How a record's backward writes gradients. */
interface Writes {
  readonly flags: (0 | 1)[];
  /** Its outputs that nobody reads. */
  readonly unread: readonly Tensor[];
  /** Its inputs that are zeroed before it adds to them. */
  readonly zero: readonly Tensor[];
}

/** Which of a record's inputs it is the first to write (0) or must add to (1), and which to zero before. */
function firstWrites(record: OpRecord, written: Set<Tensor>, loss: Tensor): Writes {
  const [unread, zero]: [Tensor[], Tensor[]] = [[], []];
  const active = record.outputs.some((tensor) => tensor.needsGrad);
  if (active) {
    for (const output of record.outputs) {
      // Nobody reads this output, so nobody writes its gradient.
      if (output.needsGrad && !written.has(ownerOf(output)) && output !== loss) unread.push(ownerOf(output));
    }
  }
  const flags = record.inputs.map((input): 0 | 1 => {
    const owner = ownerOf(input);
    if (!active || !owner.needsGrad) return 1;
    const first = !written.has(owner);
    written.add(owner);
    if (!first) return 1;
    if (record.op.overwrites) return 0;
    zero.push(owner);
    return 1;
  });
  return { flags, unread, zero };
}

function withZeroed(backward: Bind['backward'], zero: readonly Tensor[], arena: Arena): (() => void) | null {
  if (!backward || zero.length === 0) return backward ?? null;
  return after(zeroing(zero, arena), backward);
}

function zeroing(tensors: readonly Tensor[], { kernels }: Arena): () => void {
  const places = tensors.map(placeOf);
  return () => {
    for (let i = 0; i < places.length; i++) kernels.fill(places[i]!.size, places[i]!.grad, 0);
  };
}

function after(first: () => void, then: () => void): () => void {
  return () => {
    first();
    then();
  };
}

/** Addresses and shape of a tensor, through its aliases. */
export function placeOf(tensor: Tensor): Place {
  const owner = ownerOf(tensor);
  return {
    data: owner.data,
    grad: owner.needsGrad ? owner.grad : 0,
    size: sizeOf(tensor.shape),
    shape: tensor.shape,
  };
}

import { EngineError } from '../core/errors.js';
import type { Run } from './run.js';
import type { Trace } from './trace.js';

/**
 * A run between two steps, as plain data: all of its memory, and the little that lives outside it.
 *
 * A run's memory is laid out by its spec alone, so its bytes fit into any other run of the same spec and the same
 * build of the kernels: weights, optimizer buffers, running statistics, probes' windows, whatever an op keeps.
 */
export interface Checkpoint {
  readonly format: 'fuga-checkpoint-1';
  /** What the memory's layout follows from: it must be the same in the run that goes on. */
  readonly spec: string;
  readonly variant: string;
  readonly from: number;
  readonly memory: Uint8Array;
  readonly batches: ReturnType<Run['batches']['position']>;
  readonly recorded: number;
  readonly trace: Trace;
}

/** Copies a run's state; `train` may then go on. */
export function takeCheckpoint(run: Run): Checkpoint {
  const { arena, batches, spec, trace, variant } = run;
  const from = arena.kernels.heapBase;
  return {
    format: 'fuga-checkpoint-1',
    spec: JSON.stringify(spec),
    variant,
    from,
    memory: new Uint8Array(arena.kernels.memory.buffer).slice(from, arena.bytes),
    batches: batches.position(),
    recorded: run.recorder.recorded,
    trace: structuredClone(trace),
  };
}

/**
 * Puts a newly opened run where the checkpoint was taken: from there it makes the same steps, bit for bit.
 * Throws where the checkpoint is of another spec, another build, or another version.
 */
export function restoreCheckpoint(run: Run, checkpoint: Checkpoint): void {
  const { arena, batches, spec, tape, trace, variant } = run;
  const from = arena.kernels.heapBase;
  const fits =
    checkpoint.format === 'fuga-checkpoint-1' &&
    checkpoint.spec === JSON.stringify(spec) &&
    checkpoint.variant === variant &&
    checkpoint.from === from &&
    checkpoint.memory.length === arena.bytes - from &&
    checkpoint.trace.sites.length === trace.sites.length;
  if (!fits)
    throw new EngineError(
      'FORMAT',
      'the checkpoint is of another spec, another build of the kernels or another version',
    );
  new Uint8Array(arena.kernels.memory.buffer).set(checkpoint.memory, from);
  batches.moveTo(checkpoint.batches);
  run.recorder.recorded = checkpoint.recorded;
  Object.assign(trace, structuredClone(checkpoint.trace));
  tape.clock.step = trace.steps;
}

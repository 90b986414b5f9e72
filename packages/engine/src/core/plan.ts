import type { Kernels } from '@fuga/core-wasm';
import { align } from './arena.js';
import { producers, type Graph, type OpRecord } from './graph.js';
import { sizeOf } from './shape.js';
import { ownerOf, type Tensor } from './tensor.js';

/** A stretch of memory and the time during which it is used. Time counts op calls: forward, then backward. */
interface Span {
  start: number;
  end: number;
  bytes: number;
  /** Filled in by `place`: offset from the start of the planned region. */
  offset: number;
}

/** Where everything of a graph goes, relative to one block of memory, and how big that block is. */
export interface Plan {
  /** Bytes of the block that holds all values, gradients, kept buffers and scratch. */
  readonly bytes: number;
  readonly data: ReadonlyMap<Tensor, number>;
  readonly grad: ReadonlyMap<Tensor, number>;
  /** For each record, the offsets of its kept buffers. */
  readonly keep: readonly Readonly<Record<string, number>>[];
  readonly scratch: number;
}

/**
 * Liveness-based placement: two tensors may share memory when their lives do not overlap.
 *
 * A value lives from the op that makes it to its last reader, which may be an op's backward; a gradient from its
 * first writer in backward to the backward of the op that made the value. Parameters and states are not planned:
 * they outlive the tape. `keep` lists tensors whose numbers must survive the whole step (logits, loss).
 */
export function planMemory(
  graph: Graph,
  kernels: Kernels,
  options: { train: boolean; keep?: readonly Tensor[] },
): Plan {
  const { records } = graph;
  const end = 2 * records.length;
  const backwardAt = (i: number) => end - 1 - i;
  const made = producers(records);
  const uses = consumers(records);
  const kept = new Set((options.keep ?? []).map(ownerOf));

  const data = new Map<Tensor, Span>();
  const grad = new Map<Tensor, Span>();
  const spans: Span[] = [];
  const span = (start: number, until: number, bytes: number): Span => {
    const made = { start, end: until, bytes: align(bytes), offset: 0 };
    spans.push(made);
    return made;
  };

  for (const input of graph.inputs) {
    data.set(input, span(0, end, 4 * sizeOf(input.shape)));
    if (input.needsGrad && options.train) grad.set(input, span(0, end, 4 * sizeOf(input.shape)));
  }

  records.forEach((record, i) => {
    const readsOutputs =
      options.train && record.op.reads?.outputs !== false && record.outputs.some((t) => t.needsGrad);
    record.outputs.forEach((output, slot) => {
      const readers = uses.get(output) ?? [];
      let last = readsOutputs ? backwardAt(i) : i;
      for (const reader of readers) {
        last = Math.max(
          last,
          options.train && readsInput(records[reader]!, output) ? backwardAt(reader) : reader,
        );
      }
      if (kept.has(output)) last = end;
      if (slot === 0 && record.op.sharesData) {
        const place = data.get(ownerOf(record.inputs[0]!))!;
        place.end = Math.max(place.end, last);
        data.set(output, place);
        if (options.train && output.needsGrad) {
          const write = readers.length > 0 ? backwardAt(Math.max(...readers)) : records.length;
          grad.set(output, span(write, backwardAt(i), 4 * sizeOf(output.shape)));
        }
        return;
      }
      const shared = slot === 0 ? takenOver(record, i) : null;
      if (shared) {
        const place = data.get(shared)!;
        place.end = Math.max(place.end, last);
        data.set(output, place);
      } else {
        data.set(output, span(i, last, 4 * sizeOf(output.shape)));
      }
      if (!options.train || !output.needsGrad) return;
      // The last reader in forward is the first to write in backward; an unread output is seeded or zeroed.
      const firstWrite = readers.length > 0 ? backwardAt(Math.max(...readers)) : records.length;
      const sharedGrad = shared && grad.get(shared);
      if (sharedGrad) {
        sharedGrad.start = Math.min(sharedGrad.start, firstWrite);
        grad.set(output, sharedGrad);
      } else {
        grad.set(output, span(firstWrite, backwardAt(i), 4 * sizeOf(output.shape)));
      }
    });
  });

  const keep = records.map((record, i) => {
    const wanted = record.op.keeps?.(
      record.inputs.map((tensor) => tensor.shape),
      record.attributes,
    );
    const until = options.train && record.outputs.some((t) => t.needsGrad) ? backwardAt(i) : i;
    const late = new Set(record.op.keepsBackward);
    return Object.fromEntries(
      Object.entries(wanted ?? {}).map(([name, words]) => {
        if (!late.has(name)) return [name, span(i, until, 4 * words)];
        return [name, span(until, until, options.train ? 4 * words : 0)];
      }),
    );
  });

  let scratchBytes = 0;
  for (const { op, inputs, attributes } of records) {
    const shapes = inputs.map((tensor) => tensor.shape);
    scratchBytes = Math.max(scratchBytes, op.scratch?.(shapes, attributes, kernels) ?? 0);
  }
  const scratch = span(0, end, scratchBytes);

  const bytes = place(spans);
  const offsets = (places: Map<Tensor, Span>) =>
    new Map([...places].map(([tensor, { offset }]) => [tensor, offset]));
  return {
    bytes,
    data: offsets(data),
    grad: offsets(grad),
    keep: keep.map((names) =>
      Object.fromEntries(Object.entries(names).map(([name, { offset }]) => [name, offset])),
    ),
    scratch: scratch.offset,
  };

  /** The tensor whose memory output 0 of an in-place op may take over, or null. */
  function takenOver(record: OpRecord, index: number): Tensor | null {
    if (!record.op.inPlace) return null;
    const input = ownerOf(record.inputs[0]!);
    const producer = made.get(input);
    if (producer === undefined || kept.has(input) || records[producer]!.op.sharesData) return null;
    if (uses.get(input)!.some((reader) => reader !== index)) return null;
    if (record.inputs.slice(1).some((other) => ownerOf(other) === input)) return null;
    if (sizeOf(record.outputs[0]!.shape) !== sizeOf(input.shape)) return null;
    if (options.train && input.needsGrad) {
      if (readsInput(record, input)) return null;
      if (records[producer]!.op.reads?.outputs !== false) return null;
    }
    return input;
  }
}

/** Whether the record's backward reads the numbers of `tensor`, one of its inputs. */
function readsInput({ op, inputs, outputs }: OpRecord, tensor: Tensor): boolean {
  if (!outputs.some(({ needsGrad }) => needsGrad)) return false;
  const reads = op.reads?.inputs ?? true;
  if (typeof reads === 'boolean') return reads;
  const owner = ownerOf(tensor);
  return inputs.some((input, index) => ownerOf(input) === owner && reads(index));
}

/** Indices of the records that read each tensor (by its owner), ascending. */
export function consumers(records: readonly OpRecord[]): Map<Tensor, number[]> {
  const uses = new Map<Tensor, number[]>();
  records.forEach((record, i) => {
    for (const input of new Set(record.inputs.map(ownerOf))) {
      const list = uses.get(input);
      if (list) list.push(i);
      else uses.set(input, [i]);
    }
  });
  return uses;
}

/**
 * Gives each span an offset so that spans that live at the same time do not overlap; returns the total size.
 * Linear scan in order of birth with a best-fit free list: O(n log n) for the chains that networks are.
 */
function place(spans: readonly Span[]): number {
  const byStart = [...spans].sort((a, b) => a.start - b.start || b.bytes - a.bytes);
  const alive: Span[] = []; // a heap ordered by end
  const free: { offset: number; bytes: number }[] = []; // ordered by offset, never adjacent
  let top = 0;
  for (const born of byStart) {
    while (alive.length > 0 && alive[0]!.end < born.start) giveBack(heapPop(alive));
    let best = -1;
    for (let i = 0; i < free.length; i++) {
      if (free[i]!.bytes >= born.bytes && (best < 0 || free[i]!.bytes < free[best]!.bytes)) best = i;
    }
    const last = free.at(-1);
    if (best >= 0) {
      const hole = free[best]!;
      born.offset = hole.offset;
      hole.offset += born.bytes;
      hole.bytes -= born.bytes;
      if (hole.bytes === 0) free.splice(best, 1);
    } else if (last && last.offset + last.bytes === top) {
      born.offset = last.offset; // stretch the hole at the end instead of leaving it
      top = last.offset + born.bytes;
      free.pop();
    } else {
      born.offset = top;
      top += born.bytes;
    }
    heapPush(alive, born);
  }
  return top;

  function giveBack({ offset, bytes }: Span): void {
    if (bytes === 0) return;
    let at = free.length;
    while (at > 0 && free[at - 1]!.offset > offset) at--;
    free.splice(at, 0, { offset, bytes });
    const next = free[at + 1];
    if (next && offset + bytes === next.offset) {
      free[at]!.bytes += next.bytes;
      free.splice(at + 1, 1);
    }
    const before = free[at - 1];
    if (before && before.offset + before.bytes === offset) {
      before.bytes += free[at]!.bytes;
      free.splice(at, 1);
    }
  }
}

function heapPush(heap: Span[], item: Span): void {
  heap.push(item);
  let i = heap.length - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (heap[parent]!.end <= heap[i]!.end) return;
    [heap[parent], heap[i]] = [heap[i]!, heap[parent]!];
    i = parent;
  }
}

function heapPop(heap: Span[]): Span {
  const first = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return first;
  heap[0] = last;
  for (let i = 0; ;) {
    const left = 2 * i + 1;
    if (left >= heap.length) return first;
    const child = left + 1 < heap.length && heap[left + 1]!.end < heap[left]!.end ? left + 1 : left;
    if (heap[i]!.end <= heap[child]!.end) return first;
    [heap[i], heap[child]] = [heap[child]!, heap[i]!];
    i = child;
  }
}

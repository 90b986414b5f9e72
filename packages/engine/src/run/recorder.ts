import { readActivation } from '../activations/activation.js';
import type { Arena } from '../core/arena.js';
import { producers } from '../core/graph.js';
import type { Parameters } from '../core/parameters.js';
import { channelAxes, rowsAndColumns } from '../core/shape.js';
import type { Site } from '../core/site.js';
import { placeOf, type Tape, type Watch } from '../core/tape.js';
import { ownerOf, type Tensor } from '../core/tensor.js';
import * as probes from '../probes/index.js';
import type { Probe, Reading, Sums } from '../probes/probe.js';
import { activations } from './shelves.js';
import type { SiteDetails } from './trace.js';
import { Updates } from './updates.js';

const SUMS = 8; // doubles that the stats kernel writes
const NONE = -1;
const shelf = Object.values(probes) as readonly Probe[];

/** What is to be done at each record, by its index. */
type Hooks = ((() => void)[] | null)[];

/** Where the measurements of one site lie. */
interface SiteSlots {
  readonly activation: number;
  readonly gradient: number;
  readonly preactivation: number;
  readonly input: number;
  /** Saturated outputs counted, and of how many; −1 where the activation has no flat part. */
  saturated: number;
  readonly size: number;
  /** Flags of units that were active, and how many units; 0 where units cannot die. */
  readonly active: number;
  readonly units: number;
  /** Addresses of the sums of each time step's hidden gradient, by tap. */
  readonly time: readonly { readonly name: string; readonly steps: number; readonly slot: number }[];
  readonly meters: readonly { readonly id: string; readonly values: Float64Array }[];
  /** Sums of the gradient at each part of the site (branch and skip). */
  readonly parts: readonly { readonly name: string; readonly slot: number }[];
}

/**
 * Measures every site while a step is replayed.
 *
 * It hooks onto the tape as a watch: each tensor is read right after it is made and its gradient right when it is
 * complete, so the tape may reuse their memory at once. Sums are taken in the kernels' memory; about ten numbers a
 * site come out.
 */
export class Recorder implements Watch {
  /** Records made so far; a window for `dead` is so many of them. */
  recorded = 0;
  /** Someone who looks along at the next recorded steps (a lens), or null. */
  companion: Watch | null = null;
  readonly #arena: Arena;
  readonly #slots: SiteSlots[] = [];
  readonly #afterForward: Hooks = [];
  readonly #beforeBackward: Hooks = [];
  readonly #afterBackward: Hooks = [];
  readonly #atEnd: (() => void)[] = [];
  readonly #made: Map<Tensor, number>;
  readonly #measured = new Map<Tensor, { data: number; grad: number; size: number }>();
  readonly #reading = emptyReading();
  readonly #updates: Updates;

  constructor(tape: Tape, sites: readonly Site[], parameters: Parameters) {
    this.#arena = tape.arena;
    this.#made = producers(tape.graph.records);
    // What is measured in full first, so that the sizes that some sites want of the same tensors are there already.
    for (const site of sites) this.#sums(site.output, 'grad');
    for (const site of sites) this.#slots.push(this.#prepare(site, tape));
    this.#updates = new Updates(
      tape.arena,
      parameters,
      sites.map((site) => site.parameters),
    );
  }

  afterForward(index: number): void {
    run(this.#afterForward[index]);
    this.companion?.afterForward(index);
  }

  beforeBackward(index: number): void {
    run(this.#beforeBackward[index]);
    this.companion?.beforeBackward(index);
  }

  afterBackward(index: number): void {
    run(this.#afterBackward[index]);
    this.companion?.afterBackward(index);
  }

  /** Keeps a copy of the parameters, so that the update can be measured after it was made. */
  beforeUpdate(): void {
    run(this.#atEnd);
    this.#updates.before();
  }

  /** Norm of the gradient over all parameters at the last `beforeUpdate`. */
  gradNorm(): number {
    return this.#updates.gradNorm();
  }

  /** Every probe at every site, probe by probe; called after the update. */
  read(): Float64Array {
    const sites = this.#slots.length;
    const values = new Float64Array(shelf.length * sites);
    this.#updates.after();
    const { f32, f64 } = this.#arena;
    for (let s = 0; s < sites; s++) {
      const reading = this.#read(s, f32, f64);
      for (let p = 0; p < shelf.length; p++) values[p * sites + s] = shelf[p]!.read(reading);
    }
    return values;
  }

  /**
   * Cosine between the last recorded step's update and the one that the present gradient asks for; to be called after
   * `read`, which leaves the update behind.
   */
  readTurn(): number {
    return this.#updates.turn();
  }

  /** For each site with a time axis: rms of the gradient with respect to each step's hidden state. */
  readTime(): Record<number, Float64Array> {
    const result: Record<number, Float64Array> = {};
    this.#slots.forEach(({ time }, s) => {
      const [tap] = time;
      if (!tap) return;
      result[s] = this.#flow(tap);
    });
    return result;
  }

  /** What sites tell beside the probes: every walk through time, gates, heads, branch and skip. */
  readDetails(): Record<number, SiteDetails> {
    const result: Record<number, SiteDetails> = {};
    this.#slots.forEach(({ time, meters, parts }, s) => {
      if (time.length + meters.length + parts.length === 0) return;
      result[s] = {
        states: Object.fromEntries(time.map((tap) => [tap.name, this.#flow(tap)])),
        meters: Object.fromEntries(meters.map(({ id, values }) => [id, values.slice()])),
        parts: Object.fromEntries(parts.map(({ name, slot }) => [name, rmsAt(this.#arena.f64, slot)])),
      };
    });
    return result;
  }

  /** rms of the gradient with respect to the state at each step. */
  #flow({ steps, slot }: { readonly steps: number; readonly slot: number }): Float64Array {
    const { f64 } = this.#arena;
    return Float64Array.from({ length: steps }, (_, t) => rmsAt(f64, slot + 8 * SUMS * t));
  }

  /** Forgets which units were active: a new window for `dead` starts. */
  startWindow(): void {
    const { kernels } = this.#arena;
    for (const { active, units } of this.#slots) if (active) kernels.fill(units, active, 0);
  }

  #prepare(site: Site, tape: Tape): SiteSlots {
    const arena = this.#arena;
    const { kernels } = arena;
    const output = placeOf(site.output);
    const slots: SiteSlots = {
      activation: this.#sums(site.output, 'data'),
      gradient: this.#sums(site.output, 'grad'),
      preactivation: this.#sums(site.preactivation ?? site.output, 'size'),
      input: this.#sums(site.input, 'grad'),
      saturated: NONE,
      size: output.size,
      ...this.#activity(site),
      time: site.time.map(({ name, record, steps, size, gradient }) => {
        const slot = arena.alloc(8 * SUMS * steps);
        hook(this.#afterBackward, tape.graph.records.indexOf(record), () => {
          for (let t = 0; t < steps; t++) {
            kernels.sizeStats(size, record.keep[gradient]! + 4 * size * t, slot + 8 * SUMS * t);
          }
        });
        return { name, steps, slot };
      }),
      meters: site.meters.map(({ id, labels, record, read }) => {
        const values = new Float64Array(labels.length);
        hook(this.#afterForward, tape.graph.records.indexOf(record), () => read(kernels, values));
        return { id, values };
      }),
      parts: Object.entries(site.parts).map(([name, tensor]) => ({ name, slot: this.#sums(tensor, 'size') })),
    };
    const range = site.activation && saturationOf(site.activation);
    const producer = this.#made.get(ownerOf(site.output));
    if (range && producer !== undefined) {
      hook(this.#afterForward, producer, () => {
        slots.saturated = kernels.countOutside(output.size, output.data, range.low, range.high);
      });
    }
    return slots;
  }

  /**
   * Address of the sums of a tensor's numbers or gradient, measured once however many sites share it. `size` is the
   * gradient of which only the root mean square is wanted.
   */
  #sums(tensor: Tensor, what: 'data' | 'grad' | 'size'): number {
    const owner = ownerOf(tensor);
    const known = this.#measured.get(owner) ?? { data: 0, grad: 0, size: 0 };
    this.#measured.set(owner, known);
    if (what === 'size' && known.grad) return known.grad;
    if (known[what]) return known[what];
    const { size, data, grad } = placeOf(owner);
    const address = what === 'data' ? data : grad;
    if (!address || owner.dtype !== 'f32') return 0;
    const { kernels } = this.#arena;
    const slot = this.#arena.alloc(8 * SUMS);
    known[what] = slot;
    const measure =
      what === 'size'
        ? () => kernels.sizeStats(size, address, slot)
        : () => kernels.stats(size, address, slot);
    const producer = this.#made.get(owner);
    if (producer === undefined) this.#atEnd.push(measure);
    else hook(what === 'data' ? this.#afterForward : this.#beforeBackward, producer, measure);
    return slot;
  }

  /** Marks units that were above 0 at least once, where the activation lets units die. */
  #activity(site: Site): { active: number; units: number } {
    const producer = this.#made.get(ownerOf(site.output));
    if (!site.activation || !activations[site.activation.fn]?.dies || producer === undefined) {
      return { active: 0, units: 0 };
    }
    const { kernels } = this.#arena;
    const { data, shape } = placeOf(site.output);
    const image = shape.length > 3;
    const { rows, columns } = rowsAndColumns(shape);
    const { samples, channels, inner } = channelAxes(shape);
    const units = image ? channels : columns;
    const active = this.#arena.alloc(4 * units);
    kernels.fill(units, active, 0);
    hook(this.#afterForward, producer, () => {
      if (image) kernels.channelActivity(samples, channels, inner, data, 0, active);
      else kernels.columnActivity(rows, columns, data, 0, active);
    });
    return { active, units };
  }

  #read(site: number, f32: Float32Array, f64: Float64Array): Reading {
    const slots = this.#slots[site]!;
    const reading = this.#reading;
    readSums(f64, slots.activation, reading.activation);
    readSums(f64, slots.gradient, reading.gradient);
    readSums(f64, slots.preactivation, reading.preactivationGradient);
    readSums(f64, slots.input, reading.inputGradient);
    reading.saturated = slots.saturated === NONE ? NaN : slots.saturated / slots.size;
    reading.dead = NaN;
    if (slots.active) {
      let alive = 0;
      for (let unit = 0; unit < slots.units; unit++) if (f32[(slots.active >> 2) + unit] !== 0) alive++;
      reading.dead = 1 - alive / slots.units;
    }
    this.#updates.read(site, f64, reading.parameters);
    return reading;
  }
}

/** Root mean square over the finite numbers whose sums lie at `slot`; NaN where nothing was measured. */
function rmsAt(f64: Float64Array, slot: number): number {
  if (slot === 0) return NaN;
  const at = slot >> 3;
  return Math.sqrt(f64[at + 2]! / Math.max(1, f64[at]! - f64[at + 6]!));
}

function saturationOf({
  fn,
  options,
}: NonNullable<Site['activation']>): { low: number; high: number } | null {
  const { activation, options: parsed } = readActivation(activations, { fn, ...options });
  return activation.saturation?.(parsed as never) ?? null;
}

function hook(hooks: Hooks, index: number, action: () => void): void {
  while (hooks.length <= index) hooks.push(null); // no holes: they are read at every op
  const list = hooks[index];
  if (list) list.push(action);
  else hooks[index] = [action];
}

function run(actions: readonly (() => void)[] | null | undefined): void {
  if (actions) for (let i = 0; i < actions.length; i++) actions[i]!();
}

function readSums(f64: Float64Array, slot: number, sums: Sums): void {
  if (slot === 0) {
    sums.count = 0;
    return;
  }
  const at = slot >> 3;
  sums.count = f64[at]!;
  sums.sum = f64[at + 1]!;
  sums.sumSquares = f64[at + 2]!;
  sums.min = f64[at + 3]!;
  sums.max = f64[at + 4]!;
  sums.zeros = f64[at + 5]!;
  sums.nonFinite = f64[at + 6]!;
  sums.sumAbs = f64[at + 7]!;
}

function emptyReading(): Reading {
  const sums = (): Sums => ({
    count: 0,
    sum: 0,
    sumSquares: 0,
    min: 0,
    max: 0,
    zeros: 0,
    nonFinite: 0,
    sumAbs: 0,
  });
  return {
    activation: sums(),
    gradient: sums(),
    preactivationGradient: sums(),
    inputGradient: sums(),
    saturated: NaN,
    dead: NaN,
    parameters: { count: 0, norm: 0, gradNorm: 0, updateNorm: 0 },
  };
}

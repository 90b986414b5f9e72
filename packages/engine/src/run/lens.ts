import { producers } from '../core/graph.js';
import { sizeOf, type Shape } from '../core/shape.js';
import type { Site } from '../core/site.js';
import { placeOf, type Watch } from '../core/tape.js';
import { ownerOf, type Tensor } from '../core/tensor.js';
import type { Run } from './run.js';

/** Bins of a histogram over magnitudes: factor 4 each, then zeros, then NaN and infinities; see `logBins`. */
const LOG_BINS = 66;

/** What the bins of a histogram over magnitudes mean: bin b holds 4^(b + first) ≤ |x| < 4^(b + first + 1). */
export const logBins = { count: 64, first: -54, zeros: 64, nonFinite: 65 } as const;

/** How one site's numbers are spread, over the whole batch. */
export interface SiteSpread {
  /** Counts in equal parts of [low, high], the finite range of the outputs. */
  readonly activation: { readonly low: number; readonly high: number; readonly counts: Uint32Array };
  /** Counts by magnitude (`logBins`) of the gradient with respect to the outputs; null where none flows. */
  readonly gradient: Uint32Array | null;
  /** Counts by magnitude of the site's own parameters; null where it has none. */
  readonly parameters: Uint32Array | null;
}

/** The raw numbers of one sample at one site, and of the network's input. */
export interface SitePicture {
  readonly site: number;
  readonly shape: Shape;
  readonly activation: Float32Array;
  readonly gradient: Float32Array | null;
  readonly input: {
    readonly shape: Shape;
    readonly values: Float32Array;
    readonly gradient: Float32Array | null;
  };
}

/**
 * A close look at a step that is recorded anyway: histograms of every site and, for one site, the first sample's
 * numbers themselves. Give it to `recorder.companion` for the next record, and take what it saw afterwards.
 *
 * It allocates nothing that stays, and changes nothing: the run's numbers are the same with and without it.
 */
export class Lens implements Watch {
  /** The site whose raw numbers are wanted, or null. */
  focus: number | null = null;
  readonly spreads: SiteSpread[] = [];
  picture: SitePicture | null = null;
  readonly #run: Run;
  readonly #bins: number;
  readonly #atForward = new Map<number, number[]>();

  constructor(run: Run, bins = 40) {
    this.#run = run;
    this.#bins = bins;
    const made = producers(run.tape.graph.records);
    run.sites.forEach((site, s) => {
      const producer = made.get(ownerOf(site.output));
      if (producer === undefined) return;
      const list = this.#atForward.get(producer);
      if (list) list.push(s);
      else this.#atForward.set(producer, [s]);
    });
  }

  afterForward(index: number): void {
    for (const s of this.#atForward.get(index) ?? []) {
      const site = this.#run.sites[s]!;
      this.spreads[s] = {
        activation: this.#linear(site.output),
        gradient: null,
        parameters: this.#parameters(site),
      };
      if (s === this.focus) this.#take(site, s);
    }
  }

  beforeBackward(index: number): void {
    for (const s of this.#atForward.get(index) ?? []) {
      const { output } = this.#run.sites[s]!;
      const { grad, size } = placeOf(output);
      const spread = this.spreads[s];
      if (!grad || !spread) continue;
      this.spreads[s] = { ...spread, gradient: this.#magnitudes([{ size, address: grad }]) };
      if (s === this.focus && this.picture) {
        this.picture = { ...this.picture, gradient: this.#sample(output, grad) };
      }
    }
  }

  afterBackward(index: number): void {
    if (index !== 0 || !this.picture) return;
    const { input } = this.#run.network;
    const { grad } = placeOf(input);
    if (!grad) return;
    const known = this.picture.input;
    this.picture = { ...this.picture, input: { ...known, gradient: this.#sample(input, grad) } };
  }

  #take(site: Site, s: number): void {
    const { network, arena } = this.#run;
    const { input } = network;
    const shape = input.shape.slice(1);
    const values =
      input.dtype === 'f32'
        ? this.#sample(input, placeOf(input).data)
        : Float32Array.from(arena.readInts(placeOf(input).data, sizeOf(shape)));
    this.picture = {
      site: s,
      shape: site.output.shape.slice(1),
      activation: this.#sample(site.output, placeOf(site.output).data),
      gradient: null,
      input: { shape, values, gradient: null },
    };
  }

  /** The first sample of a batch-first tensor. */
  #sample(tensor: Tensor, address: number): Float32Array {
    return this.#run.arena.read(address, sizeOf(tensor.shape.slice(1)));
  }

  #parameters({ parameters }: Site): Uint32Array | null {
    if (parameters.length === 0) return null;
    return this.#magnitudes(
      parameters.map((path) => {
        const { tensor } = this.#run.parameters.get(path)!;
        return { size: sizeOf(tensor.shape), address: tensor.data };
      }),
    );
  }

  #magnitudes(parts: readonly { readonly size: number; readonly address: number }[]): Uint32Array {
    const { arena } = this.#run;
    const total = new Uint32Array(LOG_BINS);
    const mark = arena.mark();
    const out = arena.alloc(4 * LOG_BINS);
    for (const { size, address } of parts) {
      arena.kernels.histogramLog(size, address, out);
      const counts = arena.readInts(out, LOG_BINS);
      for (let bin = 0; bin < LOG_BINS; bin++) total[bin] = total[bin]! + counts[bin]!;
    }
    arena.release(mark);
    return total;
  }

  #linear(tensor: Tensor): SiteSpread['activation'] {
    const { arena } = this.#run;
    const { data, size } = placeOf(tensor);
    const mark = arena.mark();
    const sums = arena.alloc(64);
    const out = arena.alloc(4 * this.#bins);
    arena.kernels.stats(size, data, sums);
    let [low, high] = [arena.f64[(sums >> 3) + 3]!, arena.f64[(sums >> 3) + 4]!];
    if (!(low <= high)) [low, high] = [0, 0]; // not one finite number
    // All alike (a dead layer): a bin of some width around the value.
    const width = high > low ? 0 : Math.max(Math.abs(low) * 1e-3, 1e-6);
    [low, high] = [Math.fround(low - width), Math.fround(high + width)];
    arena.kernels.histogramLinear(size, data, low, high, this.#bins, out);
    const counts = new Uint32Array(arena.readInts(out, this.#bins));
    arena.release(mark);
    return { low, high, counts };
  }
}

import type { Kernels } from '@fuga/core-wasm';
import { EngineError } from './errors.js';

const ALIGN = 64; // a cache line; SIMD loads never straddle two
const PAGE = 65536;
const MOST_STRIDE = 64 * 2 ** 20;
/** wasm32 addresses 4 GiB; the last page stays free so that no pointer wraps. */
export const MAX_BYTES = 65535 * PAGE;

/**
 * The one place where tensors live: a bump allocator over the kernels' memory.
 *
 * Nothing is freed one by one: `mark` and `release` give back everything allocated in between. Growing the
 * memory detaches every typed array over it, so views are made anew by the getters and never kept.
 */
export class Arena {
  readonly kernels: Kernels;
  #top: number;
  #f32: Float32Array;
  #f64: Float64Array;
  #i32: Int32Array;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.#top = align(kernels.heapBase);
    this.#f32 = new Float32Array(kernels.memory.buffer);
    this.#f64 = new Float64Array(kernels.memory.buffer);
    this.#i32 = new Int32Array(kernels.memory.buffer);
  }

  /** Bytes in use, kernels' own data included. */
  get bytes(): number {
    return this.#top;
  }

  /** Reserves `bytes` (zero where the memory was never used before) and returns their address. */
  alloc(bytes: number): number {
    const address = this.#top;
    const end = align(address + bytes);
    if (end > MAX_BYTES) {
      throw new EngineError(
        'MEMORY',
        `the run needs ${showBytes(end)}, WebAssembly addresses ${showBytes(MAX_BYTES)}; use fewer or narrower layers or a smaller batch`,
      );
    }
    const missing = end - this.kernels.memory.buffer.byteLength;
    if (missing > 0) {
      // In large strides: every growth replaces the buffer and all views over it. Pages never touched cost nothing.
      const stride = Math.min(
        this.kernels.memory.buffer.byteLength / 4,
        MOST_STRIDE,
        MAX_BYTES - (end - missing),
      );
      try {
        this.kernels.memory.grow(Math.ceil(Math.max(missing, stride) / PAGE));
      } catch {
        throw new EngineError(
          'MEMORY',
          `the machine refused ${showBytes(end)} of memory; use a smaller network or batch`,
        );
      }
      this.#refresh();
    }
    this.#top = end;
    return address;
  }

  mark(): number {
    return this.#top;
  }

  release(mark: number): void {
    this.#top = mark;
  }

  /** All of the memory as float32; index = address / 4. */
  get f32(): Float32Array {
    if (this.#f32.buffer !== this.kernels.memory.buffer) this.#refresh();
    return this.#f32;
  }

  /** All of the memory as float64; index = address / 8. */
  get f64(): Float64Array {
    if (this.#f64.buffer !== this.kernels.memory.buffer) this.#refresh();
    return this.#f64;
  }

  /** All of the memory as int32; index = address / 4. */
  get i32(): Int32Array {
    if (this.#i32.buffer !== this.kernels.memory.buffer) this.#refresh();
    return this.#i32;
  }

  /** A copy of `length` floats at `address`. */
  read(address: number, length: number): Float32Array {
    return this.f32.slice(address >> 2, (address >> 2) + length);
  }

  /** A copy of `length` integers at `address`. */
  readInts(address: number, length: number): Int32Array {
    return this.i32.slice(address >> 2, (address >> 2) + length);
  }

  /** Copies numbers into the memory at `address`. */
  write(address: number, values: Float32Array | Int32Array): void {
    if (values instanceof Float32Array) this.f32.set(values, address >> 2);
    else this.i32.set(values, address >> 2);
  }

  #refresh(): void {
    const { buffer } = this.kernels.memory;
    this.#f32 = new Float32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.#i32 = new Int32Array(buffer);
  }
}

/** The next address at or after `address` that starts a cache line. */
export function align(address: number): number {
  return Math.ceil(address / ALIGN) * ALIGN;
}

/** `1.5 GiB`, `320 KiB`: memory as messages print it. */
export function showBytes(bytes: number): string {
  if (bytes >= 2 ** 30) return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  if (bytes >= 2 ** 20) return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return `${Math.ceil(bytes / 1024)} KiB`;
}

import { compile, enableRelaxedSimd } from '#read';
// The types of all kernels come from the declarations that `asc --bindings raw` writes beside simd.wasm when the
// package is built (build.mjs): a kernel added in assembly/ is typed here by itself. Nothing of that file is run.
import type { instantiate } from '../build/simd.js';

type Exports = Awaited<ReturnType<typeof instantiate>>;

/** The two builds of the same source: `relaxed` fuses multiply and add, `simd` gives the same bits on any machine. */
export type Variant = 'relaxed' | 'simd';

/** One instance of the module: every exported kernel, its memory, and what is known about it. */
export type Kernels = Readonly<Omit<Exports, 'heapBase' | 'memory'>> & {
  readonly variant: Variant;
  /** Its buffer is replaced when the memory grows: make views anew after every `grow`. */
  readonly memory: WebAssembly.Memory;
  /** The first byte that is the caller's, a multiple of 64. */
  readonly heapBase: number;
};

export interface LoadOptions {
  /** Take the build whose results are the same bit for bit on every machine. */
  readonly exact?: boolean;
  /** Take this build, whatever the machine prefers. */
  readonly variant?: Variant;
}

// (func (result v128) (f32x4.relaxed_madd (i8x16.splat (i32.const 0)) …)), and the same with one i8x16.splat.
const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 10];
const splat = [0x41, 0, 0xfd, 0x0f];
const relaxedProbe = new Uint8Array([
  ...head,
  ...[19, 1, 17, 0],
  ...splat,
  ...splat,
  ...splat,
  ...[0xfd, 0x85, 0x02, 0x0b],
]);
const simdProbe = new Uint8Array([...head, ...[8, 1, 6, 0], ...splat, 0x0b]);

/** The fastest variant this machine runs. */
async function preferredVariant(): Promise<Variant> {
  if (WebAssembly.validate(relaxedProbe)) return 'relaxed';
  await enableRelaxedSimd();
  return WebAssembly.validate(relaxedProbe) ? 'relaxed' : 'simd';
}

// The URLs are literals so that bundlers find the files.
const urls: Record<Variant, () => URL> = {
  relaxed: () => new URL('../build/relaxed.wasm', import.meta.url),
  simd: () => new URL('../build/simd.wasm', import.meta.url),
};

/** Compiled once in a process; every instance after the first costs well under a millisecond. */
const modules = new Map<Variant, Promise<WebAssembly.Module>>();

function moduleOf(variant: Variant): Promise<WebAssembly.Module> {
  let module = modules.get(variant);
  if (!module) {
    module = compile(urls[variant]());
    modules.set(variant, module);
    module.catch(() => modules.delete(variant));
  }
  return module;
}

/**
 * Gives a new instance of the kernels with a memory of its own.
 *
 * Errors: when the machine has no WebAssembly SIMD, with the browsers that have it.
 *
 * @example
 * const kernels = await loadKernels({ exact: true });
 * const x = kernels.heapBase;
 * new Float32Array(kernels.memory.buffer, x, 3).set([1, 2, 3]);
 * kernels.sum(3, x); // 6
 */
export async function loadKernels(options: LoadOptions = {}): Promise<Kernels> {
  if (!WebAssembly.validate(simdProbe)) {
    throw new Error(
      'This machine cannot run WebAssembly SIMD; it needs Chrome or Edge 91, Firefox 89, Safari 16.4 or Node 16.4, or later.',
    );
  }
  const preferred = options.variant === 'simd' || options.exact ? 'simd' : await preferredVariant();
  const variant = options.variant ?? preferred;
  if (variant === 'relaxed' && preferred === 'simd') {
    throw new Error('This machine cannot run WebAssembly relaxed SIMD; load the variant "simd".');
  }
  const instance = await WebAssembly.instantiate(await moduleOf(variant));
  // The module was compiled from the source these types were generated from.
  const exports = instance.exports as unknown as Exports;
  return {
    ...exports,
    variant,
    memory: exports.memory,
    heapBase: Math.ceil(exports.heapBase() / 64) * 64,
  };
}

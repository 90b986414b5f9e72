/**
 * Random streams by path.
 *
 * Numbers are counter-based (Philox4x32-10, in the kernels): the n-th number of the stream named by (seed, path)
 * is a pure function of n. So adding a layer changes no other layer's weights, two networks that differ in one
 * place are paired everywhere else, and the count of workers cannot matter.
 */
export interface Stream {
  /** The seed's two words. */
  readonly key: readonly [number, number];
  /** The path's two words. */
  readonly stream: readonly [number, number];
}

/** The stream of `path` under `seed`. */
export function streamOf(seed: number, path: string): Stream {
  return { key: [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0], stream: hashPath(path) };
}

/** Two independent FNV-1a hashes of the path's characters, each finished by murmur3's mixer. */
export function hashPath(path: string): readonly [number, number] {
  let a = 0x811c9dc5; // FNV offset basis
  let b = 0x9e3779b9; // 2³² / golden ratio: any other start gives another hash
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x01000193);
  }
  return [mix(a), mix(b)];
}

/** murmur3's 32-bit finalizer: spreads every input bit over all output bits. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

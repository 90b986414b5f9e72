import { readFile } from 'node:fs/promises';

/** Compiles the WebAssembly file at a file: URL. */
export async function compile(url: URL): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(url));
}

/**
 * Node 20 has relaxed SIMD behind a V8 flag, which works from here on, in later workers too. Asked for only after a
 * failed probe: newer versions have it on, and complain about the flag.
 */
export async function enableRelaxedSimd(): Promise<void> {
  const v8 = await import('node:v8');
  v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
}

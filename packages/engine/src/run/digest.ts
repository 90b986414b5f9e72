import { sizeOf } from '../core/shape.js';
import type { Run } from './run.js';

/**
 * SHA-256, in hexadecimal, over all that must be equal wherever a run is repeated with exact kernels: every
 * parameter's bytes, every loss, and every number of every record. Not over time, which differs.
 */
export async function digest(run: Run): Promise<string> {
  const { arena, parameters, trace } = run;
  const parts: Uint8Array[] = [];
  const add = ({ buffer, byteOffset, byteLength }: Float32Array | Float64Array) => {
    parts.push(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
  };
  for (const { tensor } of parameters.all) add(arena.read(tensor.data, sizeOf(tensor.shape)));
  add(Float64Array.from(trace.losses));
  for (const { step, loss, lr, gradNorm, values } of trace.records) {
    add(Float64Array.of(step, loss, lr, gradNorm));
    add(values);
  }
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const hash = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

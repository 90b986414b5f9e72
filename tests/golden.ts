import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the golden values: PyTorch's results in float64, rounded to float32, with tolerances. */
export const goldenFolder =
  process.env['FUGA_GOLDEN'] ?? join(dirname(fileURLToPath(import.meta.url)), 'golden');

/** A tensor of a golden file. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** One case of one op, as `ops/manifest.json` describes it. */
export interface GoldenCase {
  readonly id: string;
  readonly op: string;
  readonly tier: 'core' | 'extended' | 'importer';
  readonly file: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  readonly params: readonly string[];
  readonly upstream: readonly string[];
  readonly outputs: readonly string[];
  readonly state: readonly string[];
  readonly grads: readonly string[];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly tol: Readonly<Record<string, { readonly atol: number }>>;
  readonly note?: string;
}

/** All cases of the manifest. */
export function goldenCases(): readonly GoldenCase[] {
  const manifest = join(goldenFolder, 'ops', 'manifest.json');
  if (!existsSync(manifest))
    throw new Error(`no golden values at ${manifest}; set FUGA_GOLDEN to their folder`);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { cases: GoldenCase[] }).cases;
}

const files = new Map<string, Map<string, GoldenTensor>>();

/** The tensor `name` of a case: `<id>.<name>` in its file. */
export function goldenTensor(file: string, id: string, name: string): GoldenTensor {
  let tensors = files.get(file);
  if (!tensors) {
    tensors = readSafetensors(join(goldenFolder, 'ops', file));
    files.set(file, tensors);
  }
  const tensor = tensors.get(`${id}.${name}`);
  if (!tensor) throw new Error(`${file} has no tensor ${id}.${name}`);
  return tensor;
}

/** Reads a safetensors file: 8 bytes of header length, a JSON header, the tensors' bytes. Booleans become int32. */
export function readSafetensors(path: string): Map<string, GoldenTensor> {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString('utf8')) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, GoldenTensor>();
  for (const [name, { dtype, shape, data_offsets: range }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const raw = bytes.subarray(8 + headerLength + range[0], 8 + headerLength + range[1]);
    const copy = new Uint8Array(raw).buffer;
    const data =
      dtype === 'F32'
        ? new Float32Array(copy)
        : dtype === 'I32'
          ? new Int32Array(copy)
          : Int32Array.from(raw);
    tensors.set(name, { shape, data });
  }
  return tensors;
}

/** Fails unless every entry is within `atol` of the reference; the message names the worst entry. */
export function expectWithin(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  atol: number,
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${name}: ${actual.length} numbers, expected ${expected.length}`);
  }
  let [worst, at] = [0, -1];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    const same = Object.is(actual[i], expected[i]) || actual[i] === expected[i];
    if (!same && !(difference <= worst)) [worst, at] = [difference, i];
  }
  if (at >= 0 && !(worst <= atol)) {
    throw new Error(
      `${name}[${at}]: ${actual[at]}, expected ${expected[at]}: off by ${worst}, tolerance ${atol}`,
    );
  }
}

import { EngineError } from '../../core/errors.js';
import { sizeOf } from '../../core/shape.js';

/** Weights by name, `layer/kernel`, as Keras stores them: channels last. */
export interface KerasWeights {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

interface ManifestEntry {
  readonly name?: unknown;
  readonly shape?: unknown;
  readonly dtype?: unknown;
  readonly quantization?: { readonly min?: unknown; readonly scale?: unknown; readonly dtype?: unknown };
}

const widths: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  uint8: 1,
  uint16: 2,
  float16: 2,
  bool: 1,
};

/**
 * Reads the weights of a tfjs layers model: the manifest says what lies one after the other in each group's shards.
 * Quantised numbers are q · scale + min. `shards` are the files given, by the manifest's paths; nothing else is read.
 */
export function readTfjsWeights(
  manifest: unknown,
  shards: ReadonlyMap<string, Uint8Array>,
): Map<string, KerasWeights> {
  if (!Array.isArray(manifest)) fail('its weights manifest is no list');
  const weights = new Map<string, KerasWeights>();
  for (const group of manifest as { paths?: unknown; weights?: unknown }[]) {
    if (!Array.isArray(group.paths) || !Array.isArray(group.weights))
      fail('a group of its manifest has no paths or weights');
    const bytes = joined(
      (group.paths as unknown[]).map((path) => {
        const shard = shards.get(String(path));
        if (!shard)
          fail(
            `its weights are in "${String(path)}", which was not given; open the model together with that file`,
          );
        return shard;
      }),
    );
    let at = 0;
    for (const entry of group.weights as ManifestEntry[]) {
      const { name, size, shape, stored, width } = describe(entry);
      if (at + size * width > bytes.length) fail(`the weight "${name}" lies past the end of its shards`);
      const part = bytes.slice(at, at + size * width);
      at += size * width;
      weights.set(name, { shape, data: decode(part, stored, entry) });
    }
  }
  return weights;
}

function describe(entry: ManifestEntry): {
  name: string;
  shape: number[];
  size: number;
  stored: string;
  width: number;
} {
  const { name, shape, dtype, quantization } = entry;
  if (typeof name !== 'string' || !Array.isArray(shape))
    fail('an entry of its manifest has no name or no shape');
  const stored = String(quantization?.dtype ?? dtype);
  const width = Object.hasOwn(widths, stored)
    ? widths[stored]!
    : fail(`the weight "${name}" is stored as ${stored}`);
  const lengths = shape as number[];
  const size = sizeOf(lengths);
  if (!lengths.every((length) => Number.isInteger(length) && length >= 0) || size > 2 ** 30)
    fail(`the weight "${name}" has an impossible shape`);
  return { name, shape: lengths, size, stored, width };
}

function decode(part: Uint8Array, stored: string, { quantization }: ManifestEntry): Float32Array {
  const numbers =
    stored === 'uint8' || stored === 'bool'
      ? part
      : stored === 'uint16'
        ? new Uint16Array(part.buffer)
        : stored === 'int32'
          ? new Int32Array(part.buffer)
          : stored === 'float32'
            ? new Float32Array(part.buffer)
            : fail(`weights stored as ${stored} are not read`);
  if (!quantization) return Float32Array.from(numbers);
  const [min, scale] = [Number(quantization.min), Number(quantization.scale)];
  return Float32Array.from(numbers, (value) => value * scale + min);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function fail(what: string): never {
  throw new EngineError('FORMAT', `the Keras model cannot be read: ${what}`);
}

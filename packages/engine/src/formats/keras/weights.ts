import { EngineError } from '../../core/errors.js';
import { sizeOf } from '../../core/shape.js';

/** A weight as Keras stores it: channels last. */
export interface StoredWeight {
  /** What messages call it: its file and its name there. */
  readonly place: string;
  readonly shape: readonly number[];
  /** Its numbers; read once, when its shape is known to be right. */
  readonly read: () => Float32Array;
}

/** Where a model's weights come from. */
export interface WeightSource {
  /**
   * The weight `name` (`kernel`) of a layer, the `index`-th that Keras gives it. `owner` is the layer's name, behind
   * those of the models it is in.
   *
   * Errors: `FORMAT` where there is none.
   */
  find(owner: string, name: string, index: number): StoredWeight;
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
export function readTfjsWeights(manifest: unknown, shards: ReadonlyMap<string, Uint8Array>): WeightSource {
  if (!Array.isArray(manifest)) fail('its weights manifest is no list');
  const weights = new Map<string, StoredWeight>();
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
      const data = decode(part, stored, entry);
      weights.set(name, { place: `the weight "${name}"`, shape, read: () => data });
    }
  }
  return {
    find: (owner, name) => {
      const path = `${owner}/${name}`;
      const found = weights.get(path);
      if (found) return found;
      // Newer files put the layer's path before the name.
      for (const [key, weight] of weights) if (key.endsWith(`/${path}`)) return weight;
      return fail(`it has no weight "${path}"`);
    },
  };
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

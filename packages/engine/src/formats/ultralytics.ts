import { EngineError } from '../core/errors.js';
import type { LayerSpec } from '../core/layer.js';

/** A network of ours from a model file in Ultralytics' syntax. */
export interface UltralyticsModel {
  readonly network: readonly LayerSpec[];
  /** Classes that the head predicts. */
  readonly classes: number;
  readonly task: 'detect' | 'classify';
  /** The scale that was taken, or null where the file has none. */
  readonly scale: string | null;
}

/** One row of `backbone` or `head`: [from, number, module, args]. */
interface Row {
  readonly from: readonly number[];
  readonly times: number;
  readonly module: string;
  readonly args: readonly unknown[];
  /** Place in the file, for messages. */
  readonly path: readonly (string | number)[];
}

const MAX_ROWS = 1000;
const MAX_REPEATS = 1000;
const MAX_CHANNELS = 65_536;

/** Whether a parsed YAML file is a model in this syntax. */
export function isUltralytics(file: unknown): boolean {
  return isObject(file) && Array.isArray(file['backbone']) && Array.isArray(file['head']);
}

/**
 * Turns a parsed model file (`yolov8.yaml`, `yolo11.yaml`) into layers of ours: depth multiplies repeats, width
 * channels, both by the chosen scale (`n`, `s`, …; default: the first).
 *
 * Where a module splits its channels in halves, two convolutions by 1 × 1 give the halves: the same function with the
 * same number of weights.
 *
 * Errors: `SPEC` with the row where the file is wrong; `UNSUPPORTED` for a module that is not known.
 */
export function readUltralytics(
  file: unknown,
  options: { readonly scale?: string; readonly classes?: number; readonly channels?: number } = {},
): UltralyticsModel {
  if (!isObject(file)) throw new EngineError('SPEC', 'expected a mapping with backbone and head');
  const { depth, width, most, scale } = scaleOf(file, options.scale);
  const classes = options.classes ?? whole(file['nc'], ['nc'], 1, MAX_CHANNELS);
  const activation = activationOf(file['activation']);
  const rows = [...rowsOf(file, 'backbone'), ...rowsOf(file, 'head')];
  const builder = new Builder(activation, options.channels ?? 3);
  const network: LayerSpec[] = [];
  let task: UltralyticsModel['task'] = 'detect';
  rows.forEach((row, index) => {
    const times = row.times > 1 ? Math.max(1, Math.round(row.times * depth)) : row.times;
    const scaled = (value: unknown) =>
      divisible(Math.min(whole(value, row.path, 1, MAX_CHANNELS), most) * width);
    if (row.module === 'Classify') task = 'classify';
    network.push(builder.add(row, index, times, scaled, classes));
  });
  return { network, classes, task, scale };
}

/** Builds the layers, keeping count of the channels each row gives. */
class Builder {
  readonly #channels: number[] = [];
  readonly #activation: string;
  readonly #input: number;

  constructor(activation: string, input: number) {
    this.#activation = activation;
    this.#input = input;
  }

  add(
    row: Row,
    index: number,
    times: number,
    scaled: (value: unknown) => number,
    classes: number,
  ): LayerSpec {
    const sources = row.from.map((from) => (from < 0 ? index + from : from));
    for (const source of sources) {
      if (source < -1 || source >= index)
        throw new EngineError('SPEC', `row ${index} reads row ${source}, which is not before it`, row.path);
    }
    const inputs = sources.map((source) => (source < 0 ? 'input' : `row${source}`));
    const from = sources.map((source) => (source < 0 ? this.#input : this.#channels[source]!));
    const [C] = from as [number];
    const { args, module, path } = row;
    const number = (at: number, fallback: number) =>
      args[at] === undefined || args[at] === null ? fallback : whole(args[at], path, 0, MAX_CHANNELS);
    const flag = (at: number, fallback: boolean) => (typeof args[at] === 'boolean' ? args[at] : fallback);
    const make = (body: readonly LayerSpec[], out: number): LayerSpec => {
      this.#channels.push(out);
      return { type: 'block', id: `row${index}`, inputs, body };
    };
    const repeated = (one: (inputs: number) => LayerSpec[], out: number) =>
      Array.from({ length: times }, (_, i) => one(i === 0 ? C : out)).flat();
    switch (module) {
      case 'Conv': {
        const out = scaled(args[0]);
        return make(
          repeated(() => this.#conv(out, number(1, 1), number(2, 1)), out),
          out,
        );
      }
      case 'DWConv': {
        const out = scaled(args[0]);
        return make(
          repeated((x) => this.#conv(out, number(1, 1), number(2, 1), gcd(x, out)), out),
          out,
        );
      }
      case 'Bottleneck': {
        const out = scaled(args[0]);
        return make(
          repeated((x) => this.#bottleneck(x, out, flag(1, true), 0.5, [3, 3]), out),
          out,
        );
      }
      case 'C2f': {
        const out = scaled(args[0]);
        const half = Math.max(1, Math.floor(out * (typeof args[2] === 'number' ? args[2] : 0.5)));
        return make(
          this.#stages(half, out, times, () => this.#bottleneck(half, half, flag(1, false), 1, [3, 3])),
          out,
        );
      }
      case 'C3k2': {
        const out = scaled(args[0]);
        const half = Math.max(1, Math.floor(out * (typeof args[2] === 'number' ? args[2] : 0.5)));
        const inner = flag(1, false)
          ? () => [this.#block(this.#c3(half, 2, true, [3, 3]))]
          : () => this.#bottleneck(half, half, true, 0.5, [3, 3]);
        return make(this.#stages(half, out, times, inner), out);
      }
      case 'C3': {
        const out = scaled(args[0]);
        return make(this.#c3(out, times, flag(1, true), [1, 3]), out);
      }
      case 'SPPF': {
        const out = scaled(args[0]);
        const pool = { type: 'maxPool2d', kernel: number(1, 5), stride: 1, padding: number(1, 5) >> 1 };
        const body = [
          this.#block(this.#conv(Math.max(1, C >> 1), 1), 'at0'),
          ...[1, 2, 3].map((i) => ({ ...pool, id: `at${i}` })),
          { type: 'concat', inputs: ['at0', 'at1', 'at2', 'at3'] },
          ...this.#conv(out, 1),
        ];
        return make(body, out);
      }
      case 'nn.Upsample': {
        const mode = args[2] === 'bilinear' ? 'bilinear' : 'nearest';
        return make([{ type: 'upsample', scale: number(1, 2), mode }], C);
      }
      case 'nn.MaxPool2d':
        return make(
          [
            {
              type: 'maxPool2d',
              kernel: number(0, 2),
              stride: number(1, number(0, 2)),
              padding: number(2, 0),
            },
          ],
          C,
        );
      case 'Concat': {
        this.#channels.push(from.reduce((sum, channels) => sum + channels, 0));
        return { type: 'concat', id: `row${index}`, inputs };
      }
      case 'Detect': {
        this.#channels.push(0);
        return { type: 'detect', id: `row${index}`, inputs, classes, activation: this.#activation };
      }
      case 'Classify':
        return make(
          [...this.#conv(1280, 1), { type: 'globalAvgPool2d' }, { type: 'dense', out: classes }],
          classes,
        );
      default:
        throw new EngineError(
          'UNSUPPORTED',
          `the module ${module} is not supported; known: Conv, DWConv, Bottleneck, C2f, C3, C3k2, SPPF, nn.Upsample, nn.MaxPool2d, Concat, Detect, Classify. Export the model to ONNX instead`,
          path,
        );
    }
  }

  /** Convolution without a bias, batch norm, activation. */
  #conv(out: number, kernel: number, stride = 1, groups = 1): LayerSpec[] {
    return [
      {
        type: 'conv2d',
        out,
        kernel: Math.max(1, kernel),
        stride: Math.max(1, stride),
        padding: kernel >> 1,
        groups,
        bias: false,
      },
      { type: 'batchNorm', eps: 1e-3, momentum: 0.03 },
      { type: 'activation', fn: this.#activation },
    ];
  }

  #block(body: readonly LayerSpec[], id?: string, inputs?: readonly string[]): LayerSpec {
    return { type: 'block', body, ...(id ? { id } : {}), ...(inputs ? { inputs } : {}) };
  }

  #bottleneck(
    C: number,
    out: number,
    skip: boolean,
    share: number,
    [first, second]: readonly [number, number],
  ): LayerSpec[] {
    const hidden = Math.max(1, Math.floor(out * share));
    const body = [...this.#conv(hidden, first), ...this.#conv(out, second)];
    return skip && C === out ? [{ type: 'residual', body }] : body;
  }

  /** C2f: both halves, and what each stage makes of the one before, joined. */
  #stages(half: number, out: number, times: number, stage: () => LayerSpec[]): LayerSpec[] {
    const names = Array.from({ length: times }, (_, i) => `stage${i}`);
    return [
      this.#block(this.#conv(half, 1), 'first'),
      this.#block(this.#conv(half, 1), 'second', ['input']),
      ...names.map((id, i) => this.#block(stage(), id, [i === 0 ? 'second' : names[i - 1]!])),
      { type: 'concat', inputs: ['first', 'second', ...names] },
      ...this.#conv(out, 1),
    ];
  }

  /** C3: one half through bottlenecks, the other past them. */
  #c3(out: number, times: number, skip: boolean, kernels: readonly [number, number]): LayerSpec[] {
    const half = Math.max(1, out >> 1);
    const through = Array.from({ length: times }, () =>
      this.#bottleneck(half, half, skip, 1, kernels),
    ).flat();
    return [
      this.#block([...this.#conv(half, 1), ...through], 'through'),
      this.#block(this.#conv(half, 1), 'past', ['input']),
      { type: 'concat', inputs: ['through', 'past'] },
      ...this.#conv(out, 1),
    ];
  }
}

function rowsOf(file: Readonly<Record<string, unknown>>, part: 'backbone' | 'head'): Row[] {
  const rows = file[part];
  if (!Array.isArray(rows) || rows.length > MAX_ROWS)
    throw new EngineError('SPEC', `expected a list of at most ${MAX_ROWS} rows`, [part]);
  return Array.from(rows as unknown[], (row, i) => {
    const path = [part, i];
    if (!Array.isArray(row) || row.length < 3)
      throw new EngineError('SPEC', 'expected a row [from, number, module, args]', path);
    const [from, times, module, args] = row as unknown[];
    const list = Array.isArray(from) ? (from as unknown[]) : [from];
    if (list.length === 0 || list.length > 64)
      throw new EngineError('SPEC', 'expected one row to read from, or a list of up to 64', path);
    return {
      from: list.map((each) => whole(each, path, -MAX_ROWS, MAX_ROWS)),
      times: whole(times, path, 1, MAX_REPEATS),
      module: String(module),
      args: Array.isArray(args) ? (args as unknown[]) : [],
      path,
    };
  });
}

/** Depth, width and the most channels, from `scales` or from the older pair of multiples. */
function scaleOf(file: Readonly<Record<string, unknown>>, chosen: string | undefined) {
  const { scales } = file;
  if (isObject(scales)) {
    const names = Object.keys(scales);
    const name = chosen ?? names[0] ?? '';
    const values = Object.hasOwn(scales, name) ? scales[name] : undefined;
    if (!Array.isArray(values))
      throw new EngineError('SPEC', `no scale "${name}"; known: ${names.join(', ')}`, ['scales']);
    return {
      depth: factor(values[0]),
      width: factor(values[1]),
      most: whole(values[2], ['scales', name], 1, MAX_CHANNELS),
      scale: name,
    };
  }
  return {
    depth: factor(file['depth_multiple'] ?? 1),
    width: factor(file['width_multiple'] ?? 1),
    most: MAX_CHANNELS,
    scale: null,
  };
}

function factor(value: unknown): number {
  if (typeof value !== 'number' || !(value > 0) || !(value <= 16))
    throw new EngineError('SPEC', `expected a multiple above 0, got ${String(value)}`, ['scales']);
  return value;
}

function activationOf(value: unknown): string {
  if (value === undefined || value === null) return 'silu';
  const known: Readonly<Record<string, string>> = {
    SiLU: 'silu',
    ReLU: 'relu',
    LeakyReLU: 'leakyRelu',
    GELU: 'gelu',
    Mish: 'mish',
    Hardswish: 'hardSwish',
    ReLU6: 'relu6',
  };
  const name = /^(?:torch\.)?nn\.(\w+)\(/.exec(String(value))?.[1] ?? '';
  if (Object.hasOwn(known, name)) return known[name]!;
  throw new EngineError(
    'UNSUPPORTED',
    `the activation ${String(value)}; known: ${Object.keys(known).join(', ')}`,
    ['activation'],
  );
}

/** The next multiple of 8. */
function divisible(channels: number): number {
  return Math.max(8, Math.ceil(channels / 8) * 8);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function whole(value: unknown, path: readonly (string | number)[], least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new EngineError(
      'SPEC',
      `expected a whole number from ${least} to ${most}, got ${JSON.stringify(value) ?? 'nothing'}`,
      path,
    );
  }
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

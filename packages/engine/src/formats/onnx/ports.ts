import { EngineError } from '../../core/errors.js';
import { type Shape, showShape, sizeOf } from '../../core/shape.js';
import { type Constant, isFloatType, typeName } from './constant.js';
import type { NodeProto, ValueProto } from './proto.js';

/** How a model is read. */
export interface ImportOptions {
  /** Shape of the data's input, batch first; needed where the file leaves axes open. */
  readonly shape?: Shape;
  /** Lengths of named open axes. */
  readonly axes?: Readonly<Record<string, number>>;
  /** Numbers for other inputs (a sampling rate, first states); floats default to zeros. */
  readonly inputs?: Readonly<Record<string, Constant>>;
  /** The input that data flows in by; default: the first that is no initializer and not in `inputs`. */
  readonly input?: string;
  /** The output to train; default: the first. */
  readonly output?: string;
  /** Draw the weights anew instead of taking the file's. */
  readonly reinit?: boolean;
  /** Batch norms exported for inference: as the file says, or with the batch's statistics. */
  readonly batchStatistics?: 'asExported' | 'batch';
  /** Batch size where the file leaves it open. */
  readonly batch?: number;
}

/** What is known of a value at the graph's border. */
export interface Port {
  readonly name: string;
  readonly shape: Shape;
  /** `ids` are integers. */
  readonly kind: 'floats' | 'ids';
  /** For ids: how many rows the table has that they pick from. */
  readonly vocabulary?: number;
}

/** The input that data flows in by; null where the graph has no inputs at all. */
export function choosePort(ports: readonly ValueProto[], options: ImportOptions): ValueProto | null {
  if (ports.length === 0) return null;
  const free = ports.filter(({ name }) => !options.inputs || !Object.hasOwn(options.inputs, name));
  const chosen = options.input === undefined ? free[0] : ports.find(({ name }) => name === options.input);
  if (chosen) return chosen;
  throw new EngineError(
    'FORMAT',
    `the graph has no input ${options.input ? `"${options.input}"` : 'for data'}; its inputs: ${ports.map(({ name }) => name).join(', ') || 'none'}`,
  );
}

/** Shape and kind of an input, open axes bound. */
export function describePort(
  port: ValueProto,
  options: ImportOptions,
  nodes: readonly NodeProto[],
  constants: ReadonlyMap<string, Constant>,
): Port {
  const shape = boundShape(port, options, options.shape);
  checkSize(shape);
  const isIds = !isFloatType(port.elementType) && port.elementType !== 0;
  if (!isIds) return { name: port.name, shape, kind: 'floats' };
  if (port.elementType === 8)
    throw new EngineError('UNSUPPORTED', `the input "${port.name}" is text; networks take numbers or ids`);
  const table = nodes.find((node) => node.opType === 'Gather' && node.inputs[1] === port.name);
  const rows = table && constants.get(table.inputs[0]!)?.shape[table.attributes.get('axis')?.int ?? 0];
  return { name: port.name, shape, kind: 'ids', ...(rows === undefined ? {} : { vocabulary: rows }) };
}

function boundShape(port: ValueProto, options: ImportOptions, given: Shape | undefined): number[] {
  if (given) {
    const fits =
      port.dims === null ||
      (port.dims.length === given.length &&
        port.dims.every((dim, axis) => typeof dim !== 'number' || dim <= 0 || dim === given[axis]));
    if (!fits) {
      const wanted = port.dims!.map((dim) => dim ?? '?').join(', ');
      throw new EngineError(
        'SHAPE',
        `the input "${port.name}" has the shape [${wanted}] in the file, got ${showShape(given)}`,
      );
    }
    return [...given];
  }
  if (port.dims === null)
    throw new EngineError(
      'SHAPE',
      `the file does not say the shape of the input "${port.name}"; give it with --shape`,
    );
  return port.dims.map((dim, axis) => {
    if (typeof dim === 'number' && dim > 0) return dim;
    const named = typeof dim === 'string' && options.axes ? options.axes[dim] : undefined;
    if (named !== undefined) return named;
    if (axis === 0) return options.batch ?? 1;
    const shown = port.dims!.map((length) => length ?? '?').join(', ');
    throw new EngineError(
      'SHAPE',
      `axis ${axis} of the input "${port.name}" [${shown}] is open; give the whole shape with --shape, for example --shape ${port.dims!.map((length, i) => (typeof length === 'number' && length > 0 ? length : i === 0 ? 1 : 64)).join(',')}`,
    );
  });
}

/** Inputs that no data flows in by: numbers that were given, or zeros. */
export function otherInput(port: ValueProto, options: ImportOptions): Constant {
  const given =
    options.inputs && Object.hasOwn(options.inputs, port.name) ? options.inputs[port.name] : undefined;
  if (given) return given;
  if (!isFloatType(port.elementType)) {
    throw new EngineError(
      'UNSUPPORTED',
      `the input "${port.name}" (${typeName(port.elementType)}) has no numbers; give it with --input ${port.name}=…`,
    );
  }
  const shape = boundShape(port, options, undefined);
  checkSize(shape);
  if (sizeOf(shape) > 2 ** 24)
    throw new EngineError('SHAPE', `the input "${port.name}" would be ${showShape(shape)} zeros; give it`);
  return { kind: 'constant', shape, type: 1, data: new Float32Array(sizeOf(shape)), name: null };
}

/** Most numbers in one tensor: 4 GiB of floats is what WebAssembly addresses. */
const MAX_TENSOR = 2 ** 30;

export function checkSize(shape: Shape): void {
  if (shape.length > 32 || !(sizeOf(shape) <= MAX_TENSOR)) {
    throw new EngineError(
      'SHAPE',
      `a tensor of shape ${showShape(shape.slice(0, 32))} does not fit in memory`,
    );
  }
}

import { EngineError } from '../../../core/errors.js';
import type { Shape } from '../../../core/shape.js';
import type { Args } from '../args.js';
import { isConstant, type Value } from '../context.js';
import type { Constant, ExternalFiles } from '../constant.js';
import { nodeName } from '../graph.js';
import type { NodeProto } from '../proto.js';

/** What stands for values in the Python text that is being written. */
export interface Names {
  /** A value as an expression: a local, a parameter or buffer of the module, or (unless `kept`) a literal. */
  tensor(name: string, value: Value, kept?: boolean): string;
  /** A shape as a tuple in which the batch stays open. */
  shape(shape: Shape): string;
  /** Notes that a function of support.ts is called. */
  needs(piece: string): string;
}

/** What a writer sees of a node: attributes, shapes, and its inputs as Python expressions. */
export class PythonNode implements Args {
  readonly node: NodeProto;
  readonly version: number;
  readonly files: ExternalFiles;
  readonly #values: ReadonlyMap<string, Value>;
  readonly #names: Names;

  constructor(
    node: NodeProto,
    version: number,
    files: ExternalFiles,
    values: ReadonlyMap<string, Value>,
    names: Names,
  ) {
    this.node = node;
    this.version = version;
    this.files = files;
    this.#values = values;
    this.#names = names;
  }

  get count(): number {
    return this.node.inputs.length;
  }

  has(input: number): boolean {
    return (this.node.inputs[input] ?? '') !== '';
  }

  value(input: number): Value {
    return this.#values.get(this.node.inputs[input]!)!;
  }

  shape(input: number): Shape {
    return this.value(input).shape;
  }

  /** Shape of an output. */
  made(output = 0): Shape {
    return this.#values.get(this.node.outputs[output]!)!.shape;
  }

  isKnown(input: number): boolean {
    return isConstant(this.value(input));
  }

  constant(input: number): Constant {
    const value = this.value(input);
    return isConstant(value) ? value : this.fail(`input ${input} must be known`);
  }

  charge(): void {
    // What is written was computed when the network was recorded, and counted there.
  }

  /** An input as a Python expression. */
  x(input = 0): string {
    return this.#names.tensor(this.node.inputs[input]!, this.value(input));
  }

  /** An input that the module keeps, and may change, from call to call. */
  kept(input: number): string {
    return this.#names.tensor(this.node.inputs[input]!, this.value(input), true);
  }

  /** An input as an expression, or `None`. */
  optional(input: number): string {
    return this.has(input) ? this.x(input) : 'None';
  }

  shapeText(shape: Shape): string {
    return this.#names.shape(shape);
  }

  /** The name of a function of support.ts. */
  support(piece: string): string {
    return this.#names.needs(piece);
  }

  fail(what: string): never {
    throw new EngineError(
      'UNSUPPORTED',
      `at ${nodeName(this.node)} (${this.node.opType}): ${what} has no words in PyTorch here; export as ONNX instead`,
    );
  }
}

/** The expression of a node's output, or of a tuple of its outputs. */
export type PythonWriter = (c: PythonNode) => string;

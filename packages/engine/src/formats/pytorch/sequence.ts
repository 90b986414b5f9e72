import { EngineError } from '../../core/errors.js';
import { Graph } from '../../core/graph.js';
import type { Layer, LayerSpec } from '../../core/layer.js';
import { Parameters } from '../../core/parameters.js';
import { Scope, type Recording } from '../../core/scope.js';
import { sameShape, type Shape } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import * as layerShelf from '../../layers/index.js';
import * as writers from './layers.js';
import type { WriteLayer } from './plainLayers.js';
import type { BodyText, Branching, LayerPlace, StateKey, Unit, UnitParameter } from './unit.js';

const layers = layerShelf as unknown as Readonly<Record<string, Layer>>;

/** Classes and support pieces that are gathered while a network is written. */
export class Classes {
  readonly #byText = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly texts: string[][] = [];
  readonly needs = new Set<string>();

  /** The name of the class with this text; the same text gets the same name. */
  define(prefix: string, text: (name: string) => readonly string[]): string {
    const key = `${prefix}\n${text('?').join('\n')}`;
    const known = this.#byText.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(prefix) ?? 0) + 1;
    this.#counts.set(prefix, count);
    const name = `${prefix}${count}`;
    this.#byText.set(key, name);
    this.texts.push([...text(name)]);
    return name;
  }
}

/** What a sequence of layers is written with. */
export interface Writing {
  readonly classes: Classes;
  /** Of a parameter by its whole path. */
  readonly branchingOf: (path: string) => { readonly branches: number } & ReturnType<Branching['of']>;
  readonly dtype: 'f32' | 'i32';
}

interface Copy {
  readonly name: string;
  readonly unit: Unit;
}

/** A sequence of layers written, and the shape it gives. */
export interface SequenceText extends BodyText {
  readonly output: Shape;
}

/**
 * Writes a list of layers on an input of `shape` (batch axis included): modules, the lines that turn `x` into the
 * output, the statements that draw the first weights, and where each tensor ends up. Copies of a repeated layer that
 * are alike become a `ModuleList`.
 */
export function writeSequence(
  specs: readonly LayerSpec[],
  input: Shape,
  path: string,
  writing: Writing,
): SequenceText {
  const [init, forward, reset]: string[][] = [[], [], []];
  const keys: StateKey[] = [];
  const shapes = new Map<string, Shape>([['input', input]]);
  const variables = new Map<string, string>([['input', 'first']]);
  const asked = new Set(specs.flatMap(({ inputs }) => inputs ?? []));
  if (asked.has('input')) forward!.push('first = x');
  let shape = input;
  let index = 0;
  for (const spec of specs) {
    const copies = spec.repeat ?? 1;
    for (let copy = 0; copy < copies;) {
      const ids = spec.inputs && copy === 0 ? spec.inputs : null;
      const inputs = ids ? ids.map((id) => shapes.get(id)!) : [shape];
      const names = ids ? ids.map((id) => variables.get(id)!) : ['x'];
      const first = writeOne(spec, inputs, `${path}${index}.${spec.type}`, writing);
      // From a copy that keeps its shape on, all that follow are alike.
      const alike = !ids && sameShape(first.output, shape) ? copies - copy : 1;
      addRun(spec.type, first, alike, index, names, { init: init!, forward: forward!, reset: reset!, keys });
      shape = first.output;
      index += alike;
      copy += alike;
    }
    if (spec.id !== undefined) {
      shapes.set(spec.id, shape);
      if (asked.has(spec.id)) {
        const variable = `at_${spec.id.replace(/\W/g, '_')}`;
        variables.set(spec.id, variable);
        forward!.push(`${variable} = x`);
      }
    }
  }
  return { init: init!, forward: forward!, reset: reset!, keys, output: shape };
}

function addRun(
  type: string,
  { unit }: Copy,
  count: number,
  index: number,
  inputs: readonly string[],
  to: { init: string[]; forward: string[]; reset: string[]; keys: StateKey[] },
): void {
  const attribute = (suffix = '') => `self.${type}${index}${suffix}`;
  const isList = count > 1 && unit.members.length > 0;
  for (const { suffix, make } of unit.members) {
    to.init.push(
      `${attribute(suffix)} = ${isList ? `nn.ModuleList([${make} for _ in range(${count})])` : make}`,
    );
  }
  const local = (suffix = '') => `layer${suffix}`;
  const member = isList ? local : attribute;
  const value = unit.forward(inputs, member);
  const lines = typeof value === 'string' ? [`x = ${value}`] : [...value.lines, `x = ${value.value}`];
  const drawn = unit.reset?.(member) ?? [];
  const loop = (body: readonly string[], also: string): string[] => {
    const locals = unit.members.map(({ suffix }) => local(suffix));
    const lists = unit.members.map(({ suffix }) => attribute(suffix));
    const over = isList ? (lists.length === 1 ? lists[0]! : `zip(${lists.join(', ')})`) : also;
    return [`for ${isList ? locals.join(', ') : '_'} in ${over}:`, ...body.map((line) => `    ${line}`)];
  };
  to.forward.push(...(count > 1 ? loop(lines, `range(${count})`) : lines).filter((line) => line !== 'x = x'));
  if (drawn.length > 0) to.reset.push(...(isList ? loop(drawn, '') : drawn));
  for (let copy = 0; copy < count; copy++) {
    for (const { path, key, suffix, shape } of unit.keys ?? []) {
      const at = `${type}${index}${suffix ?? ''}${isList ? `.${copy}` : ''}`;
      to.keys.push({
        path: `${index + copy}.${type}/${path}`,
        key: `${at}.${key}`,
        ...(shape ? { shape } : {}),
      });
    }
  }
}

/** Records one layer by itself, to learn its shapes and parameters, and writes it. */
function writeOne(
  spec: LayerSpec,
  inputs: readonly Shape[],
  name: string,
  writing: Writing,
): Copy & { readonly output: Shape } {
  const layer = layers[spec.type];
  const write = (writers as unknown as Readonly<Record<string, WriteLayer>>)[spec.type];
  if (!layer || !write)
    throw new EngineError('UNSUPPORTED', `${name}: ${spec.type} cannot be written in PyTorch`);
  const graph = new Graph();
  const parameters = new Parameters();
  const recording: Recording = { graph, parameters, layers, sites: [], mode: 'train' };
  const dtype = spec.type === 'embedding' ? 'i32' : 'f32';
  const tensors: Tensor[] = inputs.map((shape, i) =>
    graph.input(`x${i}`, shape, { dtype, needsGrad: false }),
  );
  const output = layer.forward(tensors, spec, new Scope(recording, name)).shape;
  const own = new Map<string, UnitParameter>();
  const prefix = `${name}/`;
  for (const { path, tensor, fanIn, fanOut } of parameters.all) {
    const rest = path.slice(prefix.length);
    // Parameters of layers within are theirs; names of a layer's own have no further step that starts with a number.
    if (!/^\d+\./.test(rest)) own.set(rest, { shape: tensor.shape, fanIn, fanOut });
  }
  const place: LayerPlace = {
    inputs,
    output,
    parameters: own,
    branching: {
      branches: [...own.keys()].map((each) => writing.branchingOf(prefix + each).branches)[0] ?? 0,
      of: (parameter) => writing.branchingOf(prefix + parameter),
    },
    body: (option) => writeSequence(spec[option] as readonly LayerSpec[], inputs[0]!, prefix, writing),
    define: (kind, text) => writing.classes.define(kind, text),
  };
  const unit = write(spec, place);
  for (const need of unit.needs ?? []) writing.classes.needs.add(need);
  return { name, unit, output };
}

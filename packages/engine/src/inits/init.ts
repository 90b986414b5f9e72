import * as v from 'valibot';
import { EngineError, unknownName, type PathStep } from '../core/errors.js';
import type { About } from '../core/layer.js';
import { parse, real } from '../core/options.js';
import type { Canvas, Fill, Settling } from '../core/parameters.js';

/**
 * How a spec names an init: by its name, with its number (`{ normal: 0.01 }`), or with options
 * (`{ fn: orthogonal, gain: 1.4 }`; `type` is read as `fn`).
 */
export type InitSpec = string | Readonly<Record<string, unknown>>;

/** A way to draw a weight's first values. */
export interface Init {
  readonly id: string;
  readonly about: About;
  /** What the number in `{ id: number }` means; absent where the init takes none but `gain`. */
  readonly parameter?: { readonly name: string; readonly min: number };
  /** Standard deviation of the entries, for the theory; null where the law is not about single entries. */
  readonly std: (fans: { fanIn: number; fanOut: number }, value: number) => number | null;
  /** Fills the weight. `value` is the number given in the spec: the init's parameter, or else its gain (1). */
  readonly fill: (canvas: Canvas, value: number) => void;
  /** Its rule is about the network as a whole: models give it to their output layer too. */
  readonly isWhole?: boolean;
  /** Corrects the weight once the first batch has gone through the op that reads it, layer by layer. */
  readonly settle?: (settling: Settling, value: number) => void;
}

/** The init that `spec` names on `shelf`, and its number. Throws with the nearest name. */
export function readInit(
  shelf: Readonly<Record<string, Init>>,
  spec: InitSpec,
  path: readonly PathStep[] = [],
): { init: Init; value: number } {
  const { name, given } = splitInit(spec, path);
  const init = Object.hasOwn(shelf, name) ? shelf[name] : undefined;
  if (!init) throw new EngineError('SPEC', unknownName('init', name, Object.keys(shelf)), path);
  const { parameter } = init;
  if (given === undefined) {
    if (!parameter) return { init, value: 1 };
    throw new EngineError('SPEC', `init ${name} needs its ${parameter.name}: { ${name}: 0.01 }`, path);
  }
  return { init, value: parse(real(parameter?.min ?? 0), given, [...path, name]) };
}

function splitInit(spec: InitSpec, path: readonly PathStep[]): { name: string; given: unknown } {
  if (typeof spec === 'string') return { name: spec, given: undefined };
  if (typeof spec['fn'] === 'string' || typeof spec['type'] === 'string') {
    const { fn, type, gain, ...rest } = spec;
    const [extra] = Object.keys(rest);
    if (extra !== undefined)
      throw new EngineError('SPEC', `unknown key "${extra}"; known keys: fn, gain`, [...path, extra]);
    return { name: (fn ?? type) as string, given: gain };
  }
  const { gain, ...rest } = spec;
  const names = Object.keys(rest);
  if (names.length !== 1) {
    throw new EngineError(
      'SPEC',
      'expected one init, as heNormal, { normal: 0.01 } or { fn: orthogonal, gain: 1.4 }',
      path,
    );
  }
  return { name: names[0]!, given: gain ?? rest[names[0]!] };
}

/** The function that fills a parameter by `spec`, with what corrects it after the first batch where the init does. */
export function fillBy(shelf: Readonly<Record<string, Init>>, spec: InitSpec): Fill {
  const { init, value } = readInit(shelf, spec);
  const fill = (canvas: Canvas): void => {
    init.fill(canvas, value);
  };
  const { settle } = init;
  if (!settle) return fill;
  return Object.assign(fill, {
    settle: (settling: Settling) => {
      settle(settling, value);
    },
  });
}

/** Schema of an init option; names are checked against the shelf when the network is read. */
export function initSchema() {
  return v.union([v.string(), v.record(v.string(), v.unknown())]) as v.GenericSchema<InitSpec, InitSpec>;
}

/** Draws N(0, std²). */
export function drawNormal({ arena, address, size, stream }: Canvas, std: number): void {
  arena.kernels.randomNormal(size, address, ...stream.key, ...stream.stream, 0, 0, std);
}

/** Draws U(−bound, bound). */
export function drawUniform({ arena, address, size, stream }: Canvas, bound: number): void {
  arena.kernels.randomUniform(size, address, ...stream.key, ...stream.stream, 0, -bound, bound);
}

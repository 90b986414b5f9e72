import type { Shape } from '../../core/shape.js';

/** A parameter of a layer, as the recording knows it. */
export interface UnitParameter {
  readonly shape: Shape;
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Where a layer stands among those that the init `fixup` looks at. */
export interface Branching {
  readonly branches: number;
  /** By the parameter's path within the layer. */
  readonly of: (parameter: string) => {
    readonly branch: { readonly weights: number; readonly index: number } | null;
    readonly isLast: boolean;
  };
}

/** What a writer knows of the layer it writes. */
export interface LayerPlace {
  /** Shapes of the inputs and of the output, batch axis included. */
  readonly inputs: readonly Shape[];
  readonly output: Shape;
  /** Its own parameters and states by name. */
  readonly parameters: ReadonlyMap<string, UnitParameter>;
  readonly branching: Branching;
  /** Writes a class for a body of layers; gives its lines within `__init__`, `forward` and `reset_parameters`. */
  readonly body: (option: string) => BodyText;
  /** Names a class by its text (the same text twice gives one class). */
  readonly define: (prefix: string, text: (name: string) => readonly string[]) => string;
}

/** A body of layers as text, to be put into a class. */
export interface BodyText {
  readonly init: readonly string[];
  /** Turns `x` into the body's output. */
  readonly forward: readonly string[];
  readonly reset: readonly string[];
  /** Fuga's paths within the container → keys of the class's state. */
  readonly keys: readonly StateKey[];
}

/** One tensor of a layer: its path behind the layer's in Fuga, and its key behind the layer's in PyTorch. */
export interface StateKey {
  readonly path: string;
  readonly key: string;
  /** Shape in PyTorch where it is another one (the numbers are in the same order). */
  readonly shape?: Shape;
}

/** A module that a layer is made of. */
export interface Member {
  /** Added to the layer's attribute name: '' for the main one. */
  readonly suffix: string;
  /** `nn.Linear(64, 10)` */
  readonly make: string;
}

/** A layer written in PyTorch. */
export interface Unit {
  readonly members: readonly Member[];
  /** Lines to run first, and the expression of the output. `m` names a member. */
  readonly forward: (
    x: readonly string[],
    m: (suffix?: string) => string,
  ) => string | { lines: string[]; value: string };
  /** Statements that draw the first weights. */
  readonly reset?: (m: (suffix?: string) => string) => string[];
  readonly keys?: readonly (StateKey & { readonly suffix?: string })[];
  /** Names of support pieces that it uses. */
  readonly needs?: readonly string[];
}

import type { Bound, Op } from '../core/op.js';
import { bindMap, type MapName, type Operand } from './map.js';
import { broadcastShapes, broadcastStrides } from './strides.js';

/** What the maps of a gradient read: an input by its index, the output, or the output's gradient. */
type Source = 0 | 1 | 2 | 'dy';

interface Rule {
  readonly map: MapName;
  readonly from: readonly [Source, Source?, Source?];
  readonly alpha?: number;
}

/**
 * An elementwise op whose inputs broadcast against each other. The gradient of an input is summed over the axes
 * along which it was stretched.
 */
function broadcasting(definition: {
  readonly name: string;
  readonly map: MapName;
  /** Which inputs the map reads as a, b, c; default: in order. */
  readonly from?: readonly [Source, Source?, Source?];
  /** Rules for the inputs, in order; null where there is no gradient. Absent: not differentiable. */
  readonly gradients?: readonly (Rule | null)[];
}): Op {
  const { name, map, gradients } = definition;
  const readsInputs = (gradients ?? []).some((rule) =>
    rule?.from.some((source) => typeof source === 'number'),
  );
  return {
    name,
    shapes: (x) => [broadcastShapes(...x)],
    reads: { inputs: readsInputs, outputs: false },
    overwrites: true,
    ...(gradients ? {} : { differentiable: false }),
    bind: (at) => {
      const shape = at.y[0]!.shape;
      const order = definition.from ?? ([0, 1, 2] as const);
      const forward = bindRule(
        at,
        { map, from: order },
        { address: at.y[0]!.data, strides: broadcastStrides(shape, shape) },
        0,
        0,
      );
      const steps = (gradients ?? []).flatMap((rule, i) => {
        const input = at.x[i];
        if (!rule || !input?.grad) return [];
        const d = { address: input.grad, strides: broadcastStrides(input.shape, shape) };
        return [bindRule(at, rule, d, at.accumulate[i]!, input.size)];
      });
      return {
        forward,
        backward: () => {
          for (let i = 0; i < steps.length; i++) steps[i]!();
        },
      };
    },
  };
}

function bindRule(at: Bound, rule: Rule, d: Operand, accumulate: 0 | 1, size: number): () => void {
  const shape = at.y[0]!.shape;
  const operand = (source: Source | undefined): Operand | undefined => {
    if (source === undefined) return undefined;
    if (source === 'dy') return { address: at.y[0]!.grad, strides: broadcastStrides(shape, shape) };
    const place = at.x[source];
    return place && { address: place.data, strides: broadcastStrides(place.shape, shape) };
  };
  const [a, b, c] = [operand(rule.from[0])!, operand(rule.from[1]), operand(rule.from[2])];
  const operands = { a, ...(b ? { b } : {}), ...(c ? { c } : {}), d };
  return bindMap(at.arena, rule.map, shape, operands, {
    accumulate,
    size,
    ...(rule.alpha === undefined ? {} : { alpha: rule.alpha }),
  });
}

const pass: Rule = { map: 'copy', from: ['dy'] };

/** y = a + b. */
export const addBroadcast = broadcasting({ name: 'add', map: 'add', gradients: [pass, pass] });
/** y = a − b. */
export const subtract = broadcasting({
  name: 'subtract',
  map: 'subtract',
  gradients: [pass, { map: 'scale', from: ['dy'], alpha: -1 }],
});
/** y = a · b, element by element. */
export const multiplyBroadcast = broadcasting({
  name: 'multiply',
  map: 'multiply',
  gradients: [
    { map: 'multiply', from: ['dy', 1] },
    { map: 'multiply', from: ['dy', 0] },
  ],
});
/** y = a / b. */
export const divide = broadcasting({
  name: 'divide',
  map: 'divide',
  gradients: [
    { map: 'divide', from: ['dy', 1] },
    { map: 'divideGradB', from: [0, 1, 'dy'] },
  ],
});
/** The larger of both; a tie gives each half of the gradient, as PyTorch. */
export const maximum = broadcasting({
  name: 'maximum',
  map: 'maximum',
  gradients: [
    { map: 'maximumGrad', from: [0, 1, 'dy'] },
    { map: 'maximumGrad', from: [1, 0, 'dy'] },
  ],
});
/** The smaller of both; a tie gives each half of the gradient. */
export const minimum = broadcasting({
  name: 'minimum',
  map: 'minimum',
  gradients: [
    { map: 'minimumGrad', from: [0, 1, 'dy'] },
    { map: 'minimumGrad', from: [1, 0, 'dy'] },
  ],
});
/** y = a^b. */
export const power = broadcasting({
  name: 'power',
  map: 'power',
  gradients: [
    { map: 'powerGradA', from: [0, 1, 'dy'] },
    { map: 'powerGradB', from: [0, 1, 'dy'] },
  ],
});
/** y = condition ? a : b; the condition is 0 or not 0. */
export const where = broadcasting({
  name: 'where',
  map: 'where',
  gradients: [null, { map: 'whereGrad', from: [0, 0, 'dy'] }, { map: 'whereNotGrad', from: [0, 0, 'dy'] }],
});

/** Comparisons and logic give 0 or 1; they have no gradient. */
export const equal = broadcasting({ name: 'equal', map: 'equal' });
export const greater = broadcasting({ name: 'greater', map: 'greater' });
export const greaterOrEqual = broadcasting({ name: 'greaterOrEqual', map: 'greaterOrEqual' });
export const less = broadcasting({ name: 'less', map: 'greater', from: [1, 0] });
export const lessOrEqual = broadcasting({ name: 'lessOrEqual', map: 'greaterOrEqual', from: [1, 0] });
export const and = broadcasting({ name: 'and', map: 'and' });
export const or = broadcasting({ name: 'or', map: 'or' });
export const xor = broadcasting({ name: 'xor', map: 'xor' });

/** y = a mod b with the sign of b; ∂y/∂a = 1, and b is taken as constant. */
export const modulo = broadcasting({ name: 'modulo', map: 'modulo', gradients: [pass, null] });
/** y = a mod b with the sign of a (C's fmod). */
export const remainder = broadcasting({ name: 'remainder', map: 'remainder', gradients: [pass, null] });

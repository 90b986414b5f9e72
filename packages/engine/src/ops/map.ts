import type { Arena } from '../core/arena.js';
import type { Shape } from '../core/shape.js';
import { writeTable, type Strides } from './strides.js';

/** The maps of the strided kernel, in the order of its codes (assembly/strided.ts). */
const maps = [
  'copy',
  'add',
  'subtract',
  'multiply',
  'divide',
  'maximum',
  'minimum',
  'power',
  'where',
  'equal',
  'greater',
  'greaterOrEqual',
  'and',
  'or',
  'xor',
  'modulo',
  'remainder',
  'clamp',
  'scale',
  'square',
  'absolute',
  'expShifted',
  'divideGradB',
  'maximumGrad',
  'minimumGrad',
  'powerGradA',
  'powerGradB',
  'clampGrad',
  'equalGrad',
  'unitGrad',
  'signGrad',
  'expGrad',
  'whereGrad',
  'whereNotGrad',
  'nonFinite',
] as const;

/** What one element of the result becomes; see assembly/strided.ts. */
export type MapName = (typeof maps)[number];

/** Numbers in memory, and how they are walked. */
export interface Operand {
  readonly address: number;
  readonly strides: Strides;
}

/**
 * d (+)= map(a, b, c) over `shape`, bound to addresses: a function without arguments that calls the kernel.
 *
 * Along axes where d's stride is 0 the map is summed. Such a d is cleared first unless `accumulate` is 1.
 */
export function bindMap(
  arena: Arena,
  map: MapName,
  shape: Shape,
  operands: { readonly a: Operand; readonly b?: Operand; readonly c?: Operand; readonly d: Operand },
  options: {
    readonly alpha?: number;
    readonly beta?: number;
    readonly accumulate?: 0 | 1;
    readonly size?: number;
  } = {},
): () => void {
  const { kernels: k } = arena;
  const { a, d } = operands;
  const b = operands.b ?? a;
  const c = operands.c ?? a;
  const { alpha = 0, beta = 0, accumulate = 0, size = 0 } = options;
  const table = writeTable(arena, shape, [a.strides, b.strides, c.strides, d.strides]);
  const sums = d.strides.some((stride, axis) => stride === 0 && shape[axis]! > 1);
  const clears = sums && accumulate === 0;
  if (table === 0) {
    return () => {
      if (clears && size > 0) k.fill(size, d.address, 0);
    };
  }
  const code = maps.indexOf(map);
  const add = sums ? 1 : accumulate;
  if (!clears)
    return () => k.stridedMap(code, table, a.address, b.address, c.address, d.address, alpha, beta, add);
  return () => {
    k.fill(size, d.address, 0);
    k.stridedMap(code, table, a.address, b.address, c.address, d.address, alpha, beta, add);
  };
}

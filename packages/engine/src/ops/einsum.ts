import { check } from '../core/errors.js';
import type { Scope } from '../core/scope.js';
import { showShape, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { matmulOp } from './matmul.js';
import { reductions } from './reduce.js';
import { stridesOf } from './strides.js';
import { transpose, viewOp } from './view.js';

/** A tensor whose axes have letters. */
interface Lettered {
  readonly tensor: Tensor;
  readonly letters: string;
}

/**
 * Einstein's sum: `bij,bjk->bik`. Made of what has a gradient already: diagonals, sums, one matrix product a pair.
 * An ellipsis stands for the axes that the letters leave over.
 */
export function einsum(equation: string, tensors: readonly Tensor[], scope: Scope): Tensor {
  const { inputs, output } = parse(equation, tensors);
  let left = diagonal({ tensor: tensors[0]!, letters: inputs[0]! }, scope);
  for (let i = 1; i < tensors.length; i++) {
    const right = diagonal({ tensor: tensors[i]!, letters: inputs[i]! }, scope);
    const later = inputs.slice(i + 1).join('') + output;
    left = contract(left, right, later, scope);
  }
  return arrange(sumOut(left, output, scope), output, scope);
}

/** Letters of each input and of the output; an ellipsis becomes upper-case Greek letters, right-aligned. */
function parse(equation: string, tensors: readonly Tensor[]): { inputs: string[]; output: string } {
  const [before, after] = equation.replaceAll(' ', '').split('->') as [string, string | undefined];
  const terms = before.split(',');
  check(
    terms.length === tensors.length,
    'SHAPE',
    `einsum "${equation}" has ${terms.length} inputs, got ${tensors.length}`,
  );
  const rest = 'ΑΒΓΔΕΖΗΘ';
  let widest = 0;
  const inputs = terms.map((term, i) => {
    const named = term.replace('...', '').length;
    const { shape } = tensors[i]!;
    const extra = term.includes('...') ? shape.length - named : 0;
    check(
      extra >= 0 && named + extra === shape.length && extra <= rest.length,
      'SHAPE',
      `einsum "${equation}": input ${i} is ${showShape(shape)}, its letters are "${term}"`,
    );
    widest = Math.max(widest, extra);
    return term.replace('...', rest.slice(rest.length - extra));
  });
  const common = rest.slice(rest.length - widest);
  if (after !== undefined) return { inputs, output: after.replace('...', common) };
  // Implicit form: the ellipsis, then the letters that occur once, in alphabetic order.
  const all = before.replaceAll(/[^A-Za-z]/g, '');
  const once = [...all].filter((letter) => all.indexOf(letter) === all.lastIndexOf(letter));
  return { inputs, output: common + once.sort().join('') };
}

/** A repeated letter walks the diagonal. */
function diagonal({ tensor, letters }: Lettered, scope: Scope): Lettered {
  const unique = [...new Set(letters)];
  if (unique.length === letters.length) return { tensor, letters };
  const own = stridesOf(tensor.shape);
  const shape = unique.map((letter) => tensor.shape[letters.indexOf(letter)]!);
  const strides = unique.map((letter) =>
    [...letters].reduce((sum, at, axis) => sum + (at === letter ? own[axis]! : 0), 0),
  );
  return { tensor: scope.apply(viewOp, [tensor], { shape, strides, offset: 0 }), letters: unique.join('') };
}

/** Sums over the letters that are not in `wanted`. */
function sumOut({ tensor, letters }: Lettered, wanted: string, scope: Scope): Lettered {
  const axes = [...letters].flatMap((letter, axis) => (wanted.includes(letter) ? [] : [axis]));
  if (axes.length === 0) return { tensor, letters };
  return {
    tensor: scope.apply(reductions.sum, [tensor], { axes, keep: false }),
    letters: [...letters].filter((letter) => wanted.includes(letter)).join(''),
  };
}

/** Axes in the order `letters`; axes that `x` lacks are taken as 1. */
function arrange(x: Lettered, letters: string, scope: Scope): Tensor {
  const order = [...letters].filter((letter) => x.letters.includes(letter));
  const moved = transpose(
    x.tensor,
    order.map((letter) => x.letters.indexOf(letter)),
    scope,
  );
  const shape = [...letters].map((letter) =>
    x.letters.includes(letter) ? x.tensor.shape[x.letters.indexOf(letter)]! : 1,
  );
  return scope.reshape(moved, shape);
}

/** One matrix product: shared letters that stay are the batch, shared letters that go are summed over. */
function contract(a: Lettered, b: Lettered, later: string, scope: Scope): Lettered {
  const left = sumOut(a, b.letters + later, scope);
  const right = sumOut(b, a.letters + later, scope);
  const shared = [...left.letters].filter((letter) => right.letters.includes(letter));
  const batch = shared.filter((letter) => later.includes(letter)).join('');
  const summed = shared.filter((letter) => !later.includes(letter)).join('');
  const rows = [...left.letters].filter((letter) => !right.letters.includes(letter)).join('');
  const columns = [...right.letters].filter((letter) => !left.letters.includes(letter)).join('');
  const length = (x: Lettered, letter: string) => x.tensor.shape[x.letters.indexOf(letter)]!;
  for (const letter of shared) {
    check(
      length(left, letter) === length(right, letter) ||
        length(left, letter) === 1 ||
        length(right, letter) === 1,
      'SHAPE',
      `einsum: "${letter}" is both ${length(left, letter)} and ${length(right, letter)}`,
    );
  }
  const M = sizeOf([...rows].map((letter) => length(left, letter)));
  const N = sizeOf([...columns].map((letter) => length(right, letter)));
  const K = sizeOf([...summed].map((letter) => length(left, letter)));
  const lead = (x: Lettered) => [...batch].map((letter) => length(x, letter));
  const x = scope.reshape(arrange(left, batch + rows + summed, scope), [...lead(left), M, K]);
  const y = scope.reshape(arrange(right, batch + summed + columns, scope), [...lead(right), K, N]);
  const product = scope.apply(matmulOp, [x, y], undefined);
  const shape = [
    ...product.shape.slice(0, -2),
    ...[...rows].map((letter) => length(left, letter)),
    ...[...columns].map((letter) => length(right, letter)),
  ];
  return { tensor: scope.reshape(product, shape), letters: batch + rows + columns };
}

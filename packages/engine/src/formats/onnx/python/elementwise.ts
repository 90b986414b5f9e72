import { float, int, reducedAxes, scalarOf, text } from '../args.js';
import { isFloatType } from '../constant.js';
import { single as number, tuple } from '../../pytorch/python.js';
import type { PythonNode, PythonWriter } from './node.js';

const call =
  (name: string): PythonWriter =>
  (c) =>
    `${name}(${c.x()})`;

const infix =
  (operator: string): PythonWriter =>
  (c) =>
    `${c.x(0)} ${operator} ${c.x(1)}`;

/** a ∘ b ∘ c of any number of inputs, where two are combined by a function. */
const nested =
  (name: string): PythonWriter =>
  (c) =>
    inputs(c).reduce((left, right) => `${name}(${left}, ${right})`);

const inputs = (c: PythonNode): string[] => Array.from({ length: c.count }, (_, i) => c.x(i));

const clip: PythonWriter = (c) => {
  const [low, high] = [scalarOf(c, 'min', 1), scalarOf(c, 'max', 2)];
  if (low === null && high === null) return c.x();
  return `torch.clamp(${c.x()}, ${low === null ? 'None' : number(low)}, ${high === null ? 'None' : number(high)})`;
};

/** Up to operator set 12 softmax takes all axes from `axis` on as one. */
const softmax =
  (name: string): PythonWriter =>
  (c) => {
    const rank = c.shape(0).length;
    const axis = int(c, 'axis', c.version >= 13 ? -1 : 1);
    const at = axis < 0 ? axis + rank : axis;
    if (c.version >= 13 || at === rank - 1) return `${name}(${c.x()}, ${at})`;
    return `${name}(${c.x()}.flatten(${at}), -1).reshape(${c.shapeText(c.made())})`;
  };

const reduce =
  (write: (x: string, axes: string) => string): PythonWriter =>
  (c) => {
    const { axes, keep } = reducedAxes(c);
    if (axes.length === 0) return c.x();
    return write(c.x(), `${tuple(axes)}, keepdim=${keep ? 'True' : 'False'}`);
  };

const product: PythonWriter = (c) => {
  const { axes, keep } = reducedAxes(c);
  // One axis after the other, from behind, so that those in front keep their places.
  return [...axes]
    .reverse()
    .reduce((x, axis) => `${x}.prod(${axis}, keepdim=${keep ? 'True' : 'False'})`, c.x());
};

const cumSum: PythonWriter = (c) => {
  const axis = c.constant(1).data[0]!;
  const reverse = int(c, 'reverse', 0) !== 0;
  const x = reverse ? `${c.x()}.flip(${axis})` : c.x();
  const sum = `${x}.cumsum(${axis})`;
  const own = int(c, 'exclusive', 0) !== 0 ? `(${sum} - ${x})` : sum;
  return reverse ? `${own}.flip(${axis})` : own;
};

const cast: PythonWriter = (c) => {
  const to = int(c, 'to', 1);
  if (to === 9) return `${c.x()}.bool()`;
  return isFloatType(to) ? `${c.x()}.to(torch.get_default_dtype())` : `${c.x()}.long()`;
};

export const elementwise: Readonly<Record<string, PythonWriter>> = {
  Sigmoid: call('torch.sigmoid'),
  Tanh: call('torch.tanh'),
  Relu: call('F.relu'),
  Softsign: call('F.softsign'),
  Mish: call('F.mish'),
  HardSwish: call('F.hardswish'),
  Erf: call('torch.erf'),
  Silu: call('F.silu'),
  Softplus: (c) => `F.softplus(${c.x()}, threshold=80)`,
  Gelu: (c) =>
    text(c, 'approximate', 'none') === 'tanh' ? `F.gelu(${c.x()}, approximate='tanh')` : `F.gelu(${c.x()})`,
  Elu: (c) => `F.elu(${c.x()}, ${number(float(c, 'alpha', 1))})`,
  Celu: (c) => `F.celu(${c.x()}, ${number(float(c, 'alpha', 1))})`,
  LeakyRelu: (c) => `F.leaky_relu(${c.x()}, ${number(float(c, 'alpha', 0.01))})`,
  Selu: (c) => {
    const [alpha, gamma] = [float(c, 'alpha', 1.6732632), float(c, 'gamma', 1.050701)];
    return `${number(gamma)} * F.elu(${c.x()}, ${number(alpha)})`;
  },
  HardSigmoid: (c) =>
    `torch.clamp(${number(float(c, 'alpha', 0.2))} * ${c.x()} + ${number(float(c, 'beta', 0.5))}, 0, 1)`,
  ThresholdedRelu: (c) => `F.threshold(${c.x()}, ${number(float(c, 'alpha', 1))}, 0)`,
  PRelu: (c) => {
    // Before operator set 7 one axis of slopes is that of the channels, the second.
    const [x, slope] = [c.shape(0), c.shape(1)];
    const isChannels = c.version < 7 && slope.length === 1 && slope[0]! > 1 && x.length > 2;
    const a = isChannels ? `${c.x(1)}.reshape(${['-1', ...x.slice(2).map(() => '1')].join(', ')})` : c.x(1);
    return `torch.where(${c.x(0)} < 0, ${c.x(0)} * ${a}, ${c.x(0)})`;
  },
  Clip: clip,
  Softmax: softmax('torch.softmax'),
  LogSoftmax: softmax('torch.log_softmax'),
  Add: infix('+'),
  Sub: infix('-'),
  Mul: infix('*'),
  Div: infix('/'),
  Pow: infix('**'),
  Mod: (c) => `torch.${int(c, 'fmod', 0) !== 0 ? 'fmod' : 'remainder'}(${c.x(0)}, ${c.x(1)})`,
  Sum: (c) => inputs(c).join(' + '),
  Mean: (c) => `(${inputs(c).join(' + ')}) / ${c.count}`,
  Max: nested('torch.maximum'),
  Min: nested('torch.minimum'),
  Neg: (c) => `-${c.x()}`,
  Reciprocal: (c) => `1 / ${c.x()}`,
  ...Object.fromEntries(
    [
      ...['Abs', 'Exp', 'Log', 'Sqrt', 'Sin', 'Cos', 'Tan', 'Sinh', 'Cosh', 'Floor', 'Ceil', 'Round', 'Sign'],
      ...['Asin', 'Acos', 'Atan', 'Asinh', 'Acosh', 'Atanh'],
    ].map((op) => [op, call(`torch.${op.toLowerCase()}`)]),
  ),
  ReduceSum: reduce((x, axes) => `${x}.sum(${axes})`),
  ReduceMean: reduce((x, axes) => `${x}.mean(${axes})`),
  ReduceMax: reduce((x, axes) => `${x}.amax(${axes})`),
  ReduceMin: reduce((x, axes) => `${x}.amin(${axes})`),
  ReduceProd: product,
  ReduceL1: reduce((x, axes) => `${x}.abs().sum(${axes})`),
  ReduceL2: reduce((x, axes) => `${x}.square().sum(${axes}).sqrt()`),
  ReduceSumSquare: reduce((x, axes) => `${x}.square().sum(${axes})`),
  ReduceLogSum: reduce((x, axes) => `${x}.sum(${axes}).log()`),
  ReduceLogSumExp: reduce((x, axes) => `${x}.logsumexp(${axes})`),
  Equal: infix('=='),
  Greater: infix('>'),
  GreaterOrEqual: infix('>='),
  Less: infix('<'),
  LessOrEqual: infix('<='),
  And: (c) => `torch.logical_and(${c.x(0)}, ${c.x(1)})`,
  Or: (c) => `torch.logical_or(${c.x(0)}, ${c.x(1)})`,
  Xor: (c) => `torch.logical_xor(${c.x(0)}, ${c.x(1)})`,
  Not: (c) => `torch.logical_not(${c.x()})`,
  Where: (c) => `torch.where(${c.x(0)}.bool(), ${c.x(1)}, ${c.x(2)})`,
  IsNaN: call('torch.isnan'),
  IsInf: (c) => {
    const [up, down] = [int(c, 'detect_positive', 1) !== 0, int(c, 'detect_negative', 1) !== 0];
    if (up && down) return `torch.isinf(${c.x()})`;
    return up ? `torch.isposinf(${c.x()})` : `torch.isneginf(${c.x()})`;
  },
  CumSum: cumSum,
  Cast: cast,
  CastLike: (c) => c.x(),
  Identity: (c) => c.x(),
  Dropout: (c) => {
    const ratio = c.has(1) ? c.constant(1).data[0]! : float(c, 'ratio', 0.5);
    return `F.dropout(${c.x()}, ${number(ratio)}, self.training)`;
  },
  MatMul: infix('@'),
  Dense: (c) => {
    const bias = c.has(2) ? c.shape(2) : null;
    if (int(c, 'turned', 0) === 0) return `${c.x(0)} @ ${c.x(1)}${bias ? ` + ${c.x(2)}` : ''}`;
    if (bias && (bias.length !== 1 || bias[0] !== c.shape(1)[0]))
      return `F.linear(${c.x(0)}, ${c.x(1)}) + ${c.x(2)}`;
    return `F.linear(${c.x(0)}, ${c.x(1)}${bias ? `, ${c.x(2)}` : ''})`;
  },
  Gemm: (c) => {
    const [alpha, beta] = [float(c, 'alpha', 1), float(c, 'beta', 1)];
    const [transA, transB] = [int(c, 'transA', 0) !== 0, int(c, 'transB', 0) !== 0];
    if (transB && !transA && alpha === 1 && beta === 1 && (!c.has(2) || c.shape(2).length === 1))
      return `F.linear(${c.x(0)}, ${c.x(1)}${c.has(2) ? `, ${c.x(2)}` : ''})`;
    const a = transA ? `${c.x(0)}.T` : c.x(0);
    const b = transB ? `${c.x(1)}.T` : c.x(1);
    const scaled = alpha === 1 ? `${a} @ ${b}` : `${number(alpha)} * (${a} @ ${b})`;
    if (!c.has(2) || beta === 0) return scaled;
    return `${scaled} + ${beta === 1 ? '' : `${number(beta)} * `}${c.x(2)}`;
  },
  Einsum: (c) =>
    `torch.einsum('${text(c, 'equation', '').replaceAll(/[^a-zA-Z,>.-]/g, '')}', ${inputs(c).join(', ')})`,
};

import { number } from './python.js';

/** An activation in PyTorch: an expression of `x`; `axis` is that of the features. */
type Expression = (x: string, options: Readonly<Record<string, unknown>>, axis: number) => string;

const value = (options: Readonly<Record<string, unknown>>, key: string): string =>
  number(options[key] as number);

/** Every activation of the shelf but `identity` and `prelu`, which has a weight; by id. */
export const expressions: Readonly<Record<string, Expression>> = {
  celu: (x, options) => `F.celu(${x}, alpha=${value(options, 'alpha')})`,
  elu: (x, options) => `F.elu(${x}, alpha=${value(options, 'alpha')})`,
  erf: (x) => `torch.erf(${x})`,
  gelu: (x, { approximate }) =>
    approximate === 'tanh' ? `F.gelu(${x}, approximate='tanh')` : `F.gelu(${x})`,
  glu: (x, _, axis) => `F.glu(${x}, dim=${axis})`,
  hardSigmoid: (x) => `F.hardsigmoid(${x})`,
  hardSwish: (x) => `F.hardswish(${x})`,
  hardTanh: (x, options) => `F.hardtanh(${x}, ${value(options, 'min')}, ${value(options, 'max')})`,
  leakyRelu: (x, options) => `F.leaky_relu(${x}, ${value(options, 'slope')})`,
  logSigmoid: (x) => `F.logsigmoid(${x})`,
  mish: (x) => `F.mish(${x})`,
  relu: (x) => `torch.relu(${x})`,
  relu6: (x) => `F.relu6(${x})`,
  selu: (x) => `F.selu(${x})`,
  sigmoid: (x) => `torch.sigmoid(${x})`,
  silu: (x) => `F.silu(${x})`,
  softmax: (x, _, axis) => `torch.softmax(${x}, dim=${axis})`,
  softplus: (x, options) =>
    `F.softplus(${x}, beta=${value(options, 'beta')}, threshold=${value(options, 'threshold')})`,
  softsign: (x) => `F.softsign(${x})`,
  swiglu: (x, _, axis) => `swiglu(${x}, dim=${axis})`,
  tanh: (x) => `torch.tanh(${x})`,
};

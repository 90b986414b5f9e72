import type { Facts } from './words.js';

/** What remedies are called and why they help, in English. */
export const remedies = {
  reluHe: {
    title: 'ReLU with He’s init',
    why: 'A ReLU passes half of the squared signal with slope 1, and weights of variance 2 / fanIn make up for the other half: the factor a layer is 1 instead of 0.24 (sigmoid).',
  },
  leakyRelu: {
    title: 'Leaky ReLU',
    why: 'Below 0 the slope is 0.01 instead of 0, so a unit that is off still gets a gradient and can come back.',
  },
  selu: {
    title: 'SELU with LeCun’s init',
    why: 'Its mean 0 and variance 1 attract: small deviations shrink from layer to layer, and χ = 1.07 is close to 1.',
  },
  gelu: {
    title: 'GELU',
    why: 'Smooth, with a slope near 1 for positive inputs and above 0 for most negative ones.',
  },
  heInit: {
    title: 'He’s init',
    why: 'Variance 2 / fanIn makes up for the half of the signal that a ReLU stops: the factor a layer becomes √(2 · ½) = 1.',
  },
  xavierInit: {
    title: 'Xavier’s init',
    why: 'Variance 2 / (fanIn + fanOut) keeps the signal and the gradient at their scale where the slope is about 1.',
  },
  orthogonalInit: {
    title: 'Orthogonal init',
    why: 'All singular values are equal, so no direction of the gradient shrinks more than another, however many factors are multiplied.',
  },
  lsuvInit: {
    title: 'LSUV init',
    why: 'Each layer’s weights are rescaled on the first batch until its output has variance 1: measured, not assumed.',
  },
  batchNorm: {
    title: 'Batch normalisation',
    why: 'Each preactivation is brought to mean 0 and variance 1 over the batch: it cannot die out, grow or saturate, whatever the weights’ scale.',
  },
  layerNorm: {
    title: 'Layer normalisation',
    why: 'Each sample’s preactivations are brought to mean 0 and variance 1: independent of the batch and of the weights’ scale.',
  },
  residual: {
    title: 'Residual connections',
    why: '∂(x + F(x))/∂x = 1 + F′: one path from the loss to every layer has factor 1, at any depth.',
  },
  scaledResidual: {
    title: 'Residual connections, branches scaled by 1/√L',
    why: 'L branches of variance 1/L add up to a growth of (1 + 1/L)ᴸ < e, instead of 2ᴸ at full scale.',
  },
  fixup: {
    title: 'Fixup init',
    why: 'Every branch starts at 0, so at first the gradient passes all blocks with factor exactly 1, and each step changes the function by O(lr) at any depth.',
  },
  preNorm: {
    title: 'Norm before each sublayer',
    why: 'The skips run from end to end untouched, and the last layers’ gradients are of order 1/√L instead of 1: no warmup needed.',
  },
  lstm: {
    title: 'LSTM cells',
    why: 'The cell state is multiplied by a forget gate near 1 from step to step, not by a weight matrix and a slope.',
  },
  gru: {
    title: 'GRU cells',
    why: 'The update gate lets the state pass unchanged from step to step.',
  },
  forgetBias: {
    title: 'Forget gates open',
    why: 'With a bias of ln T, σ(b)^T is about 1/e over the whole sequence; with a bias of 0 it is 2^−T.',
  },
  gradientClipping: {
    title: 'Gradient clipping',
    why: 'g ← g · min(1, 1/‖g‖) bounds each step and keeps its direction.',
  },
  lowerLearningRate: {
    title: 'Lower learning rate',
    why: 'Gradient descent diverges where lr > 2 / λₘₐₓ; a step that changes the weights by 0.1 to 1 % of their size is usual.',
  },
  raiseLearningRate: {
    title: 'Higher learning rate',
    why: 'The gradient is sound and the steps are far below 0.1 % of the weights: larger steps get there in fewer.',
  },
  warmup: {
    title: 'Warmup',
    why: 'The first gradients are the largest; small first steps let the network find calmer ground.',
  },
  adam: {
    title: 'Adam',
    why: 'Each weight’s step is scaled by its own gradient’s size, so weak gradients move weights too; the gradient itself stays as weak.',
  },
  scaleInput: {
    title: 'Scaled input',
    why: 'Inits and learning rates assume inputs of mean 0 and variance 1.',
  },
  fixLoss: {
    title: 'Loss and output that fit',
    why: 'The loss squashes the logits itself; squashed twice, they cannot express certainty, and the gradient passes two flat parts.',
  },
};

/** Why a remedy does not apply. */
export const refusals = {
  alreadySo: (f: Facts) => `the network has this already (${f.name('what')})`,
  noInit: () => 'no layer draws its weights by an init that could be chosen',
  noActivation: () => 'no hidden layer has an activation',
  recurrentActivation: () => 'recurrent cells are built around their own activations',
  recurrentSkips: () => 'a skip around a recurrent layer does not shorten the way through time',
  recurrentNorms: () => 'norms of recurrent cells are not offered',
  notAChain: () => 'the network is not a plain chain of layers; its named inputs are left alone',
  hasSkips: () => 'the network has skips already',
  hasNorms: () => 'the network has norms already',
  noSkips: () => 'the network has no residual branches',
  noScale: () => 'the skips’ branches cannot be scaled',
  deadBranch: (f: Facts) =>
    `the branches end in ${f.name('activation')}, whose slope at 0 is 0: a branch that starts at 0 would never open`,
  shapesDiffer: () => 'no hidden layer keeps the shape of its input',
  noHidden: () => 'there is no hidden layer',
  noTransformer: () => 'there is no transformer block',
  noRecurrence: () => 'there is no recurrent layer',
  noForgetGate: () => 'there is no forget gate',
  smallBatch: (f: Facts) => `a batch of ${f.name('batch')} is too small for batch statistics`,
  otherSchedule: (f: Facts) => `the schedule ${f.name('schedule')} takes no warmup`,
  adaptive: (f: Facts) => `${f.name('optimizer')} adapts its steps already`,
  noScaling: (f: Facts) => `${f.name('source')} has its scale by design`,
  lossFits: (f: Facts) => `${f.name('loss')} fits the task and the output`,
  noLoss: (f: Facts) => `no loss is made for ${f.name('task')}`,
  cannotBuild: (f: Facts) => `the treated network cannot be built: ${f.name('error')}`,
};

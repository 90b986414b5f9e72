// Everything the module exports, nothing else. Pointers are byte offsets; sizes count elements; `acc` 1 adds to the
// destination, 0 overwrites it. Memory is the caller's from heapBase() on: kernels allocate nothing.
export { affine, gemm, gemmNT, gemmTN } from './gemm';
export { conv2d, conv2dScratch } from './conv/conv2d';
export { conv2dInputGrad } from './conv/inputGrad';
export { conv2dWeightGrad } from './conv/weightGrad';
export { detectAssign, detectDecode, detectDecodeGrad, detectLoss, detectLossGrad } from './detection';
export { dropout, dropoutGrad } from './dropout';
export { batchNorm, batchNormGrad, batchNormRunning, batchNormStats } from './norm/batch';
export { groupNorm, groupNormGrad } from './norm/group';
export { l2Normalize, l2NormalizeGrad, layerNorm, layerNormGrad, rmsNorm, rmsNormGrad } from './norm/rows';
export { avgPool2d, avgPool2dGrad, globalAvgPool, globalAvgPoolGrad, maxPool2d, maxPool2dGrad } from './pool';
export { alignment, snapshot, takeUpdate } from './updates';
export { upsampleBilinear, upsampleBilinearGrad, upsampleNearest, upsampleNearestGrad } from './upsample';
export { transpose } from './pack';
export { peakMultiplyAdd } from './peak';
export {
  add,
  addBias,
  addChannelBias,
  axpy,
  biasGrad,
  channelBiasGrad,
  copy,
  fill,
  multiply,
  multiplyBackward,
  scale,
} from './elementwise';
export { dot, maxAbs, sum, sumSquares } from './reduce';
export { gatherRows } from './gather';
export { stridedFold, stridedMap } from './strided';
export { axisIndices, axisTaps, axisTapsGrad, runningSum, toFloats } from './taps';
export { rare, rareGrad } from './activations/rare';
export { copyColumns, embeddingGrad, swapOuter } from './embedding';
export { columnsOutside, rnn, rnnGrad } from './recurrent';
export { lstm, lstmGrad } from './recurrentLstm';
export { gru, gruGrad } from './recurrentGru';
export { attendHead, attendHeadGrad, rowEntropy } from './attention';
export { glu, gluGrad, swiglu, swigluGrad } from './gated';
export {
  celu,
  celuGrad,
  elu,
  eluGrad,
  hardShrink,
  hardShrinkGrad,
  hardTanh,
  hardTanhGrad,
  leakyRelu,
  leakyReluGrad,
  relu,
  relu6,
  relu6Grad,
  reluGrad,
  reluSquared,
  reluSquaredGrad,
  selu,
  seluGrad,
  softShrink,
  softShrinkGrad,
  threshold,
  thresholdGrad,
} from './activations/rectified';
export {
  erf,
  erfGrad,
  hardSigmoid,
  hardSigmoidGrad,
  logSigmoid,
  logSigmoidGrad,
  sigmoid,
  sigmoidGrad,
  softsign,
  softsignGrad,
  tanh,
  tanhGrad,
  tanhShrink,
  tanhShrinkGrad,
} from './activations/sigmoidal';
export {
  gelu,
  geluGrad,
  geluTanh,
  geluTanhGrad,
  hardSwish,
  hardSwishGrad,
  mish,
  mishGrad,
  silu,
  siluGrad,
  softplus,
  softplusGrad,
} from './activations/gated';
export {
  abs,
  absGrad,
  cos,
  cosGrad,
  exp,
  expGrad,
  log,
  logGrad,
  reciprocal,
  reciprocalGrad,
  sin,
  sinGrad,
  sqrt,
  sqrtGrad,
  square,
  squareGrad,
} from './activations/pointwise';
export { prelu, preluGrad } from './activations/prelu';
export { logSoftmax, logSoftmaxGrad, softmax, softmaxGrad } from './softmax';
export {
  binaryLikelihood,
  binaryLikelihoodGrad,
  divergence,
  divergenceGrad,
  softCrossEntropy,
  softCrossEntropyGrad,
} from './likelihood';
export {
  binaryCrossEntropy,
  binaryCrossEntropyGrad,
  crossEntropy,
  crossEntropyGrad,
  huber,
  huberGrad,
  meanAbsoluteError,
  meanAbsoluteErrorGrad,
  meanSquaredError,
  meanSquaredErrorGrad,
  smoothL1,
  smoothL1Grad,
} from './losses';
export { adamStep } from './optimizers/adam';
export { adamaxStep, nadamStep, radamStep } from './optimizers/moments';
export { sgdStep } from './optimizers/sgd';
export { adadeltaStep, adagradStep, rmspropStep } from './optimizers/squares';
export { randomBits, randomNormal, randomUniform } from './random';
export { mathCos, mathErf, mathExp, mathLog, mathPow, mathSin, mathTanh } from './scalar';
export { channelActivity, columnActivity, countOutside, histogramLinear, histogramLog, sizeStats, stats } from './stats';

/** The first byte that is not the module's own. */
export function heapBase(): usize {
  return __heap_base;
}

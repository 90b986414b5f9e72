// The shelf of experiments: file name = export name = id. A new one is one file and one line here.
export { adamHides } from './adamHides.js';
export { dyingRelu } from './dyingRelu.js';
export { geluGain } from './geluGain.js';
export { heInit } from './heInit.js';
export { heTraining } from './heTraining.js';
export { residualGrowth } from './residualGrowth.js';
export { seluFixedPoint } from './seluFixedPoint.js';
export { sigmoidDecay } from './sigmoidDecay.js';
export { tanhPhase } from './tanhPhase.js';
export { xavier } from './xavier.js';

// The shelf of experiments: file name = export name = id. A new one is one file and one line here.
export { heInit } from './heInit.js';
export { residualGrowth } from './residualGrowth.js';
export { sigmoidDecay } from './sigmoidDecay.js';
export { tanhPhase } from './tanhPhase.js';
export { xavier } from './xavier.js';

// The shelf of probes: file name = export name = id. A new one is one file and one line here.
export { activationMean } from './activationMean.js';
export { activationRms } from './activationRms.js';
export { activationStd } from './activationStd.js';
export { dead } from './dead.js';
export { gradientNorm } from './gradientNorm.js';
export { gradientRms } from './gradientRms.js';
export { gradientZero } from './gradientZero.js';
export { nonFinite } from './nonFinite.js';
export { parameterGradNorm } from './parameterGradNorm.js';
export { parameterNorm } from './parameterNorm.js';
export { saturated } from './saturated.js';
export { slopeFactor } from './slopeFactor.js';
export { totalFactor } from './totalFactor.js';
export { updateRatio } from './updateRatio.js';

// The shelf of diagnoses: file name = export name = id of the finding. A new one is one file and one line here.
export { deadUnits } from './deadUnits.js';
export { exploding } from './exploding.js';
export { forwardDecay } from './forwardDecay.js';
export { learningRateTooHigh } from './learningRateTooHigh.js';
export { learningRateTooLow } from './learningRateTooLow.js';
export { lossMismatch } from './lossMismatch.js';
export { nonFinite } from './nonFinite.js';
export { oscillation } from './oscillation.js';
export { rankCollapse } from './rankCollapse.js';
export { saturation } from './saturation.js';
export { shattered } from './shattered.js';
export { symmetry } from './symmetry.js';
export { unscaledInput } from './unscaledInput.js';
export { vanishing } from './vanishing.js';

// The shelf of measures, taken on demand: file name = export name = id. A new one is one file and one line here.
export { effectiveRank } from './effectiveRank.js';
export { gradientAutocorrelation } from './gradientAutocorrelation.js';
export { gradientNoise } from './gradientNoise.js';
export { jacobian } from './jacobian.js';
export { lyapunov } from './lyapunov.js';
export { pathLength } from './pathLength.js';

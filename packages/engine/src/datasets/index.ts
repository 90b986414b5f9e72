// The shelf of data sets: file name = export name = id in specs. A new one is one file and one line here.
export { adding } from './adding.js';
export { breastCancer } from './breastCancer.js';
export { copyMemory } from './copyMemory.js';
export { digits } from './digits.js';
export { gaussian } from './gaussian.js';
export { phantoms } from './phantoms.js';
export { sentiment } from './sentiment.js';
export { sequentialDigits } from './sequentialDigits.js';
export { shapes } from './shapes.js';
export { spirals } from './spirals.js';
export { text } from './text.js';

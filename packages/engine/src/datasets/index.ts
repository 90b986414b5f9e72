// The shelf of data sets: file name = export name = id in specs. A new one is one file and one line here.
export { digits } from './digits.js';
export { gaussian } from './gaussian.js';
export { spirals } from './spirals.js';

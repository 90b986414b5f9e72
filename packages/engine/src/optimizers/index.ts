// The shelf of optimizers: file name = export name = type in specs. A new one is one file and one line here.
export { adam } from './adam.js';
export { adamW } from './adamW.js';
export { sgd } from './sgd.js';

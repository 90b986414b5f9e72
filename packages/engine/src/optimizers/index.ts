// The shelf of optimizers: file name = export name = type in specs. A new one is one file and one line here.
export { adadelta } from './adadelta.js';
export { adagrad } from './adagrad.js';
export { adam } from './adam.js';
export { adamax } from './adamax.js';
export { adamW } from './adamW.js';
export { nadam } from './nadam.js';
export { radam } from './radam.js';
export { rmsprop } from './rmsprop.js';
export { sgd } from './sgd.js';

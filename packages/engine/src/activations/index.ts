// The shelf of activations: file name = export name = id in specs. A new one is one file and one line here.
export { identity } from './identity.js';
export { leakyRelu } from './leakyRelu.js';
export { relu } from './relu.js';
export { sigmoid } from './sigmoid.js';
export { tanh } from './tanh.js';

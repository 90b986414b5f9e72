// The shelf of layers: file name = export name = type in specs. A new one is one file and one line here.
export { activation } from './activation.js';
export { block } from './block.js';
export { conv2d } from './conv2d.js';
export { dense } from './dense.js';
export { embedding } from './embedding.js';
export { flatten } from './flatten.js';
export { gru } from './gru.js';
export { lstm } from './lstm.js';
export { positional } from './positional.js';
export { residual } from './residual.js';
export { rnn } from './rnn.js';

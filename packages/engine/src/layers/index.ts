// The shelf of layers: file name = export name = type in specs. A new one is one file and one line here.
export { activation } from './activation.js';
export { block } from './block.js';
export { conv2d } from './conv2d.js';
export { dense } from './dense.js';
export { flatten } from './flatten.js';
export { residual } from './residual.js';

// The shelf of model families: file name = export name = type in specs. A new one is one file and one line here.
export { mlp } from './mlp.js';

// The shelf of losses: file name = export name = id in specs. A new one is one file and one line here.
export { crossEntropy } from './crossEntropy.js';
export { meanSquaredError } from './meanSquaredError.js';

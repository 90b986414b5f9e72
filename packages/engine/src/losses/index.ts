// The shelf of losses: file name = export name = id in specs. A new one is one file and one line here.
export { binaryCrossEntropy } from './binaryCrossEntropy.js';
export { crossEntropy } from './crossEntropy.js';
export { detection } from './detection.js';
export { huber } from './huber.js';
export { meanAbsoluteError } from './meanAbsoluteError.js';
export { meanSquaredError } from './meanSquaredError.js';
export { nextToken } from './nextToken.js';

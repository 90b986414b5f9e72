// The shelf of model families: file name = export name = type in specs. A new one is one file and one line here.
export { cnn } from './cnn.js';
export { gpt } from './gpt.js';
export { gru } from './gru.js';
export { imported } from './imported.js';
export { lstm } from './lstm.js';
export { mlp } from './mlp.js';
export { resnet } from './resnet.js';
export { rnn } from './rnn.js';
export { transformer } from './transformer.js';
export { unet } from './unet.js';
export { yolo } from './yolo.js';

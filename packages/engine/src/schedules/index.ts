// The shelf of schedules: file name = export name = type in specs. A new one is one file and one line here.
export { constant } from './constant.js';
export { cosine } from './cosine.js';
export { linearWarmup } from './linearWarmup.js';
export { step } from './step.js';

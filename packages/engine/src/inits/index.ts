// The shelf of inits: file name = export name = id in specs. A new one is one file and one line here.
export { constant } from './constant.js';
export { deltaOrthogonal } from './deltaOrthogonal.js';
export { fixup } from './fixup.js';
export { heNormal } from './heNormal.js';
export { heUniform } from './heUniform.js';
export { lecunNormal } from './lecunNormal.js';
export { lecunUniform } from './lecunUniform.js';
export { lsuv } from './lsuv.js';
export { normal } from './normal.js';
export { orthogonal } from './orthogonal.js';
export { uniform } from './uniform.js';
export { xavierNormal } from './xavierNormal.js';
export { xavierUniform } from './xavierUniform.js';
export { zeros } from './zeros.js';

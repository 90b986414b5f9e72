// What the page can do without at first, loaded together a little later.
export { handleKey } from './keys.js';
export { keepOffline } from './offline.js';

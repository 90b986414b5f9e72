import { trusted } from './client.js';

/** Keeps the lab for use without a network, where the browser can. */
export function keepOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const script = new URL('serviceWorker.js', document.baseURI).href;
  navigator.serviceWorker
    .register(trusted(script), { updateViaCache: 'none' })
    // A script that is registered already is not looked at again of itself; a new build is to be seen now.
    .then((registration) => (registration.active ? registration.update() : undefined))
    // It may be forbidden (a private window, a policy), or there is no network: the lab works all the same.
    .catch(() => undefined);
}

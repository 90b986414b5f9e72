import { trusted } from './client.js';

/** Keeps the lab for use without a network, where the browser can. */
export function keepOffline(): void {
  // Some private windows have none, whatever the types say.
  const { serviceWorker } = navigator as { readonly serviceWorker?: ServiceWorkerContainer };
  if (!import.meta.env.PROD || !serviceWorker) return;
  const script = new URL('serviceWorker.js', document.baseURI).href;
  serviceWorker
    .register(trusted(script), { updateViaCache: 'none' })
    // A script that is registered already is not looked at again of itself; a new build is to be seen now.
    .then((registration) => (registration.active ? registration.update() : undefined))
    // It may be forbidden (a private window, a policy), or there is no network: the lab works all the same.
    .catch(() => undefined);
}

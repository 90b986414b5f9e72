/*
 * Keeps the lab for use without a network. VERSION and FILES are put in by the build (see plugin.ts).
 *
 * The page itself comes from the network where there is one, so that a new build is seen at once; its files have
 * their content's hash in their names and come from the cache. The cache of the build before is kept as well, for
 * pages that are still open on it and load a part of it late.
 */
const VERSION = '__VERSION__';
const FILES = ['__FILES__'];

const prefix = `fuga ${self.registration.scope} `;
const current = prefix + VERSION;
const page = new URL('./', self.registration.scope).href;
/** A network that has not answered by then is taken for none. */
const PATIENCE_MS = 2500;

self.addEventListener('install', (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(self.registration.scope)) return;
  event.respondWith(request.mode === 'navigate' ? openPage(request) : openFile(request));
});

/** Puts every file of the build into its cache; what the build before has under the same hash is not fetched again. */
async function fill() {
  const cache = await caches.open(current);
  await Promise.all(
    FILES.map(async (file) => {
      const url = new URL(file, self.registration.scope).href;
      const known = file.startsWith('assets/') ? await lookUp(url) : undefined;
      const answer = known ?? (await fetch(url, { cache: 'no-cache' }));
      if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
      await cache.put(file === 'index.html' ? page : url, answer.clone());
    }),
  );
}

/** Forgets all builds but this one and the one before. */
async function tidy() {
  const own = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== current);
  await Promise.all(own.slice(0, -1).map((name) => caches.delete(name)));
}

/** The page: from the network, or as it was kept. */
async function openPage(request) {
  const kept = async () => (await caches.open(current)).match(page);
  try {
    const answer = await Promise.race([fetch(request), late()]);
    return answer.ok ? answer : ((await kept()) ?? answer);
  } catch {
    return (await kept()) ?? Response.error();
  }
}

function late() {
  return new Promise((_, reject) => setTimeout(() => reject(new Error('late')), PATIENCE_MS));
}

async function openFile(request) {
  return (await lookUp(request.url)) ?? fetch(request);
}

/** A file from this build's cache, or else from the one before's. */
async function lookUp(url) {
  const names = (await caches.keys()).filter((name) => name.startsWith(prefix));
  for (const name of [current, ...names.filter((other) => other !== current).reverse()]) {
    const found = await (await caches.open(name)).match(url, { ignoreVary: true });
    if (found) return found;
  }
  return undefined;
}

import { createHash } from 'node:crypto';

/** Kept when first used only: large, and needed by few. */
const late = /hdf5/;

/** Headers that isolate the page from others, so that threads may share memory, and its policy for what it runs. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * The script of the service worker: it keeps the site's files, so that the studio works without a network, and answers with the headers that a plain
 * host of files does not send.
 *
 * @param files of the build, besides `index.html`
 */
export function serviceWorker(files: readonly string[]): string {
  const kept = [
    './',
    './icon.svg',
    ...files.filter((file) => !late.test(file) && file !== 'index.html').map((file) => `./${file}`),
  ];
  const version = createHash('sha256').update(kept.join('\n')).digest('hex').slice(0, 12);
  return `const cacheName = 'sp-studio-${version}';
const kept = ${JSON.stringify(kept)};
const headers = ${JSON.stringify(headers)};

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(kept)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(answer(request));
});

async function answer(request) {
  const cache = await caches.open(cacheName);
  // A page that is older than this worker asks for what older caches hold.
  const found = (await cache.match(request, { ignoreSearch: true })) ?? (await caches.match(request, { ignoreSearch: true }));
  return isolated(found ?? (await fetched(request, cache)));
}

async function fetched(request, cache) {
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

function isolated(response) {
  if (response.status === 0) return response;
  const all = new Headers(response.headers);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers: all });
}
`;
}

/**
 * Keeps the page's files, so that it opens without a network. With one, what the server has is always asked for first: a student must not be graded
 * by last week's rubric. It answers for the page's own files alone, and sends nothing.
 */

/** What a service worker has of the names that a page does not have. */
interface Scope {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  addEventListener(kind: 'install' | 'activate', act: (event: { waitUntil(work: Promise<unknown>): void }) => void): void;
  addEventListener(kind: 'fetch', act: (event: { readonly request: Request; respondWith(answer: Promise<Response>): void }) => void): void;
}
const scope = globalThis as unknown as Scope;

const CACHE = 'bootgrade';
const FILES = ['./', './style.css', './course.js', './app.js', './licences.txt'];
/** Below the folder of the page, wherever that is. */
const URLS = FILES.map((file) => new URL(file, location.href).href);
/** A course may link to the page by this name. */
const INDEX = new URL('./index.html', location.href).href;

async function keepAll(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(URLS.map((url) => new Request(url, { cache: 'no-cache' })));
  await scope.skipWaiting();
}

async function newest(url: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(url, { cache: 'no-cache' });
    if (answer.ok) await cache.put(url, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(url);
    if (kept === undefined) throw error;
    return kept;
  }
}

scope.addEventListener('install', (event) => event.waitUntil(keepAll()));
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener('fetch', (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const plain = `${origin}${pathname}`;
  const url = plain === INDEX ? URLS[0]! : plain;
  if (event.request.method === 'GET' && URLS.includes(url)) event.respondWith(newest(url));
});

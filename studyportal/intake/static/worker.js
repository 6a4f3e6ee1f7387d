/* Answers for this origin while there is no network: with pages that are the same for everybody, and the person's own
   entries never. Sends what waits when the network is back, and shows the reminder that betrays nothing. */
import { sendAll } from "/static/sending.js";

const PATIENCE = 8_000;
const kept = (address) => caches.match(address, { ignoreSearch: true, ignoreVary: true });

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The page that stands in for one that cannot be had.
function standIn(path) {
  const form = path.match(/^\/(?:offline\/)?diary\/([a-z0-9_]+)(?:\/[0-9]+)?$/);
  return form ? `/offline/diary/${form[1]}` : "/offline/today";
}

async function page(request) {
  try {
    // A navigation cannot be given a signal; one that takes too long is left to itself.
    return await Promise.race([fetch(request), new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("too slow")))]);
  } catch (failure) {
    const found = (await kept(standIn(new URL(request.url).pathname))) ?? (await kept("/offline/today"));
    if (found) return found;
    throw failure;
  }
}

async function file(request) {
  const found = await caches.match(request, { ignoreVary: true });
  // What carries the name of its content never changes; the rest is asked for again while there is a network.
  if (found && new URL(request.url).searchParams.has("v")) return found;
  try { return await fetch(request); } catch (failure) { if (found) return found; throw failure; }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (address.pathname.startsWith("/static/")) event.respondWith(file(request));
});

self.addEventListener("sync", (event) => event.waitUntil(sendAll()));

self.addEventListener("push", (event) => event.waitUntil(self.registration.showNotification("Diary", {
  body: "Your study has something for you.", tag: "diary", icon: "/static/icon.svg",
})));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow("/"));
});

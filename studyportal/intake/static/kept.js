/* What this phone keeps of somebody's diary: entries that wait, drafts, what is due, and the token that can only send.

   Everything is sealed with AES-GCM under a key that scripts of this origin can use and nobody can take out of the
   browser. In clear stand only whose it is (a name without meaning), the order of the entries and what became of them.
   Whatever fails here rejects: a full or forbidden store is for the page to tell. */

const NAME = "diary", VERSION = 1;
const bytes = (text) => new TextEncoder().encode(text);

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

let opened = null;
function store() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const name of ["keys", "people", "drafts"]) request.result.createObjectStore(name);
      request.result.createObjectStore("sent", { autoIncrement: true });
      request.result.createObjectStore("queue", { keyPath: "number", autoIncrement: true });
    };
    request.onsuccess = () => { request.result.onversionchange = () => { request.result.close(); opened = null; }; resolve(request.result); };
    request.onerror = () => { opened = null; reject(request.error); };
  });
  return opened;
}

async function within(name, mode, act) {
  const transaction = (await store()).transaction(name, mode, { durability: "strict" });
  const ended = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("not kept"));
  });
  const result = await act(transaction.objectStore(name));
  await ended;
  return result;
}

const read = (name, key) => within(name, "readonly", (kept) => done(kept.get(key)));
const all = (name) => within(name, "readonly", (kept) => done(kept.getAll()));

async function key() {
  const known = await read("keys", "seal");
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Another tab may have been first: its key is the one.
  return within("keys", "readwrite", async (keys) => (await done(keys.get("seal"))) ?? (await done(keys.put(made, "seal")), made));
}

async function seal(value, about) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bytes(about) }, await key(), bytes(JSON.stringify(value)));
  return { iv, box };
}

async function unseal(sealed, about) {
  if (!sealed) return null;
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv, additionalData: bytes(about) }, await key(), sealed.box);
  return JSON.parse(new TextDecoder().decode(plain));
}

// ── People: {token, device, zone, country, due, takes_entries, skew, contents, events, former} ──
// `former`: by instrument and question, the last answer that a tap may take over: {at, day, fields: {name: [value…]}}.

export const person = async (whose) => unseal(await read("people", whose), `person ${whose}`);

export async function keepPerson(whose, value) {
  const sealed = await seal(value, `person ${whose}`);
  await within("people", "readwrite", async (people) => { await done(people.put(sealed, whose)); await done(people.put(whose, "latest")); });
}

export const latest = () => read("people", "latest");

export async function changePerson(whose, changes) {
  const known = await person(whose);
  if (known) await keepPerson(whose, { ...known, ...changes });
}

// ── Entries that wait ──

// `entry`: {id, instrument, title, fields: [[name, value]…], saved_at}. One that is saved again takes the place of the first.
export async function enqueue(whose, entry) {
  const sealed = await seal(entry, `entry ${entry.id}`);
  await within("queue", "readwrite", async (queue) => {
    const known = (await done(queue.getAll())).find((one) => one.id === entry.id);
    await done(queue.put({ ...(known ? { number: known.number } : {}), id: entry.id, whose, state: "waiting", sealed }));
  });
}

export async function queued() {
  return Promise.all((await all("queue")).map(async (one) => ({ ...one, entry: await unseal(one.sealed, `entry ${one.id}`) })));
}

export const countQueued = async () => (await all("queue")).length;

// What the study said of an entry: a sentence and, by question, what to put right. It repeats no answer.
export async function refuseQueued(number, said) {
  await within("queue", "readwrite", async (queue) => {
    const one = await done(queue.get(number));
    if (one) await done(queue.put({ ...one, state: "refused", said }));
  });
}

export const dropQueued = (number) => within("queue", "readwrite", (queue) => done(queue.delete(number)));

// ── Entries that were sent, with their receipts ──

const MOST_SENT = 60;

export async function keepSent(whose, sent) {
  const sealed = await seal(sent, `sent ${whose}`);
  await within("sent", "readwrite", async (kept) => {
    await done(kept.put({ whose, sealed }));
    const keys = await done(kept.getAllKeys());
    for (const old of keys.slice(0, Math.max(0, keys.length - MOST_SENT))) await done(kept.delete(old));
  });
}

export async function sentOf(whose) {
  const own = (await all("sent")).filter((one) => one.whose === whose);
  return Promise.all(own.map((one) => unseal(one.sealed, `sent ${whose}`)));
}

// ── Drafts ──

export const draft = async (name) => unseal(await read("drafts", name), `draft ${name}`);
export async function keepDraft(name, values) {
  const sealed = await seal(values, `draft ${name}`);
  await within("drafts", "readwrite", (drafts) => done(drafts.put(sealed, name)));
}
export const dropDraft = (name) => within("drafts", "readwrite", (drafts) => done(drafts.delete(name)));

// ── Everything, away ──

// Whether this phone keeps anything; asking makes no store.
export async function keepsAnything() {
  return indexedDB.databases ? (await indexedDB.databases()).some((one) => one.name === NAME) : true;
}

// Pages in other tabs would go on keeping.
const others = new BroadcastChannel("diary");
export const onForgotten = (act) => { others.onmessage = act; };

export async function forgetAll() {
  if (opened) { (await opened).close(); opened = null; }
  await new Promise((resolve) => { const request = indexedDB.deleteDatabase(NAME); request.onsuccess = request.onerror = request.onblocked = resolve; });
  for (const name of await caches.keys()) await caches.delete(name);
  for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
  others.postMessage("forgotten");
}

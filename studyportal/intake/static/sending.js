/* Send what waits on this phone, in the order in which it was written, each until the study has said what became of it.

   The bytes of an entry never change between tries, so that the study takes it once, however often it comes. One tab
   sends at a time. What cannot be taken stays here with the sentence why. */
import { changePerson, dropQueued, keepPerson, keepSent, keepsAnything, person, queued, refuseQueued } from "./kept.js";

const TAKEN = [200, 201];
// It will not be taken as it is; somebody has to look.
const REFUSED = [400, 404, 409, 410, 413, 415, 422];
const PATIENCE = 20_000;

async function send(entry, token) {
  return fetch(`/api/forms/${encodeURIComponent(entry.instrument)}`, {
    method: "POST", body: new URLSearchParams(entry.fields), credentials: "omit", cache: "no-store", redirect: "error",
    headers: { Authorization: `Bearer ${token}`, Accept: "application/json", "Accept-Language": entry.language ?? "*" }, signal: AbortSignal.timeout(PATIENCE),
  });
}

const saidIn = async (response) => { try { return await response.json(); } catch { return {}; } };

// What became of one entry: "sent", "refused", "signed-out" or "waiting".
async function sendOne(one, known) {
  let response;
  try { response = await send(one.entry, known.token); } catch { return "waiting"; }
  if (TAKEN.includes(response.status)) {
    const receipt = await saidIn(response);
    await keepSent(one.whose, { id: one.id, title: one.entry.title, saved_at: one.entry.saved_at, instrument: one.entry.instrument, receipt });
    await given(one);
    await dropQueued(one.number);
    return "sent";
  }
  if (response.status === 401) { await changePerson(one.whose, { token: null }); return "signed-out"; }
  if (REFUSED.includes(response.status)) {
    const { refusal = "", problems = {} } = await saidIn(response);
    await refuseQueued(one.number, { refusal, problems, status: response.status });
    return "refused";
  }
  return "waiting";
}

// What was sent is not due any more, even if nobody is signed in to ask; and a page asked for before does not know it.
async function given({ whose, entry }) {
  const known = await person(whose);
  const number = Number(entry.fields.find(([name]) => name === "entry-occasion")?.[1]);
  if (known) await keepPerson(whose, { ...known, sent_at: Date.now(), due: known.due.filter((one) => one.instrument !== entry.instrument || one.number !== number) });
}

async function sendThem() {
  const outcomes = new Map();
  const stopped = new Set();
  // The browser may send by itself just after somebody signed out: looking would make an empty store again.
  if (!(await keepsAnything())) return outcomes;
  for (const one of await queued()) {
    if (one.state === "refused" || stopped.has(one.whose)) continue;
    const known = await person(one.whose);
    const outcome = known?.token ? await sendOne(one, known) : "signed-out";
    outcomes.set(one.id, outcome);
    // In order: what waits holds up what was written after it.
    if (outcome === "waiting" || outcome === "signed-out") stopped.add(one.whose);
  }
  return outcomes;
}

export const sendAll = () => (navigator.locks ? navigator.locks.request("diary-sending", sendThem) : sendThem());

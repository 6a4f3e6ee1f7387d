/* Keep the diary on this phone, for somebody who said at signing in that it is their own.

   - Today and every form are kept as pages that hold nothing of anybody; what is due is kept sealed.
   - An entry is first kept here and then sent: a lost network, a killed tab or a lost answer loses nothing.
   - What is typed is kept here too, until its entry is.
   - Signing out sends first, and then clears this phone.
   Where the browser cannot or may not keep anything, the pages work as they do without this. */
import { holds } from "./expressions.js";
import * as kept from "./kept.js";
import { refusalIn, said, saidOf } from "./saying.js";
import { sendAll } from "./sending.js";

const DRAFT = "diary-draft:", ERASING = "diary-erasing";
const whose = document.querySelector("meta[name=keeps]")?.content || null;
const form = document.querySelector("form[data-keep]");
const isKeptPage = form !== null && "keptPage" in form.dataset;
// What is kept and sent is in the language of this page, whatever the browser asks for by itself.
const language = document.documentElement.dataset.language;
const csrf = () => document.querySelector("input[name=csrf_token]")?.value;

async function json(address, options = {}) {
  const response = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store", ...options });
  if (!response.ok) throw new Error(`no ${address}`);
  return response.json();
}

// ── Before there is no network ─────────────────────────────────────────

async function keepPages(known) {
  const contents = await json("/offline/contents", { credentials: "omit", headers: { Accept: "application/json", "Accept-Language": language } });
  const name = `diary-${contents.name}`;
  if (known?.contents === name && (await caches.has(name))) return name;
  const fresh = await caches.open(name);
  // As for nobody: what is kept must be the same for everybody.
  await fresh.addAll(contents.addresses.map((address) => new Request(address, { credentials: "omit", cache: "no-cache", headers: { "Accept-Language": language } })));
  for (const old of await caches.keys()) if (old !== name) await caches.delete(old);
  return name;
}

async function setUp() {
  const worker = await navigator.serviceWorker.register("/worker.js", { type: "module", updateViaCache: "none" });
  const known = (await kept.person(whose)) ?? {};
  const ahead = await json("/offline/due");
  const told = Date.parse(ahead.now);
  const device = known.token ? {} : await json("/offline/device", {
    method: "POST", headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrf_token: csrf() ?? "" }),
  });
  // By how much this phone's clock is wrong, in milliseconds; a few seconds are the way.
  const skew = Math.abs(Date.now() - told) < 60_000 ? 0 : Date.now() - told;
  await kept.keepPerson(whose, { ...known, ...device, zone: ahead.zone, country: ahead.country, due: ahead.due, takes_entries: ahead.takes_entries, skew });
  await kept.changePerson(whose, { contents: await keepPages(known) });
  await navigator.storage?.persist?.();
  document.documentElement.dataset.keeps = "yes";
  return worker;
}

// ── An entry, first here and then there ────────────────────────────────

const now = (known) => Date.now() - (known.skew ?? 0);
const isoOf = (moment) => new Date(moment).toISOString();
const zoneOf = (known) => Intl.DateTimeFormat().resolvedOptions().timeZone || known.zone;

function base64url(raw) {
  return btoa(String.fromCharCode(...raw)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fieldsOf(known) {
  const mine = { "entry-zone": zoneOf(known), "entry-saved-at": isoOf(now(known)), "entry-occasion": form.dataset.occasion };
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrf_token" && !(name in mine));
  return [...fields, ...Object.entries(mine).filter(([, value]) => value)];
}

function prepareKeptPage(known, again) {
  const set = (name, value) => { form.elements[name].value = value; };
  const place = location.pathname.match(/\/([0-9]+)$/);
  form.dataset.occasion = place?.[1] ?? "";
  set("entry-id", crypto.randomUUID());
  set("entry-blind", base64url(crypto.getRandomValues(new Uint8Array(32))));
  set("entry-follows", new URLSearchParams(location.search).get("follows") ?? "");
  form.dataset.draft = `${known.whose}-${form.dataset.keep}-${form.dataset.occasion || "now"}`;
  if (!again) return;
  const values = {};
  for (const [name, value] of again.entry.fields) {
    if (["entry-id", "entry-blind", "entry-follows", "entry-version"].includes(name)) set(name, value);
    else if (name === "entry-occasion") form.dataset.occasion = value;
    else if (!name.startsWith("entry-")) (values[name] ??= []).push(value);
  }
  form.dispatchEvent(new CustomEvent("fill", { detail: values }));
  showProblems(again.said?.problems ?? {}, again.said && refusalIn(again.said));
}

// ── What the browser can tell without the study ────────────────────────

const isOn = (field) => !field.dataset.off;
const fieldNamed = (name) => form.querySelector(`:scope > .field[data-name="${CSS.escape(name)}"]`);
const isGiven = (field) => [...field.querySelectorAll("input, textarea")].some((one) => (["radio", "checkbox"].includes(one.type) ? one.checked && one.value : one.value.trim()));

function unfit(field) {
  if (!isOn(field)) return null;
  if (!isGiven(field)) return "required" in field.dataset ? said("Answer this question.") : null;
  if (!["integer", "decimal", "analogue"].includes(field.dataset.kind)) return null;
  const text = field.querySelector("input[type=text]")?.value.trim().replace(",", ".");
  if (!text) return null;
  const { least, most } = field.dataset, number = Number(text);
  if (Number.isNaN(number) || (field.dataset.kind !== "decimal" && !Number.isInteger(number))) return said("Write this as a number.");
  if (least !== undefined && number < Number(least)) return said("Give at least %(least)s.", { least });
  if (most !== undefined && number > Number(most)) return said("Give at most %(most)s.", { most });
  return null;
}

function problemsHere() {
  const fields = [...form.querySelectorAll(":scope > .field[data-name]")];
  const found = Object.fromEntries(fields.map((field) => [field.dataset.name, unfit(field)]).filter(([, sentence]) => sentence));
  const first = fields.find((field) => isOn(field) && field.querySelector("input, textarea"));
  return Object.keys(found).length || fields.some((field) => isOn(field) && isGiven(field)) ? found : { [first.dataset.name]: said("Answer at least one question.") };
}

function showProblems(problems, sentence) {
  document.querySelector(".error-summary")?.remove();
  form.querySelectorAll(".field-error[data-here]").forEach((one) => one.remove());
  const named = Object.entries(problems);
  if (!named.length && !sentence) return;
  form.dispatchEvent(new Event("show-all"));
  const summary = document.createElement("div");
  summary.className = "error-summary";
  summary.tabIndex = -1;
  summary.setAttribute("role", "alert");
  const heading = document.createElement("h2"), list = document.createElement("ul");
  heading.textContent = saidOf(Math.max(named.length, 1), "One thing needs another look", "%(num)d things need another look");
  const say = (words, target) => {
    const line = document.createElement("li"), link = target ? document.createElement("a") : line;
    if (target) { link.href = `#${target.id}`; line.append(link); }
    link.textContent = words;
    list.append(line);
  };
  for (const [name, words] of named) {
    const field = fieldNamed(name);
    say(words, field?.querySelector("input, textarea"));
    if (!field) continue;
    const told = document.createElement("p");
    told.className = "field-error";
    told.dataset.here = "";
    told.textContent = words;
    field.querySelector("legend, label.ask")?.after(told);
  }
  if (!named.length) say(sentence);
  summary.append(heading, list);
  form.before(summary);
  summary.focus();
}

// ── Saving ─────────────────────────────────────────────────────────────

function lines(country) {
  const found = document.querySelector(`template[data-country="${CSS.escape(country ?? "")}"]`) ?? document.querySelector('template[data-country=""]') ?? document.querySelector("template[data-country]");
  return found ? [found.content.cloneNode(true)] : [];
}

// The page after saving where there is no network: kept, and what to do if the answers worry us.
function showKept(known, outcome, answers, refused) {
  const panel = document.querySelector("template[data-kept-panel]").content.cloneNode(true).firstElementChild;
  const told = [...panel.querySelectorAll("[data-alert]")].filter((one) => holds(JSON.parse(one.dataset.when), answers) === true);
  for (const one of told) one.hidden = false;
  panel.querySelector("[data-help]").hidden = told.length === 0;
  for (const place of panel.querySelectorAll("[data-lines]")) place.append(...lines(known.country));
  for (const words of panel.querySelectorAll("[data-words]")) words.hidden = words.dataset.words !== outcome;
  if (outcome === "sent") { panel.querySelector("#kept-title").textContent = said("Sent"); panel.querySelector("[data-only-waiting]").remove(); }
  if (refused) panel.querySelector("[data-words=refused]").textContent = said("It is kept on this phone, but the study did not take it: %(sentence)s", { sentence: refusalIn(refused) });
  document.querySelector("main").replaceChildren(panel);
  window.scrollTo(0, 0);
  panel.focus();
}

async function save(known) {
  const entry = { id: form.elements["entry-id"].value, instrument: form.dataset.keep, title: form.dataset.title, fields: fieldsOf(known), saved_at: isoOf(now(known)), language };
  const answers = form.answersNow?.() ?? {};
  await kept.enqueue(known.whose, entry);
  await rememberFormer(known, entry).catch(() => {});
  (await navigator.serviceWorker?.getRegistration())?.sync?.register("diary").catch(() => {});
  // Another tab, or the browser by itself, may have sent it meanwhile: then it waits here no more.
  const outcome = (await sendAll()).get(entry.id) ?? ((await kept.queued()).some((one) => one.id === entry.id) ? "waiting" : "sent");
  // A session that a passkey began opens no entry: then it is said here, and so is whom to call.
  if (outcome === "sent" && !isKeptPage && document.querySelector("meta[name=reads]")) {
    await forgetDraft();
    location.assign(`/entries/${entry.id}`);
    return;
  }
  const one = outcome === "refused" ? (await kept.queued()).find((queued) => queued.id === entry.id) : null;
  if (one && !isKeptPage) {
    // The study's own page says best what to put right, and it is open now.
    await kept.dropQueued(one.number);
    HTMLFormElement.prototype.submit.call(form);
    return;
  }
  await forgetDraft();
  showKept(known, outcome, answers, one?.said);
}

async function forgetDraft() {
  if (!form.dataset.draft) return;
  sessionStorage.removeItem(DRAFT + form.dataset.draft);
  drafting = drafting.then(() => kept.dropDraft(form.dataset.draft)).catch(() => {});
  await drafting;
}

// ── What the entry before says, for the questions that the study lets a tap take over ──

const MOMENTS = ["date", "time", "date_time"];

function formerOf(known, names) {
  const kept = names.map((name) => known.former?.[form.dataset.keep]?.[name]).filter(Boolean);
  const at = kept.map((one) => one.at).sort((one, other) => Date.parse(one) - Date.parse(other)).at(-1);
  const last = kept.filter((one) => one.at === at);
  return last.length ? { at, day: last[0].day, fields: Object.assign({}, ...last.map((one) => one.fields)) } : null;
}

async function rememberFormer(known, entry) {
  const due = known.due?.find((one) => one.instrument === entry.instrument && String(one.number) === form.dataset.occasion);
  const day = form.dataset.day || due?.date || new Intl.DateTimeFormat("sv-SE").format(new Date(entry.saved_at));
  const mine = {};
  for (const name of (form.dataset.carries ?? "").split(" ").filter((one) => one && !MOMENTS.includes(fieldNamed(one)?.dataset.kind))) {
    const fields = {};
    for (const [field, value] of entry.fields) if ((field === name || field.startsWith(`${name}-`)) && value && !value.startsWith("~")) (fields[field] ??= []).push(value);
    if (Object.keys(fields).length) mine[name] = { at: entry.saved_at, day, fields };
  }
  if (!Object.keys(mine).length) return;
  const before = (await kept.person(known.whose))?.former ?? {};
  await kept.changePerson(known.whose, { former: { ...before, [entry.instrument]: { ...before[entry.instrument], ...mine } } });
}

function offerFormer(known) {
  form.clockNow = () => ({ zone: zoneOf(known), at: now(known) });
  form.formerKept = async (names) => formerOf((await kept.person(known.whose)) ?? known, names);
  form.dispatchEvent(new CustomEvent("former", { detail: (names) => formerOf(known, names) }));
}

function saveHere(known) {
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name || (!known.token && !isKeptPage)) return;
    event.preventDefault();
    const problems = isKeptPage || !navigator.onLine ? problemsHere() : {};
    if (Object.keys(problems).length) { release(); showProblems(problems); return; }
    save(known).catch(() => {
      release();
      if (isKeptPage || !navigator.onLine) showProblems({}, said("This phone could not keep the entry: it has no room, or keeps nothing for this page. Leave this page open, and save again when you are online."));
      else HTMLFormElement.prototype.submit.call(form);
    });
  });
}

// A form is sent once (portal.js); what was not sent may be sent again.
function release() {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

// One after the other: a draft that is sealed slowly must not come after its entry was kept.
let drafting = Promise.resolve();

async function keepDrafts() {
  const name = form.dataset.draft;
  form.addEventListener("draft", (event) => {
    drafting = drafting.then(() => kept.keepDraft(form.dataset.draft, event.detail)).catch(() => {});
  });
  if (sessionStorage.getItem(DRAFT + name)) return;
  const before = await kept.draft(name);
  if (before && !document.querySelector(".error-summary")) form.dispatchEvent(new CustomEvent("fill", { detail: before }));
}

// ── What waits, and signing out ────────────────────────────────────────

function tell(words) {
  let line = document.querySelector("[data-waiting-here]");
  if (!words) { line?.remove(); return; }
  if (!line) {
    line = document.createElement("p");
    line.className = "note";
    line.dataset.waitingHere = "";
    line.setAttribute("role", "status");
    document.querySelector("main").prepend(line);
  }
  const link = document.createElement("a");
  link.href = "/offline/today";
  link.textContent = words;
  line.replaceChildren(link);
}

async function tellWaiting() {
  if (document.querySelector("[data-offline-today]") || document.querySelector("[data-kept]")) return;
  const left = await kept.queued();
  const refused = left.filter((one) => one.state === "refused").length;
  if (refused) tell(saidOf(refused, "%(num)d entry on this phone needs another look", "%(num)d entries on this phone need another look"));
  else if (left.length) tell(saidOf(left.length, "%(num)d entry on this phone waits to be sent", "%(num)d entries on this phone wait to be sent"));
  else tell("");
}

async function sendWaiting() {
  const waited = await kept.countQueued();
  if (waited) await sendAll();
  // Today says what has been given, and is told anew: whoever sent it, this page, another tab or the browser by itself.
  const known = whose && document.querySelector("[data-today]") ? await kept.person(whose) : null;
  if (known?.sent_at > performance.timeOrigin) {
    // Not a second time, should the clock of this phone be put back.
    await kept.changePerson(whose, { sent_at: null });
    location.reload();
    return;
  }
  if (!waited) return;
  await tellWaiting();
  document.dispatchEvent(new Event("kept-changed"));
}

function guardSignOut(signOut) {
  signOut.addEventListener("submit", async (event) => {
    if (signOut.dataset.cleared) return;
    event.preventDefault();
    event.stopPropagation();
    if (await kept.countQueued()) await sendAll();
    const left = await kept.countQueued();
    if (left && !(await askToLeave(left))) return;
    const known = whose ? await kept.person(whose) : null;
    if (known?.device) signOut.append(Object.assign(document.createElement("input"), { type: "hidden", name: "device", value: known.device }));
    await kept.forgetAll();
    signOut.dataset.cleared = "yes";
    signOut.requestSubmit();
  }, true);
}

function askToLeave(left) {
  const dialog = document.createElement("dialog");
  dialog.className = "asks";
  dialog.setAttribute("aria-labelledby", "leave-words");
  const words = document.createElement("p"), actions = document.createElement("p");
  words.id = "leave-words";
  words.textContent = saidOf(
    left,
    "%(num)d entry on this phone has not been sent. Signing out removes it from this phone for good.",
    "%(num)d entries on this phone have not been sent. Signing out removes them from this phone for good.",
  );
  actions.className = "actions";
  const button = (text, look, value) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: `btn ${look}`, textContent: text });
    made.addEventListener("click", () => dialog.close(value));
    return made;
  };
  actions.append(button(said("Stay signed in"), "btn-primary", "stay"), button(said("Sign out and remove"), "btn-danger", "leave"));
  dialog.append(words, actions);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "leave"); }));
}

// ── Begin ──────────────────────────────────────────────────────────────

async function begin() {
  if (!globalThis.indexedDB || !navigator.serviceWorker || !crypto.subtle) return;
  if (!whose && !(await kept.keepsAnything())) return;
  kept.onForgotten(() => location.assign("/sign-in"));
  const sent = sessionStorage.getItem(`${DRAFT}sent`);
  if (document.querySelector("[data-draft-done]") && sent) kept.dropDraft(sent).catch(() => {});
  // Whoever has erased their answers leaves none behind on this phone either.
  document.querySelector('form[data-confirm="ERASE"]')?.addEventListener("submit", () => sessionStorage.setItem(ERASING, "yes"));
  if (document.querySelector("[data-drafts-end]") && sessionStorage.getItem(ERASING)) { sessionStorage.removeItem(ERASING); await kept.forgetAll(); return; }
  const of = whose ?? (isKeptPage ? await kept.latest() : null);
  const known = of ? await kept.person(of) : null;
  if (form && known) {
    known.whose = of;
    if (isKeptPage) {
      const number = Number(new URLSearchParams(location.search).get("again"));
      prepareKeptPage(known, number ? (await kept.queued()).find((one) => one.number === number && one.whose === of) : null);
    }
    offerFormer(known);
    saveHere(known);
    await keepDrafts();
    form.dataset.ready = "yes";
  }
  const signOut = document.querySelector("form[action$='/sign-out']");
  if (signOut && whose) guardSignOut(signOut);
  if (document.querySelector("[data-offline-today]")) (await import("./offline.js")).show();
  window.addEventListener("online", () => sendWaiting().catch(() => {}));
  await tellWaiting();
  if (navigator.onLine) await sendWaiting();
  if (whose && document.querySelector("[data-today]")) await setUp();
}

begin().catch(() => { /* A browser that keeps nothing: every page works online. */ });

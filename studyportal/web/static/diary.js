/* Helps for the diary, and for the forms of the clinic. Every page works without them.
   - Questions that do not apply are hidden and switched off as soon as that is known.
   - A long form becomes a few questions a screen, with a line that says how far one is; Back goes to the screen before.
   - What is typed is kept in this tab until it has been sent, so that going back or losing the network loses nothing.
   - What the entry before says is taken over at a tap, from the study or from this phone; nothing typed is replaced.
   - Rows of medicines come one by one; a slider can set a number; "none" and a reason for no answer exclude the rest.
   - The time zone of the phone is proposed where one is asked for. */
import { holds } from "./expressions.js";
import { said } from "./saying.js";

const KEY = "diary-draft:";

function proposeZone() {
  for (const input of document.querySelectorAll("input[data-zone]")) input.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  for (const select of document.querySelectorAll("select[name=zone]")) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!select.value && [...select.options].some((one) => one.value === zone)) select.value = zone;
  }
}

// ── Drafts ─────────────────────────────────────────────────────────────

function forgetWhatWasSent() {
  if (document.querySelector("[data-draft-done]")) {
    const sent = sessionStorage.getItem(KEY + "sent");
    if (sent) { sessionStorage.removeItem(KEY + sent); sessionStorage.removeItem(KEY + "sent"); }
  }
  // Whoever signs out, or has erased, leaves nothing typed behind in this tab.
  const forget = () => { for (const key of Object.keys(sessionStorage)) if (key.startsWith(KEY)) sessionStorage.removeItem(key); };
  if (document.querySelector("[data-drafts-end]")) forget();
  document.querySelector("form[action$='/sign-out']")?.addEventListener("submit", forget);
}

const isTick = (one) => one.type === "radio" || one.type === "checkbox";

// Questions only, never the token or the entry's id. Also what is hidden just now: it may be asked again.
const controls = (form) => [...form.elements].filter((one) => one.name && !["hidden", "submit", "fieldset"].includes(one.type));

function typed(form) {
  const values = {};
  for (const one of controls(form)) if (isTick(one) ? one.checked : one.value) (values[one.name] ??= []).push(one.value);
  return values;
}

function fillIn(form, values) {
  for (const group of form.querySelectorAll(".group")) {
    const rows = Object.keys(values).map((name) => name.match(/^(.+)-([0-9]+)-/)).filter((found) => found?.[1] === group.dataset.name);
    for (const [, , number] of rows) while (rowOf(group, number) === null && addRow(group)) { /* until it is there */ }
  }
  for (const one of controls(form)) {
    const kept = values[one.name];
    if (!kept) continue;
    if (isTick(one)) one.checked = kept.includes(one.value);
    else if (!one.value) one.value = kept.find((value) => !value.startsWith("~")) ?? "";
  }
}

// ── Answers, as an entry has them ──────────────────────────────────────

const inputs = (field) => [...field.querySelectorAll("input, textarea")].filter((one) => one.closest(".field") === field && one.name);
const chosen = (field) => inputs(field).filter((one) => one.checked && !one.value.startsWith("~")).map((one) => one.value);
const text = (field) => inputs(field).find((one) => !isTick(one))?.value.trim() || null;
const number = (pattern) => (field) => { const value = comma ? text(field)?.replace(",", ".") : text(field); return value && pattern.test(value) ? Number(value) : null; };
const one = (field) => chosen(field).find(Boolean) ?? null;
const several = (field) => { const codes = chosen(field); return codes.length ? codes : null; };
// A number as the language of the page writes it.
const comma = (1.5).toLocaleString(document.documentElement.lang || "en").includes(",");
const WHOLE = /^[+-]?[0-9]{1,15}$/, DECIMAL = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$/;

function minutes(field) {
  const [hours, rest] = ["hours", "minutes"].map((part) => field.querySelector(`[data-part=${part}]`).value.trim());
  if (!hours && !rest) return null;
  return [hours, rest].every((value) => /^[0-9]*$/.test(value)) ? Number(hours || 0) * 60 + Number(rest || 0) : null;
}

const rows = (field) => {
  const found = [...field.querySelectorAll(".group-row")].map((row) => answers([...row.querySelectorAll(":scope > .field")]));
  const filled = found.filter((row) => Object.keys(row).length);
  return filled.length ? filled : null;
};

// How the answer to each kind of question is read; what is not here is never answered.
const READ = {
  rating: (field) => { const value = one(field); return value === null ? null : Number(value); },
  analogue: number(WHOLE), integer: number(WHOLE), decimal: number(DECIMAL), duration: minutes,
  yes_no: (field) => ({ yes: true, no: false })[one(field)] ?? null,
  choice: one, choices: several, body_map: several, date: text, time: text, date_time: text, text, notes: text, group: rows,
};

function answers(fields) {
  const row = {};
  for (const field of fields) {
    const value = field.dataset.off ? null : READ[field.dataset.kind]?.(field) ?? null;
    if (value !== null) row[field.dataset.name] = value;
  }
  return row;
}

// ── Branches ───────────────────────────────────────────────────────────

function switchField(field, on) {
  if (on) delete field.dataset.off; else field.dataset.off = "yes";
  for (const input of field.querySelectorAll("input, textarea, button")) input.disabled = input.closest("[data-off]") !== null;
  field.hidden = !on;
}

// Twice over at most as many questions as hang on each other; a document in which they go round in a circle is refused.
function follow(fields, around = {}) {
  for (let again = 0; again <= fields.length; again += 1) {
    const row = { ...around, ...answers(fields) };
    const changing = fields.filter((field) => field.dataset.branch && (holds(JSON.parse(field.dataset.branch), row) === true) === Boolean(field.dataset.off));
    for (const field of changing) switchField(field, Boolean(field.dataset.off));
    if (!changing.length) return row;
  }
  return answers(fields);
}

function followAll(fields) {
  const row = follow(fields);
  for (const field of fields.filter((field) => field.dataset.kind === "group" && !field.dataset.off)) {
    for (const line of field.querySelectorAll(".group-row")) follow([...line.querySelectorAll(":scope > .field")], row);
  }
}

// ── One answer or a reason; one of several or none ─────────────────────

function excludeOthers(changed) {
  const field = changed.closest(".field[data-name]");
  if (!field) return;
  const ofField = [...field.querySelectorAll("input, textarea")];
  const others = (wanted) => ofField.filter((input) => input !== changed && wanted(input));
  const untick = (list) => { for (const input of list) if (isTick(input)) input.checked = false; else { input.value = ""; input.dispatchEvent(new Event("emptied")); } };
  if ("reason" in changed.dataset) { if (changed.checked) untick(others(() => true)); return; }
  if (changed.type === "checkbox" && !changed.checked) return;
  // In a row of a group the reasons are those of the whole group.
  for (let around = field; around; around = around.parentElement.closest(".field[data-name]")) {
    untick([...around.querySelectorAll("input[data-reason]")].filter((input) => input.closest(".field") === around));
  }
  if (changed.type !== "checkbox") return;
  untick("excludes" in changed.dataset ? others((input) => input.type === "checkbox") : others((input) => "excludes" in input.dataset));
}

// ── Rows of a group ────────────────────────────────────────────────────

const rowsOf = (group) => [...group.querySelectorAll(":scope > .group-row")];
const numberOf = (row) => row.querySelector("[name]").name.match(/-([0-9]+)-/)[1];
const rowOf = (group, number) => rowsOf(group).find((row) => numberOf(row) === number) ?? null;

function makeButton(words, look) {
  const made = document.createElement("button");
  made.type = "button"; made.className = `btn ${look}`; made.textContent = words;
  return made;
}

function addRow(group) {
  if (rowsOf(group).length >= Number(group.dataset.atMost)) return null;
  const next = Math.max(-1, ...rowsOf(group).map((row) => Number(numberOf(row)))) + 1;
  const row = group.querySelector("template").content.firstElementChild.cloneNode(true);
  const marked = `${group.dataset.name}-row-`;
  for (const element of row.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (["id", "name", "for", "aria-describedby"].includes(name)) element.setAttribute(name, value.replaceAll(marked, `${group.dataset.name}-${next}-`));
    }
  }
  group.querySelector("[data-add]").before(row);
  dressRow(group, row);
  return row;
}

function dressRow(group, row) {
  const remove = makeButton(said("Remove"), "btn-quiet btn-small");
  remove.dataset.remove = "";
  remove.addEventListener("click", () => {
    const following = row.nextElementSibling?.matches(".group-row") ? row.nextElementSibling : row.previousElementSibling;
    row.remove();
    if (!rowsOf(group).length) addRow(group);
    renumber(group);
    (following?.querySelector?.("input, textarea") ?? group.querySelector("[data-add]")).focus();
    group.dispatchEvent(new Event("input", { bubbles: true }));
  });
  row.append(remove);
  for (const words of row.querySelectorAll(".only-if")) words.hidden = true;
  renumber(group);
}

function renumber(group) {
  const lines = rowsOf(group);
  lines.forEach((row, at) => {
    for (const place of row.querySelectorAll("[data-number]")) place.textContent = at + 1;
    row.querySelector("[data-remove]")?.setAttribute("aria-label", said("Remove row %(number)s", { number: at + 1 }));
  });
  const button = group.querySelector("[data-add]");
  button.hidden = lines.length >= Number(group.dataset.atMost);
  button.textContent = said("Add a row");
}

function dressGroup(group) {
  if (!group.querySelector("[data-add]")) {
    const add = makeButton("", "btn-quiet");
    add.dataset.add = "";
    group.querySelector(":scope > template").after(add);
  }
  const add = group.querySelector("[data-add]");
  add.type = "button";
  add.addEventListener("click", () => addRow(group)?.querySelector("input, textarea")?.focus());
  group.querySelector("[data-without-scripts]").remove();
  const isBlank = (row) => ![...row.querySelectorAll("input, textarea")].some((input) => (isTick(input) ? input.checked && input.value : input.value));
  rowsOf(group).forEach((row, at) => { if (at > 0 && isBlank(row)) row.remove(); else dressRow(group, row); });
}

// ── What the entry before says ─────────────────────────────────────────

// By the clock of the zone that the entry will name. Swedish writes dates as forms do.
function present(form, fields) {
  const { zone, at } = form.clockNow?.() ?? { zone: form.elements["entry-zone"]?.value, at: Date.now() };
  const moment = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: zone || undefined }).format(at).replace(" ", "T");
  const parts = { date: moment.slice(0, 10), time: moment.slice(11), date_time: moment };
  return Object.fromEntries(fields.filter((field) => parts[field.dataset.kind]).map((field) => [field.dataset.name, [parts[field.dataset.kind]]]));
}

async function formerThere(form, names) {
  const response = await fetch(`/diary/${encodeURIComponent(form.dataset.keep)}/former?of=${encodeURIComponent(names.join(" "))}`, { headers: { Accept: "application/json" }, cache: "no-store" });
  return response.ok ? response.json() : null;
}

const dayInWords = (day) => new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`)).replace(/^(\w+),/, "$1");
const isEmpty = (field) => ![...field.querySelectorAll("input, textarea")].some((one) => (isTick(one) ? one.checked && one.value : one.value.trim()));

async function takeOver(form, button) {
  const names = button.value.split(" ");
  const said = button.parentElement.querySelector("[data-same-said]");
  const known = await Promise.all([form.formerKept?.(names), formerThere(form, names)].map((one) => Promise.resolve(one).catch(() => null)));
  const [former] = known.filter(Boolean).sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  if (!former) { said.textContent = button.dataset.none; return; }
  const blank = [...form.querySelectorAll(":scope > .field[data-name]")].filter((field) => names.includes(field.dataset.name) && isEmpty(field));
  const isOf = (name) => blank.some(({ dataset }) => name === dataset.name || name.startsWith(`${dataset.name}-`));
  const values = Object.entries({ ...former.fields, ...present(form, blank) }).filter(([name]) => isOf(name));
  form.dispatchEvent(new CustomEvent("fill", { detail: Object.fromEntries(values) }));
  form.dispatchEvent(new Event("input"));
  said.textContent = button.dataset.filled.replace("{day}", dayInWords(former.day));
  // The whole form at once: what was filled in is seen, and saving is one tap away.
  if (button.parentElement.parentElement === form) { form.dispatchEvent(new Event("show-all")); window.scrollTo(0, 0); }
}

function offerSame(form) {
  for (const button of form.querySelectorAll("[data-same]")) {
    button.addEventListener("click", (event) => { event.preventDefault(); takeOver(form, button); });
  }
  // For a phone that knows a later entry, or that has the page without knowing whose it is.
  form.addEventListener("former", (event) => {
    for (const button of form.querySelectorAll("[data-same]")) {
      const found = event.detail(button.value.split(" "));
      if (!found || Date.parse(button.dataset.at ?? 0) >= Date.parse(found.at)) continue;
      button.dataset.at = found.at;
      button.textContent = button.dataset.words.replace("{day}", dayInWords(found.day));
      button.parentElement.hidden = false;
    }
  });
}

// ── A slider beside a number ───────────────────────────────────────────

function addSlider(input) {
  const { low, high } = input.dataset;
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: low, max: high, step: 1, className: "slider untouched" });
  const field = input.closest(".field");
  const words = field.querySelector("label.ask").firstChild.textContent.trim();
  slider.setAttribute("aria-label", said("%(question)s: slider", { question: words }));
  const show = () => {
    const set = /^[0-9]+$/.test(input.value.trim());
    slider.classList.toggle("untouched", !set);
    if (set) slider.value = input.value; else slider.value = (Number(low) + Number(high)) / 2;
    slider.setAttribute("aria-valuetext", set ? input.value : said("no answer yet"));
  };
  const take = () => { input.value = slider.value; input.dispatchEvent(new Event("input", { bubbles: true })); };
  slider.addEventListener("input", take);
  // A first touch that happens to meet the middle moves nothing, and is an answer all the same.
  slider.addEventListener("click", take);
  for (const event of ["input", "emptied", "change"]) input.addEventListener(event, show);
  field.querySelector(".ends").before(slider);
  show();
}

// ── Screens ────────────────────────────────────────────────────────────

// About how many seconds a question takes, rounded up where people read a list or look something up.
const LIST = (field) => 3 + field.querySelectorAll("label").length;
const SECONDS = {
  rating: 4, analogue: 8, integer: 6, decimal: 5, yes_no: 3, choice: LIST, choices: LIST, date: 8, time: 6, date_time: 10,
  duration: 8, text: 10, notes: 10, body_map: 60, group: 180, heading: 3, explanation: 8,
};
const secondsOf = (field) => { const known = SECONDS[field.dataset.kind] ?? 0; return typeof known === "number" ? known : known(field); };
const inWords = (left) => (left < 55
  ? said("about %(seconds)s seconds left", { seconds: Math.max(10, Math.round(left / 10) * 10) })
  : said("about %(minutes)s min left", { minutes: Math.ceil(left / 60) }));
const BETWEEN = ["heading", "explanation"];
const LARGE = ["body_map", "group"]; // a screen of their own
const isOn = (field) => !field.dataset.off;
const isAsked = (field) => isOn(field) && !BETWEEN.includes(field.dataset.kind);

// Fields in the order of the form, a few questions that are asked a screen; what is hidden stays where it would appear.
// A heading begins a screen; it and an explanation stay with the question that follows.
function cut(fields, size) {
  const screens = [];
  let screen = [], weight = 0, waiting = [];
  const close = () => { if (screen.length) screens.push(screen); screen = []; weight = 0; };
  for (const field of fields) {
    if (BETWEEN.includes(field.dataset.kind)) {
      if (field.dataset.kind === "heading" && isOn(field) && !waiting.some((one) => one.dataset.kind === "heading")) close();
      waiting.push(field);
      continue;
    }
    const heavy = LARGE.includes(field.dataset.kind) ? size : 1;
    if (isAsked(field)) {
      if (weight + heavy > size && weight > 0) close();
      weight += heavy;
    }
    screen.push(...waiting, field);
    waiting = [];
  }
  screen.push(...waiting);
  close();
  const last = screens.at(-1);
  const single = last?.filter(isAsked).length <= 1 && !last.some((field) => field.dataset.kind === "heading" || LARGE.includes(field.dataset.kind));
  if (screens.length > 1 && single && !screens.at(-2).some((field) => LARGE.includes(field.dataset.kind))) screens.at(-2).push(...screens.pop());
  return screens;
}

// Questions with the same answers that stand under one heading are parts of one sentence ("how often have you been
// bothered by"): the heading is said again on each screen that goes on with them.
const answersOf = (field) => field.dataset.kind + [...field.querySelectorAll("label")].map((label) => label.textContent).join("\n");

function stemOf(fields, screen) {
  const first = screen.find(isAsked);
  if (!first || screen.some((field) => field.dataset.kind === "heading" && isOn(field))) return null;
  const before = fields.slice(0, fields.indexOf(first)).filter(isOn);
  const at = before.findLastIndex((field) => field.dataset.kind === "heading");
  if (at < 0) return null;
  const since = before.slice(at + 1).filter(isAsked);
  const same = since.length > 0 && since.every((field) => answersOf(field) === answersOf(first));
  return same ? before[at].querySelector("h2") : null;
}

function showScreens(form, fields, size) {
  let screens = cut(fields, size), shown = 0;
  if (screens.length < 2) return () => {};
  const line = document.createElement("div");
  line.className = "progress-line";
  line.innerHTML = '<progress></progress><p class="hint" role="status"></p>';
  const stem = document.createElement("p");
  stem.className = "stem";
  form.before(line, stem);
  const bar = form.querySelector(":scope > .actions");
  const save = [...bar.children];
  const back = makeButton(said("Back"), "btn-quiet"), next = makeButton(said("Next"), "btn-primary");
  bar.classList.add("steps");
  bar.prepend(back, next);

  const show = (number, focus) => {
    shown = Math.max(0, Math.min(number, screens.length - 1));
    for (const one of form.querySelectorAll(":scope > .same")) one.classList.toggle("later", shown > 0);
    screens.forEach((screen, at) => { for (const field of screen) field.hidden = at !== shown || !isOn(field); });
    say();
    if (!focus) return;
    window.scrollTo(0, 0);
    screens[shown].find(isAsked)?.querySelector("input, textarea, select")?.focus({ preventScroll: true });
  };
  const say = () => {
    const asked = screens.map((screen) => screen.filter(isAsked).length);
    const steps = screens.map((_, at) => at).filter((at) => asked[at] > 0 || at === shown);
    const last = !steps.some((at) => at > shown);
    for (const one of save) one.hidden = !last;
    next.hidden = last;
    back.hidden = shown === 0;
    const words = inWords(screens.slice(shown).flat().filter(isOn).reduce((sum, field) => sum + secondsOf(field), 0));
    const heading = stemOf(fields, screens[shown]);
    stem.textContent = heading?.textContent ?? "";
    stem.lang = heading?.lang ?? "";
    const step = steps.indexOf(shown) + 1, progress = line.querySelector("progress");
    progress.max = steps.length;
    progress.value = step;
    progress.setAttribute("aria-label", said("Screen %(step)s of %(steps)s", { step, steps: steps.length }));
    const told = said("%(step)s of %(steps)s · %(left)s", { step, steps: steps.length, left: words });
    // Told again only if it changed: it is read out.
    if (line.querySelector("p").textContent !== told) line.querySelector("p").textContent = told;
  };
  const goOn = () => {
    // What comes is cut again, by what is asked now; what has been seen stays as it was.
    const seen = screens.slice(0, shown + 1);
    screens = [...seen, ...cut(fields.filter((field) => !seen.flat().includes(field)), size)];
    const step = screens.findIndex((screen, at) => at > shown && screen.some(isAsked));
    if (step < 0) { say(); return; }
    history.pushState({ screen: step }, "");
    show(step, true);
  };
  history.replaceState({ screen: 0 }, "");
  next.addEventListener("click", goOn);
  back.addEventListener("click", () => history.back());
  window.addEventListener("popstate", (event) => show(event.state?.screen ?? 0, true));
  // Enter in a line goes on instead of sending half an entry.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || next.hidden) return;
    event.preventDefault();
    goOn();
  });
  // What needs another look is seen on one page.
  form.addEventListener("show-all", () => { screens = [fields]; show(0, false); line.hidden = true; });
  show(0, false);
  return () => show(shown, false);
}

// ── The form ───────────────────────────────────────────────────────────

function helpWith(form) {
  const wrong = document.querySelector(".error-summary");
  const fields = [...form.querySelectorAll(":scope > .field")];
  for (const words of form.querySelectorAll(".field[data-branch] > .only-if")) words.hidden = true;
  form.querySelectorAll(".group").forEach(dressGroup);
  // What is asked before consent has no draft: nothing of it may stay in the browser.
  const draft = form.dataset.draft ? KEY + form.dataset.draft : null;
  // Answers as they are now, for the aid that needs no network.
  form.answersNow = () => answers(fields);
  if (!wrong && draft) fillIn(form, JSON.parse(sessionStorage.getItem(draft) ?? "{}"));
  form.querySelectorAll("[data-slider]").forEach(addSlider);
  offerSame(form);
  followAll(fields);
  // After an error the whole form stays on one page, so that every sentence is seen.
  const refresh = wrong || !form.dataset.steps ? () => {} : showScreens(form, fields, Number(form.dataset.steps));
  const keep = () => {
    const values = typed(form);
    try { if (draft) sessionStorage.setItem(draft, JSON.stringify(values)); } catch { /* A full or forbidden store: the form still works. */ }
    // A phone that keeps the diary keeps it beyond this tab.
    form.dispatchEvent(new CustomEvent("draft", { detail: values }));
  };
  form.addEventListener("input", (event) => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) excludeOthers(event.target);
    followAll(fields);
    refresh();
    keep();
  });
  form.addEventListener("fill", (event) => { fillIn(form, event.detail); form.querySelectorAll("[data-low]").forEach((one) => one.dispatchEvent(new Event("change"))); followAll(fields); refresh(); });
  form.addEventListener("submit", () => { keep(); if (draft) sessionStorage.setItem(KEY + "sent", form.dataset.draft); });
}

proposeZone();
forgetWhatWasSent();
const form = document.querySelector("form[data-steps], form[data-questions]");
if (form) helpWith(form);

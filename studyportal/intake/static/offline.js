/* Today without a network: what is due by the clock of this phone, what waits here, what was sent from here. */
import * as kept from "./kept.js";
import { refusalIn, said, saidOf } from "./saying.js";
import { sendAll } from "./sending.js";

const page = document.querySelector("[data-offline-today]");
const part = (name) => page.querySelector(`[data-${name}]`);
const instruments = new Map([...document.querySelectorAll("template[data-instrument]")].map((one) => [one.dataset.instrument, one.dataset]));
const HOUR = 3_600_000;

// English as the pages of the study write it.
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const inWords = (moment) => new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(new Date(moment));
const dayInWords = (date) => new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${date}T00:00:00Z`));

function make(name, words, look = "") {
  const made = document.createElement(name);
  if (words) made.textContent = words;
  if (look) made.className = look;
  return made;
}

function task(title, hint, control, level = "h2") {
  const line = make("li"), words = make("div");
  words.append(make(level, title));
  if (hint) words.append(make("p", hint, "hint"));
  line.append(words, ...[control].flat());
  return line;
}

function link(words, address, title, look = "btn-primary") {
  const made = make("a", words, `btn ${look}`);
  made.href = address;
  made.append(make("span", `: ${title}`, "visually-hidden"));
  return made;
}

function button(words, act, look = "btn-quiet") {
  const made = make("button", words, `btn ${look}`);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function ask(words) {
  const dialog = document.querySelector("[data-dialog]");
  dialog.querySelector("[data-words]").textContent = words;
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.querySelector("[data-yes]").onclick = () => dialog.close("yes");
    dialog.querySelector("[data-no]").onclick = () => dialog.close("no");
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
  });
}

// ── What is due ────────────────────────────────────────────────────────

function showDue(known, waiting) {
  const now = Date.now() - (known.skew ?? 0);
  const here = new Set(waiting.map(({ entry }) => `${entry.instrument} ${entry.fields.find(([name]) => name === "entry-occasion")?.[1] ?? ""}`));
  const open = known.due.filter((one) => Date.parse(one.opens) <= now && now < Date.parse(one.ends) && instruments.has(one.instrument) && !here.has(`${one.instrument} ${one.number}`));
  part("due").replaceChildren(...open.map((one, at) => {
    const { title, once } = instruments.get(one.instrument);
    const late = now >= Date.parse(one.closes);
    const words = late
      ? said("Late. You can still write it until %(ends)s.", { ends: inWords(one.ends) })
      : said("On time until %(closes)s.", { closes: inWords(one.closes) });
    return task(once ? title : said("%(title)s for %(day)s", { title, day: dayInWords(one.date) }), words, link(said("Write it"), `/diary/${one.instrument}/${one.number}`, title, at ? "btn-quiet" : "btn-primary"));
  }));
  return open.length;
}

function showAnyTime(events, now) {
  const any = [...instruments.values()].filter((one) => one.form === "on_demand");
  const lines = any.map((one) => task(one.title, one.hint, link(said("Record"), `/diary/${one.instrument}`, one.title, "btn-quiet"), "h3"));
  for (const one of [...instruments.values()].filter((after) => after.form === "after")) {
    for (const event of events.filter((event) => event.instrument === one.after)) {
      const opens = Date.parse(event.saved_at) + Number(one.delay) * 1000;
      if (opens > now || now > opens + Number(one.open) * 1000 + HOUR) continue;
      const words = said("After what you wrote on %(when)s.", { when: inWords(event.saved_at) });
      lines.push(task(one.title, words, link(said("Record"), `/diary/${one.instrument}?follows=${event.id}`, one.title, "btn-quiet"), "h3"));
    }
  }
  part("any").replaceChildren(...lines);
  part("any-head").hidden = lines.length === 0;
}

// ── What waits, and what was sent ──────────────────────────────────────

function showWaiting(waiting) {
  part("waiting").hidden = waiting.length === 0;
  part("queue").replaceChildren(...waiting.map((one) => {
    const { title, saved_at: saved, instrument } = one.entry;
    const refused = one.state === "refused";
    const sentences = refused ? [refusalIn(one.said), ...Object.values(one.said.problems ?? {})].join(" ") : said("It will be sent when you are online.");
    const drop = button(said("Remove"), async () => {
      if (await ask(said('Remove "%(title)s" of %(when)s from this phone? It has not been sent and would be gone.', { title, when: inWords(saved) }))) { await kept.dropQueued(one.number); await show(); }
    });
    const look = refused ? [link(said("Have another look"), `/offline/diary/${instrument}?again=${one.number}`, title)] : [];
    return task(`${title}, ${inWords(saved)}`, sentences, [...look, drop], "h3");
  }));
}

function showSent(sent) {
  part("done").hidden = sent.length === 0;
  part("sent").replaceChildren(...sent.reverse().slice(0, 20).map((one) => {
    const line = make("li", said("%(title)s, written %(when)s.", { title: one.title, when: inWords(one.saved_at) }) + " ");
    const receipt = make("a", said("Keep the receipt"));
    receipt.href = URL.createObjectURL(new Blob([JSON.stringify(one.receipt)], { type: "application/json" }));
    receipt.download = "receipt.json";
    line.append(receipt);
    return line;
  }));
}

export async function show() {
  const whose = await kept.latest();
  const known = whose ? await kept.person(whose) : null;
  if (!known) return;
  const waiting = (await kept.queued()).filter((one) => one.whose === whose);
  const sent = await kept.sentOf(whose);
  const count = known.takes_entries ? showDue(known, waiting) : 0;
  const entries = (number) => saidOf(number, "One diary is waiting", "%(num)d diaries are waiting");
  const offline = !navigator.onLine;
  part("heading").textContent = offline && count ? entries(count) : offline ? said("Nothing is due now") : said("On this phone");
  part("state").textContent = offline
    ? said("You are offline. What you write is locked on this phone, and sent when you are online again.")
    : said("Here is what your phone keeps for you. Nobody else can read it.");
  part("tasks").hidden = !known.takes_entries || !offline;
  const events = [...waiting.map(({ id, entry }) => ({ id, instrument: entry.instrument, saved_at: entry.saved_at })), ...sent];
  showAnyTime(events, Date.now() - (known.skew ?? 0));
  showWaiting(waiting);
  showSent(sent);
  part("clear").hidden = false;
  part("send").onclick = async () => { await sendAll(); await show(); };
  part("remove-all").onclick = async () => {
    const words = waiting.length
      ? saidOf(
        waiting.length,
        "Remove everything that this phone keeps of your diary? %(num)d of your entries has not been sent and would be gone.",
        "Remove everything that this phone keeps of your diary? %(num)d of your entries have not been sent and would be gone.",
      )
      : said("Remove everything that this phone keeps of your diary?");
    if (await ask(words)) { await kept.forgetAll(); location.assign("/"); }
  };
}

document.addEventListener("kept-changed", () => show());
window.addEventListener("offline", () => show());

/* Turn reminders on and off in this browser. Asked for by a tap, never by itself; without scripts the page says so.

   The study is told where to push and with which key; a digest of it lets this page know its own browser again. */
import { said } from "./saying.js";

const place = document.querySelector("[data-push-key]");
const button = place?.querySelector("[data-subscribe]");
const say = (words) => { place.querySelector("[data-push-said]").textContent = words; };
const failed = () => said("This browser could not be set up. Choose another kind of reminder, or try another browser.");
const isAble = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function base64url(raw) {
  return btoa(String.fromCharCode(...new Uint8Array(raw))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function markOf(subscription) {
  const text = new TextEncoder().encode(`${place.dataset.whose}|${subscription.endpoint}`);
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", text))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

async function present() {
  return (await (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription()) ?? null;
}

async function fresh() {
  await navigator.serviceWorker.register("/worker.js", { type: "module", updateViaCache: "none" });
  const { pushManager } = await navigator.serviceWorker.ready;
  const old = await pushManager.getSubscription();
  // One that was made for somebody else, or for a key that the study has no more.
  await old?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: place.dataset.pushKey });
}

async function send(subscription) {
  const body = new URLSearchParams({
    csrf_token: document.querySelector("input[name=csrf_token]").value,
    address: subscription.endpoint,
    public: base64url(subscription.getKey("p256dh")),
    auth: base64url(subscription.getKey("auth")),
  });
  const headers = { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" };
  const answer = await fetch(place.dataset.action, { method: "POST", headers, body });
  if (answer.ok) return "";
  await subscription.unsubscribe();
  return (await answer.json().catch(() => ({}))).refusal ?? failed();
}

async function turnOn() {
  button.disabled = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") {
      say(said("This browser does not show notifications of this site. You can allow them in its settings."));
      return;
    }
    const refused = await send(await fresh());
    if (refused) say(refused);
    else location.reload();
  } catch {
    say(failed());
  } finally {
    button.disabled = false;
  }
}

async function show() {
  const mine = await present();
  const row = mine && document.querySelector(`[data-mark="${await markOf(mine)}"]`);
  if (row) row.querySelector("[data-which]").textContent = said("This browser");
  button.hidden = Boolean(row);
  say(row ? said("This browser reminds you.") : said("The browser asks you whether it may show notifications."));
}

if (place) {
  if (isAble) {
    button.addEventListener("click", turnOn);
    show();
  } else say(said("This browser cannot be reminded. Choose your calendar or mail."));
}

// Ending this browser ends it on both sides; if the page is gone before, the study's side is what counts.
for (const form of document.querySelectorAll("form[data-end-push]")) {
  form.addEventListener("submit", async (event) => {
    const mine = isAble && place ? await present() : null;
    if (mine && (await markOf(mine)) === form.dataset.endPush) await mine.unsubscribe();
  });
}

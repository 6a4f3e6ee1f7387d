/* Helps for the diary. Every page works without them.
   - A long form becomes a few questions a screen, with a line that says how far one is; Back goes to the screen before.
   - What is typed is kept in this tab until it has been sent, so that going back or losing the network loses nothing.
   - The time zone of the phone is proposed where one is asked for. */
(() => {
  "use strict";

  for (const select of document.querySelectorAll("select[name=zone]")) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!select.value && [...select.options].some((one) => one.value === zone)) select.value = zone;
  }

  const form = document.querySelector("form[data-steps]");
  const KEY = "diary-draft:";
  if (document.querySelector("[data-draft-done]")) {
    const sent = sessionStorage.getItem(KEY + "sent");
    if (sent) { sessionStorage.removeItem(KEY + sent); sessionStorage.removeItem(KEY + "sent"); }
  }
  // Whoever signs out, or has erased, leaves nothing typed behind in this tab.
  const forget = () => { for (const key of Object.keys(sessionStorage)) if (key.startsWith(KEY)) sessionStorage.removeItem(key); };
  if (document.querySelector("[data-drafts-end]")) forget();
  document.querySelector("form[action$='/sign-out']")?.addEventListener("submit", forget);
  if (!form) return;

  // The draft: questions only, never the token or the entry's id.
  const draft = KEY + form.dataset.draft;
  const asked = () => [...form.elements].filter((one) => one.name && one.type !== "hidden");
  const keep = () => {
    const values = {};
    for (const one of asked()) {
      if (one.type !== "radio" && one.type !== "checkbox") { if (one.value) values[one.name] = one.value; }
      else if (one.checked) values[one.name] = one.value;
    }
    try { sessionStorage.setItem(draft, JSON.stringify(values)); } catch { /* A full or forbidden store: the form still works. */ }
  };
  const wrong = document.querySelector(".error-summary");
  if (!wrong) {
    const values = JSON.parse(sessionStorage.getItem(draft) ?? "{}");
    for (const one of asked()) {
      if (!(one.name in values)) continue;
      if (one.type === "radio" || one.type === "checkbox") one.checked = one.value === values[one.name];
      else if (!one.value) one.value = values[one.name];
    }
  }
  form.addEventListener("input", keep);
  form.addEventListener("submit", () => { keep(); sessionStorage.setItem(KEY + "sent", form.dataset.draft); });

  // The screens. After an error the whole form stays on one page, so that every sentence is seen.
  const fields = [...form.querySelectorAll(":scope > .field")];
  const size = Number(form.dataset.steps);
  if (wrong || fields.length <= size) return;
  const screens = [];
  for (let at = 0; at < fields.length; at += size) screens.push(fields.slice(at, at + size));
  if (screens.length > 1 && screens.at(-1).length === 1) screens.at(-2).push(...screens.pop());

  const line = document.createElement("div");
  line.className = "progress-line";
  line.innerHTML = '<progress></progress><p class="hint" role="status"></p>';
  form.before(line);
  const bar = form.querySelector(".actions");
  const save = [...bar.children];
  const button = (words, look) => {
    const made = document.createElement("button");
    made.type = "button"; made.className = `btn ${look}`; made.textContent = words;
    return made;
  };
  const back = button("Back", "btn-quiet"), next = button("Next", "btn-primary");
  bar.classList.add("steps");
  bar.prepend(back, next);

  const SECONDS = 5; // about what one question takes
  let shown = 0;
  const show = (number, focus) => {
    shown = Math.max(0, Math.min(number, screens.length - 1));
    const last = shown === screens.length - 1;
    screens.forEach((screen, at) => { for (const field of screen) field.hidden = at !== shown; });
    for (const one of save) one.hidden = !last;
    next.hidden = last;
    back.hidden = shown === 0;
    const left = screens.slice(shown).flat().length * SECONDS;
    const words = left < 60 ? `about ${Math.ceil(left / 10) * 10} seconds left` : `about ${Math.round(left / 60)} min left`;
    line.querySelector("progress").max = screens.length;
    line.querySelector("progress").value = shown + 1;
    line.querySelector("progress").setAttribute("aria-label", `Screen ${shown + 1} of ${screens.length}`);
    line.querySelector("p").textContent = `${shown + 1} of ${screens.length} · ${words}`;
    if (focus) { window.scrollTo(0, 0); screens[shown][0].querySelector("input, textarea, select")?.focus({ preventScroll: true }); }
  };
  history.replaceState({ screen: 0 }, "");
  next.addEventListener("click", () => { history.pushState({ screen: shown + 1 }, ""); show(shown + 1, true); });
  back.addEventListener("click", () => history.back());
  window.addEventListener("popstate", (event) => show(event.state?.screen ?? 0, true));
  // Enter in a line goes on instead of sending half an entry.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || shown === screens.length - 1) return;
    event.preventDefault();
    next.click();
  });
  show(0, false);
})();

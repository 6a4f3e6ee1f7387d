/* Small helps. Every page works without them. */
(() => {
  "use strict";

  // The error summary is read out and its links are one key away.
  document.querySelector("[data-focus]")?.focus();

  // A form is sent once; the button comes back when the page does.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
    }
  });

  // A link from the error summary to a button of a scale brings its question into view.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".error-summary a");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.closest(".field") ?? field).scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });

  // Copy what is shown once, such as a passphrase.
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      button.textContent = button.dataset.copied ?? "Copied";
    });
  }

  // Of many boxes under one heading: choose all or none of them, and say how many are.
  for (const group of document.querySelectorAll(".group-of-items")) {
    const boxes = [...group.querySelectorAll("input[type=checkbox]")];
    const count = group.querySelector("[data-chosen]");
    if (!count) continue;
    const button = group.querySelector("[data-all]");
    const words = button?.textContent;
    const tell = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      count.textContent = count.dataset.chosen.replace("{chosen}", chosen).replace("{all}", boxes.length);
      if (button) button.textContent = chosen === boxes.length ? button.dataset.none : words;
    };
    if (button) button.hidden = false;
    button?.addEventListener("click", () => {
      const all = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !all;
      tell();
    });
    group.addEventListener("change", tell);
    tell();
  }

  // A square that was scanned brings the code behind the #, which no server sees; it leaves the address at once.
  const fromAddress = document.querySelector("[data-from-address]");
  if (fromAddress && /^#[0-9A-Za-z-]{12,20}$/.test(location.hash)) {
    fromAddress.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }

  // Print what is shown once, such as a receipt.
  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();

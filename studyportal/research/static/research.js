/* Redraw a cohort page as soon as a choice changes. Without this, the button "Show" does the same. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-redraw]");
  if (!form) return;
  for (const button of document.querySelectorAll(".by-hand")) button.hidden = true;
  // On a phone the numbers come first; the criteria are one tap away.
  const criteria = form.closest("details");
  if (matchMedia("(max-width: 900px)").matches && location.search) criteria.open = false;
  const refused = document.getElementById("refused");
  const PARTS = ["left", "as-text", "results", "keep"];
  let running = null;

  const address = () => {
    const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    return `${location.pathname}${asked.size ? "?" : ""}${asked}`;
  };

  async function redraw() {
    running?.abort();
    const answer = running = new AbortController();
    const wanted = address();
    try {
      const response = await fetch(wanted, { signal: answer.signal, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (response.redirected) { location.assign(response.url); return; }
      refused.hidden = response.ok;
      if (!response.ok) { refused.textContent = page.querySelector("main .lead")?.textContent ?? "This could not be shown. Load the page again.";
        // Where the ledger refuses, the way to a reviewer stands beside the sentence.
        const way = page.querySelector("main a[data-way]");
        if (way) refused.append(" ", document.adoptNode(way));
        return;
      }
      if (!page.getElementById("results")) { location.assign(wanted); return; }
      const fresh = PARTS.map((id) => document.adoptNode(page.getElementById(id)));
      // Drawn before they are shown, so that nothing jumps.
      for (const part of fresh) await window.drawPictures?.(part, document.getElementById(part.id).clientWidth);
      if (answer.signal.aborted) return;
      const typed = document.getElementById("name").value;
      for (const part of fresh) document.getElementById(part.id).replaceWith(part);
      document.getElementById("name").value = typed;
      history.replaceState(null, "", wanted);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      refused.hidden = false;
      refused.textContent = "The room cannot be reached just now. What you see is from before your last change.";
    }
  }

  document.addEventListener("change", (event) => { if (event.target.form === form) redraw(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); event.stopPropagation(); redraw(); });
})();

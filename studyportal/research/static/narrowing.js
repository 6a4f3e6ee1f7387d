/* Narrow a long list while somebody types what they look for. Without this, its folded groups are opened by hand. */
(() => {
  "use strict";

  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  /* The words of the groups that an entry stands in. */
  const around = (entry, list) => {
    const found = [];
    for (let group = entry.closest("[data-group]"); group && list.contains(group); group = group.parentElement.closest("[data-group]"))
      found.push(group.querySelector("summary")?.textContent ?? "");
    return plain(found.join(" "));
  };

  for (const field of document.querySelectorAll("input[data-narrows]")) {
    const list = document.getElementById(field.dataset.narrows);
    const said = document.getElementById(`${field.id}-said`);
    const entries = [...list.querySelectorAll("[data-entry]")].map((entry) => ({ entry, own: plain(entry.textContent), around: around(entry, list) }));
    const groups = [...list.querySelectorAll("[data-group]")];
    let opened = null;  // which groups were open before anything was typed
    let waiting = 0;

    const narrow = () => {
      const wanted = plain(field.value).split(/\s+/).filter(Boolean);
      opened ??= new Set(groups.filter((group) => group.open));
      const having = (text) => wanted.every((word) => text.includes(word));
      // The names of groups help where nothing else is found: "evening pain".
      const own = entries.filter((one) => having(one.own));
      const found = new Set(own.length ? own : entries.filter((one) => having(`${one.own} ${one.around}`)));
      for (const one of entries) one.entry.hidden = !found.has(one);
      for (const group of groups) {
        group.hidden = !group.querySelector("[data-entry]:not([hidden])");
        if ("open" in group) group.open = wanted.length ? !group.hidden : opened.has(group);
      }
      if (!wanted.length) opened = null;
      // Said when somebody pauses, not at each letter.
      clearTimeout(waiting);
      waiting = setTimeout(() => { said.textContent = wanted.length ? `${found.size || "None"} of ${entries.length}` : ""; }, 300);
    };

    field.closest(".narrowing").hidden = false;
    field.addEventListener("input", narrow);
    // Return narrows, and sends nothing.
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
    if (field.value) narrow();  // what was typed before the page was left
  }
})();

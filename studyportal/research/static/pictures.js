/* Draw the pictures of a page from their documents. Without this, the tables beside them say the same. */
(() => {
  "use strict";

  const looks = JSON.parse(document.getElementById("looks").dataset.looks);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const OPTIONS = { ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: { disableDefaultStyle: true } };
  const BESIDE = 56;  // what stands right of plots below each other
  const LETTER = 7;  // about as wide as one in a title of plots below each other
  const views = new WeakMap();

  /* The words of a title, in lines that are not wider than `width`. */
  const lines = (text, width) => {
    const most = Math.floor(width / LETTER);
    return text.split(" ").reduce((made, word) => {
      const last = made.at(-1);
      return last !== undefined && last.length + word.length < most ? [...made.slice(0, -1), `${last} ${word}`] : [...made, word];
    }, []);
  };
  const part = (one, width) => ({
    ...one,
    width: width - BESIDE,
    ...(one.title?.text && { title: { ...one.title, text: lines(one.title.text, width) } }),
  });

  const widened = (spec, width) =>
    spec.vconcat
      ? { ...spec, vconcat: spec.vconcat.map((one) => part(one, width)) }
      : { ...spec, width, autosize: { type: "fit-x", contains: "padding" } };

  async function draw(figure, width) {
    const place = figure.querySelector(".drawn");
    const spec = widened(JSON.parse(figure.dataset.picture), width);
    views.get(figure)?.finalize();
    views.set(figure, await window.vegaEmbed(place, { ...spec, config: looks[dark.matches ? "dark" : "light"] }, OPTIONS));
    // The place has a name, and a table beside it; the drawing's parts say nothing more.
    place.querySelector("svg").setAttribute("aria-hidden", "true");
    figure.hidden = false;
    figure.dataset.width = width;
  }

  const figures = (root) => [...root.querySelectorAll("figure[data-picture]")];

  /* Draw all pictures below `root`, as wide as the place where it stands or will stand. */
  window.drawPictures = async (root, width = root.clientWidth) => {
    for (const figure of figures(root)) await draw(figure, width);
  };

  const all = async (again) => {
    for (const figure of figures(document)) {
      const width = figure.parentElement.clientWidth;
      if (width && (again || Number(figure.dataset.width) !== width)) await draw(figure, width);
    }
  };
  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(all, 150); });
  dark.addEventListener("change", () => all(true));
  // What is opened has a width from then on.
  document.addEventListener("toggle", () => all(), true);
  all();
})();

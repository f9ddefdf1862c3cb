// A drag over the chart of events chooses a time. Without this file every bar is a link.
let drag = null; // { svg, from, to }

const barsOf = (svg) => [...svg.querySelectorAll(".bar")];

function barAt(svg, x) {
  const { left, width } = svg.getBoundingClientRect();
  const bars = barsOf(svg);
  return Math.min(bars.length - 1, Math.max(0, Math.floor(((x - left) / width) * bars.length)));
}

function mark() {
  const [first, last] = [drag.from, drag.to].sort((a, b) => a - b);
  barsOf(drag.svg).forEach((bar, at) => bar.toggleAttribute("data-chosen", drag.moved && at >= first && at <= last));
  return [first, last];
}

function stop() {
  if (!drag) return;
  drag.moved = false;
  mark();
  drag = null;
}

document.addEventListener("pointerdown", (event) => {
  const svg = event.target.closest?.("#histogram .bars");
  if (!svg || event.button !== 0 || !event.isPrimary) return;
  const at = barAt(svg, event.clientX);
  drag = { svg, from: at, to: at, moved: false };
});

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  drag.to = barAt(drag.svg, event.clientX);
  drag.moved ||= drag.to !== drag.from;
  mark();
});

document.addEventListener("pointerup", () => {
  if (!drag?.moved) return stop();
  const bars = barsOf(drag.svg);
  const [first, last] = mark();
  const { base, text } = drag.svg.closest("figure").dataset;
  const address = new URL(base, location.href);
  const span = `since:${bars[first].dataset.since} until:${bars[last].dataset.until}`;
  address.searchParams.set("q", `${text} ${span}`.trim());
  drag = null;
  location.assign(address);
});
// What ends over the bar where it began was no click either.
document.addEventListener("click", (event) => {
  if (document.querySelector("#histogram [data-chosen]")) event.stopPropagation();
}, { capture: true });
// A chart that was asked for before the drag began would take its bars away.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (drag?.moved && event.detail.target.id === "histogram") event.detail.shouldSwap = false;
});
// A finger that goes up or down scrolls the page.
document.addEventListener("pointercancel", stop);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") stop();
});

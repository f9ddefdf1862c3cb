// Signs and days of a backtest load what explains them into the page. HTMX does not keep the
// browser from following a link inside a drawing. Without this file they lead to pages.
// A sign that is pointed at or has the focus shows a card, from which it is kept as a test.
const GRACE_MS = 300; // to come from the sign to its card
const card = () => document.getElementById("sign-card");
let leaving = 0;
let of = null; // the sign whose card is open

function explain(link) {
  const address = link.getAttribute("href").split("#")[0];
  const select = "#builder-tab";
  window.htmx.ajax("GET", address, { source: document.body, target: select, select, swap: "outerHTML" });
  const here = new URL(location.href);
  here.searchParams.set("event", new URL(address, location.href).searchParams.get("event"));
  history.replaceState(history.state, "", here);
}

// ---- the card ----

function show(mark) {
  clearTimeout(leaving);
  if (mark === of && card()?.matches(":popover-open")) return;
  const box = card();
  if (!box) return;
  of = mark;
  const put = (id, text) => { document.getElementById(id).textContent = text; };
  const fires = "fires" in mark.dataset;
  put("sign-title", mark.getAttribute("aria-label"));
  put("sign-first", mark.dataset.first ? `The first: ${mark.dataset.first}` : "");
  put("sign-expects", fires ? "fire" : "not fire");
  put("sign-expects-not", fires ? "not fire" : "fire");
  const link = document.getElementById("sign-explain");
  link.hidden = !mark.hasAttribute("href");
  if (!link.hidden) link.setAttribute("href", mark.getAttribute("href"));
  for (const [id, expects] of [["sign-keep", fires], ["sign-keep-turned", !fires]]) {
    const button = document.getElementById(id);
    button.hidden = !mark.dataset.sign;
    button.value = `${expects ? "fires" : "quiet"} ${mark.dataset.sign}`;
  }
  if (!box.matches(":popover-open")) box.showPopover();
  place(box, mark.querySelector(".target").getBoundingClientRect());
}

// Above the sign where there is room, and never over it.
function place(box, sign) {
  const { width, height } = box.getBoundingClientRect();
  const left = Math.max(8, Math.min(sign.left + sign.width / 2 - width / 2, innerWidth - width - 8));
  box.style.left = `${left}px`;
  box.style.top = `${sign.top > height + 8 ? sign.top - height - 2 : sign.bottom + 2}px`;
}

function hide() {
  clearTimeout(leaving);
  of = null;
  if (card()?.matches(":popover-open")) card().hidePopover();
}

const hideSoon = () => {
  clearTimeout(leaving);
  leaving = setTimeout(() => { if (!card()?.contains(document.activeElement) && document.activeElement !== of) hide(); }, GRACE_MS);
};
const within = (target) => target.closest?.("svg.timeline .mark, #sign-card");

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const mark = event.target.closest?.("svg.timeline .mark");
  if (mark) show(mark);
  else if (event.target.closest?.("#sign-card")) clearTimeout(leaving);
  else if (of) hideSoon();
});
document.addEventListener("focusin", (event) => {
  const mark = event.target.closest?.("svg.timeline .mark");
  if (mark?.matches(":focus-visible")) show(mark);
  else if (of && !within(event.target)) hide();
});
document.addEventListener("pointerdown", (event) => { if (of && !within(event.target)) hide(); });
addEventListener("scroll", (event) => { if (of && event.target.contains?.(of)) hide(); }, true);
// Kept: the form under it is drawn anew, and so is the time line.
document.addEventListener("htmx:afterRequest", (event) => { if (event.target.id === "sign-card") back(); });

// ---- the keyboard: one stop for all signs, arrows between them, Tab to the card ----

const marks = (row) => [...document.querySelectorAll("svg.timeline .mark")].filter((one) => row === undefined || rowOf(one) === row);
const rowOf = (mark) => mark.querySelector("svg").getAttribute("y");
const across = (mark) => Number.parseFloat(mark.querySelector("svg").getAttribute("x"));

function beside(mark, key) {
  const row = marks(rowOf(mark));
  if (key === "ArrowLeft" || key === "ArrowRight") return row.sort((a, b) => across(a) - across(b))[row.indexOf(mark) + (key === "ArrowRight" ? 1 : -1)];
  const rows = [...new Set(marks().map(rowOf))];
  const next = rows[rows.indexOf(rowOf(mark)) + (key === "ArrowDown" ? 1 : -1)];
  return next && marks(next).sort((a, b) => Math.abs(across(a) - across(mark)) - Math.abs(across(b) - across(mark)))[0];
}

function stop(mark) {
  for (const one of marks()) one.setAttribute("tabindex", one === mark ? "0" : "-1");
}
function oneStop() {
  const all = marks();
  if (all.length && !all.some((one) => one.getAttribute("tabindex") === "0")) stop(all[0]);
}

// From the card back to its sign, or to the first of a drawing that came meanwhile.
function back() {
  const mark = of?.isConnected ? of : marks()[0];
  const inside = card()?.contains(document.activeElement);
  hide();
  if (inside) mark?.focus();
  hide();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && of) {
    event.preventDefault();
    return back();
  }
  const mark = event.target.closest?.("svg.timeline .mark");
  if (!mark) return;
  const next = event.key.startsWith("Arrow") && beside(mark, event.key);
  if (event.key.startsWith("Arrow")) event.preventDefault();
  if (next) {
    stop(next);
    next.focus();
  } else if (["Enter", " "].includes(event.key) && !mark.hasAttribute("href")) {
    event.preventDefault();
    show(mark);
    document.getElementById("sign-keep").focus();
  }
});
document.addEventListener("htmx:afterSettle", oneStop);
oneStop();

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("svg.timeline a, #sign-explain");
  const mark = event.target.closest?.("svg.timeline .mark");
  if (link) event.preventDefault();
  // A finger does not point before it presses.
  if (mark && (event.pointerType === "touch" || !mark.hasAttribute("href"))) return show(mark);
  // Signs are many, so htmx does not look at each of them.
  if (link?.dataset.explain === undefined) return;
  hide();
  explain(link);
});

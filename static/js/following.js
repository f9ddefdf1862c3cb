// Parts of the builder that load themselves after every edit, and replace themselves.
//
// Race: an edit that comes while a part's answer is on its way is heard by the element that the
// answer replaces, and would be lost with it. So whoever was asked before it is asked again.
let changed = 0;
const asked = new WeakMap(); // request → when it was sent

document.addEventListener("rev-changed", () => {
  changed = performance.now();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  asked.set(event.detail.xhr, performance.now());
});

document.addEventListener("htmx:afterSettle", (event) => {
  const { requestConfig, xhr } = event.detail;
  const sent = asked.get(xhr);
  const part = requestConfig && document.getElementById(requestConfig.elt.id);
  if (sent === undefined || !part || part === requestConfig.elt || changed <= sent) return;
  if (!part.matches("[hx-trigger*='again']")) return;
  asked.delete(xhr); // one answer settles several elements
  htmx.trigger(part, "again");
});

// ---- the one request that follows an edit ----

const FOLLOWING = ["builder-backtest", "builder-findings", "builder-tests"];
const byId = (id) => document.getElementById(id);

// What the page shows already need not come again.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "builder-follow") return;
  followed = performance.now();
  event.detail.parameters.findings = byId("builder-findings").dataset.seen;
  if (byId("builder-tests")) event.detail.parameters.tests = "open";
});

// A draft that cannot be read leaves the last drawing; and who was in a part stays there.
// Race: a button of a part is pressed while the part's next state is on its way. Were it replaced,
// the answer to the button would find no page; so it stays until then, and is asked for again.
// Nor would a press that ends on what has come meanwhile be a click; and what a part was given for
// a press is newer than an answer that was asked for before.
let left = null;
let late = false;
let pressed = null; // what the pointer is down on
let followed = 0; // when it was asked last
const given = new Map(); // part → when its own request was answered
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (FOLLOWING.includes(target.id) && requestConfig?.elt.id !== "builder-follow") given.set(target.id, performance.now());
});
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (!FOLLOWING.includes(target.id)) return;
  if (target.querySelector(".htmx-request") || target.contains(pressed) || given.get(target.id) > followed) {
    event.detail.shouldSwap = false;
    late = true;
    return;
  }
  left = target.contains(document.activeElement) ? document.activeElement.id || target.id : null;
  const kept = fragment.querySelector("[data-keep]") && target.querySelector("[data-result]");
  if (!kept) return;
  event.detail.shouldSwap = false;
  target.classList.add("stale");
  target.setAttribute("aria-busy", "false");
});
const askAgain = () => setTimeout(() => {
  if (!late || pressed || FOLLOWING.some((id) => byId(id)?.querySelector(".htmx-request"))) return;
  late = false;
  htmx.trigger("#builder-follow", "again");
});
document.addEventListener("htmx:afterRequest", askAgain);
document.addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
for (const over of ["pointerup", "pointercancel"]) {
  document.addEventListener(over, () => setTimeout(() => { // after the click
    pressed = null;
    askAgain();
  }), true);
}
document.addEventListener("htmx:afterSettle", (event) => {
  if (left === null || event.detail.elt.id === "") return;
  const place = byId(left) ?? byId("builder-findings").querySelector("[data-focus-fallback]");
  left = null;
  if (document.activeElement === document.body) place?.focus();
});

// How the builder's screen is arranged: zones, dock, source, and fields that are not in use yet.
// Nothing here changes the draft. Without this file every part stands below the other.
const byId = (id) => document.getElementById(id);
const builder = byId("builder");
const dock = byId("builder-dock");
const YEAR = 365 * 24 * 3600;
const LEAST = 120;

const keep = (name, value) => {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
};

// ---- zones: one at a time on a narrow screen ----

function show(zone) {
  builder.dataset.zone = zone;
  for (const tab of document.querySelectorAll(".zone-tab")) {
    if (tab.dataset.zone === zone) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}

// ---- the dock: two panes stay, the third holds what is asked for ----

function open(name) {
  dock.dataset.open = ["timeline", "problems"].includes(name) ? name : "tab";
  for (const tab of dock.querySelectorAll(".dock-tab")) {
    if (tab.dataset.dock === name) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  const address = new URL(location.href);
  address.searchParams.set("tab", name);
  history.replaceState(history.state, "", address);
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest?.(".dock-tab");
  if (tab) {
    event.preventDefault();
    open(tab.dataset.dock);
  }
  const zone = event.target.closest?.(".zone-tab");
  if (zone) show(zone.dataset.zone);
  if (event.target.closest?.(".node-pick, .builder-tree .adding .button")) show("inspector");
});

// A sign of the time line explains itself in the third pane.
document.addEventListener("htmx:afterSettle", (event) => {
  const tab = byId("builder-tab");
  const asked = event.detail.requestConfig?.target?.id === "builder-tab";
  if (asked && tab?.dataset.tab) {
    open(tab.dataset.tab);
    show("dock");
  }
});

// ---- the height of the dock ----

const grip = byId("dock-grip");
const height = () => Math.round(dock.getBoundingClientRect().height);

function resize(to) {
  const most = Math.round(innerHeight * 0.7);
  const size = Math.min(most, Math.max(LEAST, Math.round(to)));
  builder.style.setProperty("--dock", `${size}px`);
  grip.setAttribute("aria-valuenow", size);
  grip.setAttribute("aria-valuemax", most);
  localStorage.setItem("builder-dock", size);
}

grip.addEventListener("pointerdown", (event) => {
  grip.setPointerCapture(event.pointerId);
  const from = height() + event.clientY;
  const move = (moved) => resize(from - moved.clientY);
  grip.addEventListener("pointermove", move);
  grip.addEventListener("lostpointercapture", () => grip.removeEventListener("pointermove", move), { once: true });
});
grip.addEventListener("keydown", (event) => {
  const by = { ArrowUp: 24, ArrowDown: -24, PageUp: 96, PageDown: -96 }[event.key];
  if (!by) return;
  event.preventDefault();
  resize(height() + by);
});
if (localStorage.getItem("builder-dock")) resize(Number(localStorage.getItem("builder-dock")) || 260);

// ---- the source ----

function toggleSource() {
  const on = builder.toggleAttribute("data-source");
  byId("source-toggle").setAttribute("aria-pressed", on);
  keep("builder-source", on ? "on" : "off");
  if (on) document.dispatchEvent(new CustomEvent("source-opened"));
}
byId("source-toggle").addEventListener("click", toggleSource);
document.addEventListener("keydown", (event) => {
  if (event.key !== "\\" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  toggleSource();
});

// ---- fields that are not in use ----

const revealed = new Set(); // stay, also when the fields are sent anew

function reveal(id) {
  const entry = byId(id);
  entry?.classList.remove("unused");
  const offer = document.querySelector(`[data-reveal="${CSS.escape(id)}"]`);
  if (offer) offer.hidden = true;
  return entry;
}

document.addEventListener("click", (event) => {
  const offer = event.target.closest?.("[data-reveal]");
  if (!offer) return;
  revealed.add(offer.dataset.reveal);
  reveal(offer.dataset.reveal)?.querySelector("input, textarea, select")?.focus();
});
document.addEventListener("htmx:oobAfterSwap", (event) => {
  if (event.detail.target.id === "builder-selected") revealed.forEach(reveal);
});

// ---- help beside its field ----

document.addEventListener("beforetoggle", (event) => {
  if (!event.target.matches?.(".hint-text") || event.newState !== "open") return;
  const place = document.querySelector(`[popovertarget="${CSS.escape(event.target.id)}"]`).getBoundingClientRect();
  event.target.style.insetInlineStart = `${Math.max(8, Math.min(place.left, innerWidth - 328))}px`;
  event.target.style.insetBlockStart = `${place.bottom + 4}px`;
}, true);

// The builder's form: nothing that was typed is lost, focus stays, and keys.
// The page works without this file; then its buttons send the form.
import { say } from "./live_region.js";
import { press as pressStep } from "./pressing.js";
import { banner, retriesOf, sendKept } from "./retries.js";

const form = document.getElementById("builder-form");
const draft = form.dataset.draft;
const KEPT = `flint-unsent-${draft}`;
const typing = (target) => target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], .ace_editor");
const byId = (id) => document.getElementById(id);

// ---- what is sent, and what is not yet ----

// Neither the revision nor what only the dialog of saving asks is part of the draft.
const ASIDE = new Set(["csrfmiddlewaretoken", "rev", "troubled", "do", "as", "confirmed", "new", "at", "fresh", "reason"]);

function texts(instead) {
  const found = [];
  for (const [name, value] of new FormData(form)) {
    if (ASIDE.has(name) || name.startsWith("find.")) continue;
    found.push([name, instead?.name === name ? instead.server : value]);
  }
  return JSON.stringify(found);
}

// Somebody may have typed before this file was here.
function touched(field) {
  if (field.localName === "select") return [...field.options].some((one, at) => one.selected !== (one.defaultSelected || (at === 0 && !field.querySelector("[selected]"))));
  if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
  return ["input", "textarea"].includes(field.localName) && field.value !== field.defaultValue;
}

let accepted = [...form.elements].some(touched) ? "[]" : texts(); // what the server has
let sending = null; // the texts of the request under way
let leaving = false;
const retries = retriesOf(form, () => {
  sending = null;
});
const unsent = () => !leaving && (sending !== null || retries.pending || texts() !== accepted);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt !== form) return;
  const now = texts();
  const pressed = event.detail.requestConfig.parameters;
  // A field that was typed in and then left sends twice; the second time says nothing.
  const asks = pressed.do || pressed.as || !event.detail.requestConfig.path.endsWith("/op/");
  if (!asks && now === accepted && !retries.pending) {
    event.preventDefault();
    return;
  }
  if (retries.holds(event.detail.requestConfig)) {
    event.preventDefault();
    return;
  }
  sending = now;
});

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["Flint-At"] = byId("builder-at").value;
  event.detail.headers["Flint-Fresh"] = byId("builder-fresh").value;
  if (event.detail.elt !== form) return;
  // A button that has just come is known to the browser before htmx has seen it.
  const pressed = event.detail.triggeringEvent?.submitter;
  // htmx remembers the button that was pressed last, also one that its own answer took away.
  if (event.detail.triggeringEvent?.type !== "submit") event.detail.formData.delete("do");
  if (pressed?.name) event.detail.formData.set(pressed.name, pressed.value);
  if (pressed?.hasAttribute("formaction")) event.detail.path = pressed.getAttribute("formaction");
});

// Fields in the head belong to the form, but stand outside of it.
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    if (event.target.form === form && !form.contains(event.target) && !event.target.closest("dialog")) {
      form.dispatchEvent(new Event(kind));
    }
  });
}

// ---- a server that does not answer, a session that has ended ----

function keep() {
  const pairs = [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "as", "confirmed", "new"].includes(name));
  sessionStorage.setItem(KEPT, JSON.stringify(pairs));
  leaving = true; // it is no loss any more
}

for (const kind of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(kind, (event) => {
    if (event.detail.elt === form) retries.failed(event.detail.requestConfig);
  });
}
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.elt !== form) return;
  const status = event.detail.xhr.status;
  if (status >= 500 || status === 429) retries.failed(event.detail.requestConfig);
  else if (status === 403 && !sessionStorage.getItem(KEPT)) {
    keep(); // somebody signed in anew in another tab
    location.reload();
  } else {
    sending = null;
    banner(status === 404 ? "This draft is not there any more." : "This was not taken. Reload the page to see why.");
  }
});

// Every other part may find out first that nobody is signed in any more.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const answer = event.detail.xhr;
  if (answer.getResponseHeader("HX-Refresh") === "true" && unsent()) keep();
  if (event.detail.elt === form && answer.getResponseHeader("HX-Redirect")) leaving = true;
});

async function sendWhatWasKept() {
  const kept = sessionStorage.getItem(KEPT);
  if (!kept) return;
  if (!(await sendKept(form.action, JSON.parse(kept)))) return;
  sessionStorage.removeItem(KEPT);
  sessionStorage.setItem(`${KEPT}-said`, "yes");
  location.reload();
}

function sayWhatWasSent() {
  if (!sessionStorage.getItem(`${KEPT}-said`)) return;
  sessionStorage.removeItem(`${KEPT}-said`);
  banner("Your session had ended. What you typed before signing in again is in the draft now.");
  setTimeout(() => banner(""), 15_000);
}

// What a part shows of a draft that cannot be read is older than the draft: it says so.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr } = event.detail;
  const kept = xhr.getResponseHeader("Flint-Keep") === "stale" && target.querySelector("[data-result]");
  target.classList.toggle("stale", Boolean(kept));
  if (!kept) return;
  event.detail.shouldSwap = false;
  target.setAttribute("aria-busy", "false");
});

// ---- answers: what is swapped, and where somebody was ----

let held = null; // what was typed since, in a field that an answer replaces
const REGIONS = "#builder-tree, #builder-selected, #builder-about, .node-line";
const counts = new Map(); // badges stay until they are counted anew

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const region = event.detail.target;
  if (!region.matches(REGIONS)) return;
  for (const badge of region.querySelectorAll(".node-numbers, .row-left, .inspected-numbers")) counts.set(badge.id, badge.outerHTML);
  const field = document.activeElement;
  if (region.contains(field) && field.name && typing(field)) {
    const known = new Map(JSON.parse(sending ?? accepted)).get(field.name);
    if (known !== undefined && known !== field.value) held = { id: field.id, name: field.name, value: field.value };
  }
});

// Badges come together: one swap instead of one for each of a hundred lines.
function fill(region) {
  for (const one of [...region.children]) {
    const place = byId(one.dataset.fill);
    if (!place) continue;
    one.id = one.dataset.fill;
    one.removeAttribute("data-fill");
    place.replaceWith(one);
  }
  region.replaceChildren();
}

document.addEventListener("htmx:oobAfterSwap", (event) => {
  const region = event.detail.target;
  if (region.id === "builder-fills") fill(region);
  if (region.matches(REGIONS)) restoreCounts();
  if (region.id === "builder-selected") address();
  const field = held && byId(held.id);
  if (field && region.contains(field)) {
    held.server = field.value;
    field.value = held.value;
  }
});

function restoreCounts() {
  for (const [id, html] of counts) if (byId(id)?.matches(":empty")) byId(id).outerHTML = html;
}

// The address says what the inspector shows, so that a reload comes back to it.
function address() {
  const here = new URL(location.href);
  here.searchParams.set("at", byId("builder-at").value);
  history.replaceState(history.state, "", here);
}

document.addEventListener("htmx:afterRequest", (event) => {
  const refused = event.detail.xhr.status === 422;
  if (event.detail.elt !== form || !(event.detail.successful || refused)) return;
  accepted = structural(event) ? texts(held) : sending ?? accepted;
  sending = held = null;
  retries.arrived();
  // What was typed while the answer was under way is still to be sent.
  if (texts() !== accepted) form.dispatchEvent(new Event("input"));
  after();
});

// What a refusal said is over once somebody goes on.
document.addEventListener("close", (event) => {
  if (event.target.id === "save-dialog") byId("save-refused").replaceChildren();
}, true);

const structural = (event) => event.detail.xhr.getResponseHeader("Flint-Form") === "whole";

// Another part of the page may have changed the form as well.
document.addEventListener("rev-changed", (event) => {
  if (event.target === form || sending !== null) return;
  setTimeout(() => {
    accepted = texts(held);
    if (held) form.dispatchEvent(new Event("input"));
    held = null;
    mark();
  });
});

function after() {
  const told = byId("builder-told");
  const part = told?.dataset.focusTo && byId(told.dataset.focusTo);
  const to = told?.dataset.enter === undefined ? part : firstField() ?? part;
  if (to) {
    reveal(to);
    to.focus();
    to.scrollIntoView({ block: "nearest" });
  }
  if (goingTo) {
    const id = goingTo;
    goingTo = "";
    goTo(id);
  }
  say(told?.dataset.told, "builder");
  byId("save-refused-note")?.focus();
  mark();
}

const visible = (field) => field.checkVisibility() && !field.disabled;
// What somebody fills in first: a choice between two is made already.
const firstField = () => [...document.querySelectorAll("#builder-selected :is(textarea, select, input:not([type=hidden], [type=radio]))")].find(visible);

// Fields with problems say so themselves.
function mark() {
  for (const slot of document.querySelectorAll(".problems")) {
    const field = byId(`field-${slot.id.slice("problem-".length)}`);
    if (field?.matches("input, select, textarea")) field.toggleAttribute("aria-invalid", slot.childElementCount > 0);
    if (field?.hasAttribute("aria-invalid")) field.setAttribute("aria-invalid", "true");
  }
}

function reveal(element) {
  element.closest(".unused")?.classList.remove("unused");
  for (let box = element.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
}

// The part of the draft that a field belongs to, as the inspector calls it.
function ownerOf(id) {
  const field = id.match(/^field-(n\.[^.]+|a\.\w+\.\d+)/);
  const node = id.match(/^node-([^.]+)$/);
  const action = id.match(/^action-(\w+)-(\d+)$/);
  if (field) return field[1];
  if (node) return `n.${node[1]}`;
  if (action) return `a.${action[1]}.${action[2]}`;
  return /^field-(description|tags|max_actions_per_minute)$/.test(id) ? "settings" : "";
}

let goingTo = ""; // a field of a part that the inspector is about to show

function goTo(id) {
  const owner = ownerOf(id);
  const at = byId("builder-at").value;
  if (owner && at !== "all" && at !== owner) {
    goingTo = id;
    press(`select:${owner}`);
    return;
  }
  const field = id.startsWith("field-") ? byId(id) : firstField();
  if (!field) return;
  reveal(field);
  field.focus();
  field.scrollIntoView({ block: "center" });
}

// A link to a field shows the part that has it, opens what it stands in, and leaves the dialog.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-to-field], a[href^='#field-'], a[href^='#node-'], a[href^='#action-']");
  const id = link && decodeURIComponent(link.hash.slice(1));
  if (id && (byId(id) || ownerOf(id))) {
    event.preventDefault();
    link.closest("dialog")?.close();
    goTo(id);
  }
  // A menu closes when somebody is done with it.
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest(".menu-item")) menu.open = false;
  }
  if (event.target.closest("[aria-disabled=true]")?.form === form) event.preventDefault();
});

// What an action may be about is looked for while its name is typed.
let looking = 0;
document.addEventListener("input", (event) => {
  const kind = event.target.dataset?.find;
  if (!kind) return;
  for (const other of document.querySelectorAll(`[data-find="${kind}"]`)) other.value = event.target.value;
  clearTimeout(looking);
  looking = setTimeout(() => press("find"), 250);
});

// ---- keys ----

const press = (value) => pressStep(form, value);

const selected = () => document.querySelector(".node-pick[aria-current]")?.closest(".node");
const here = () => document.activeElement?.closest(".node") ?? selected() ?? document.querySelector(".nodes.root > .node");
// Only a group can be turned into another kind of group.
const groupOf = (node) => (node.dataset.turn ? node : node.parentElement.closest(".node"));

// Up and down through the lines of the tree.
function walk(by) {
  const lines = [...document.querySelectorAll(".builder-tree .node-pick")];
  lines[lines.indexOf(document.activeElement) + by]?.focus();
}

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey;
  if (command && key === "s" && !event.altKey) {
    event.preventDefault();
    if (!byId("save-dialog").open) byId("save-dialog-opens").click();
  } else if (command && key === "z" && !typing(event.target)) {
    event.preventDefault();
    press(event.shiftKey ? "redo" : "undo");
  } else if (event.altKey && ["arrowup", "arrowdown"].includes(key) && document.activeElement.closest(".node")) {
    event.preventDefault();
    press(`${key === "arrowup" ? "up" : "down"}:${here().dataset.nodeId}`);
  } else if (!command && !event.altKey && ["arrowup", "arrowdown"].includes(key) && event.target.closest?.(".node-pick")) {
    event.preventDefault();
    walk(key === "arrowup" ? -1 : 1);
  } else if (event.key === "Enter" && event.target.closest?.(".node-pick[aria-current]")) {
    event.preventDefault();
    firstField()?.focus();
  } else if (event.key === "Escape") {
    const menu = event.target.closest?.("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  } else if (!command && !event.altKey && !typing(event.target) && !document.querySelector("dialog[open]")) {
    const node = here();
    const keys = {
      a: () => node && press(`add:${(groupOf(node) ?? node).dataset.nodeId}:event`),
      o: () => node && groupOf(node) && press(`turn:${groupOf(node).dataset.nodeId}:${groupOf(node).dataset.turn}`),
      x: () => byId("dock-tab-explain").click(),
    };
    if (key in keys) {
      event.preventDefault();
      keys[key]();
    }
  }
});

// ---- coming and going ----

addEventListener("beforeunload", (event) => {
  if (unsent()) event.preventDefault();
});
// Back may show the page as it was left; the draft has moved on since.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
// Only then does htmx listen.
addEventListener("load", () => {
  if (texts() !== accepted) form.dispatchEvent(new Event("input"));
});
mark();
// Who begins writes; who opens what is there already has the keys of the tree, and Enter leads to
// the fields. On a touch screen a field would bring up the keyboard.
if (document.activeElement === document.body && !location.hash) {
  const [line, first] = [document.querySelector(".node-pick[aria-current]"), firstField()];
  const begins = first && !first.value && matchMedia("(pointer: fine)").matches;
  (begins ? first : line)?.focus({ preventScroll: true });
}
sayWhatWasSent();
sendWhatWasKept();

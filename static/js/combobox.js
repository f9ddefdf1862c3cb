// Completion: an editable combobox with a list, as the ARIA Authoring Practices have it.
// A field with `data-suggest` (what kind of thing it holds) asks the address of its form,
// `data-suggest-url`; a field without a script is a plain field.
//
// What is completed: the whole text of an input, the line with the cursor of a textarea, the word
// with the cursor of a query box (`data-query`). Another
// script may complete fields from what the page holds already (`completeWith`).
import { say } from "./live_region.js";

const WAIT_MS = 150;
const PLACE = "choices";
// Nobody knows by heart what a label has: these offer what was seen before anything is typed.
const AT_ONCE = /^(label_key|label_value|related_label|related_value)$/;
const LIST = "choices-list"; // as the server names it
const quiet = new WeakSet(); // fields whose next input is our own
let open = null; // { field, active, options }
let waiting = 0;
let asking = null;

// Selector of fields → { label, part(field), options(text), choose(field, value) }: `part` is what is
// completed, { text }, or null; `options` are { value, content }, content being nodes to show.
const local = new Map();

export function completeWith(selector, completer) {
  local.set(selector, completer);
}

const completerOf = (field) => [...local].find(([selector]) => field.matches(selector))?.[1];

const parts = {
  whole: (field) => ({ from: 0, to: field.value.length, text: field.value }),
  line: (field) => {
    const at = field.selectionStart;
    const from = field.value.lastIndexOf("\n", at - 1) + 1;
    const end = field.value.indexOf("\n", at);
    const to = end < 0 ? field.value.length : end;
    return { from, to, text: field.value.slice(from, to) };
  },
  word: (field) => {
    const at = field.selectionStart;
    const from = field.value.lastIndexOf(" ", at - 1) + 1;
    const end = field.value.indexOf(" ", at);
    const to = end < 0 ? field.value.length : end;
    return { from, to, text: field.value.slice(from, to) };
  },
};

function partOf(field) {
  if (field.dataset.query !== undefined) return parts.word(field);
  return parts[field.localName === "textarea" ? "line" : "whole"](field);
}

// Where to ask: the label of a row is what stands in the field beside it now.
function addressOf(field, text) {
  const base = field.dataset.suggestUrl ?? field.closest("[data-suggest-url]")?.dataset.suggestUrl;
  if (!base) return null;
  const beside = field.name.endsWith(".values") &&
    field.form?.elements[`${field.name.slice(0, -"values".length)}label`];
  const asked = new URLSearchParams({ kind: field.dataset.suggest, q: text });
  if (field.dataset.node) asked.set("node", field.dataset.node);
  const label = beside ? beside.value : field.dataset.label;
  if (label) asked.set("label", label);
  return `${base}${base.includes("?") ? "&" : "?"}${asked}`;
}

// `browsing`: nobody typed; who opens the list of a field that is filled wants to see the others.
// `unasked`: nobody opened it either, so that nothing is said where there is nothing to offer.
async function ask(field, { browsing = false, all = false, unasked = false } = {}) {
  const typed = all ? "" : partOf(field).text;
  const address = addressOf(field, typed);
  if (!address) return close();
  asking?.abort();
  const mine = asking = new AbortController();
  try {
    const answer = await fetch(address, {
      headers: { "HX-Request": "true" },
      credentials: "same-origin",
      signal: mine.signal,
    });
    const text = await answer.text();
    if (answer.ok && !answer.headers.has("HX-Refresh") && document.activeElement === field) {
      const nodes = new DOMParser().parseFromString(text, "text/html").body.childNodes;
      const shown = show(field, nodes, typed, browsing, unasked);
      if (browsing && typed && !shown) await ask(field, { browsing, all: true });
    }
  } catch {
    if (mine === asking) close(); // offline; what something newer has opened stays
  }
}

// The first option is chosen already: Enter takes it.
function offer(field, completer) {
  const part = completer.part(field);
  const options = part ? completer.options(part.text) : [];
  if (!options.length || options[0].value === part.text) return close();
  const list = Object.assign(document.createElement("ul"), { id: LIST, className: "choices-list" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", completer.label);
  list.append(...options.map(({ value, content }, number) => {
    const item = Object.assign(document.createElement("li"), { id: `choice-${number}`, className: "choice" });
    item.setAttribute("role", "option");
    item.dataset.value = value;
    item.append(...content);
    return item;
  }));
  show(field, [list], part.text, false);
  if (open) activate(0);
}

function popup() {
  const found = document.getElementById(PLACE);
  if (found) return found;
  const made = Object.assign(document.createElement("div"), { id: PLACE, className: "choices" });
  made.popover = "manual";
  return made;
}

// Puts the options under the field, unless there is none, or the only one stands there already.
function show(field, nodes, typed, browsing, unasked = false) {
  const place = popup();
  // A dialog makes everything outside of it unreachable.
  (field.closest("dialog") ?? document.body).append(place);
  place.replaceChildren(...nodes);
  const options = [...place.querySelectorAll('[role="option"]')];
  const chosen = options.length === 1 && options[0].dataset.value === typed;
  if (chosen || (!options.length && (!typed || browsing))) {
    close();
    if (browsing && !unasked && !options.length && !typed) say("No suggestions.", "choices");
    return false;
  }
  open = { field, options, active: -1 };
  expand(field, options.length > 0);
  if (!place.matches(":popover-open")) place.showPopover();
  put(place, field);
  const found = options.length === 1 ? "1 suggestion." : `${options.length} suggestions.`;
  say(options.length ? found : "No suggestions.", "choices");
  return true;
}

function put(place, field) {
  const edge = 8;
  const box = field.getBoundingClientRect();
  const width = Math.min(Math.max(box.width, 280), document.documentElement.clientWidth - 2 * edge);
  const left = Math.min(box.left, document.documentElement.clientWidth - width - edge);
  place.style.width = `${width}px`;
  place.style.left = `${Math.max(left, edge)}px`;
  const below = innerHeight - box.bottom;
  place.style.maxHeight = "";
  const above = place.offsetHeight > below - edge && box.top > below;
  const room = (above ? box.top : below) - 2 * edge;
  place.style.maxHeight = `${Math.min(place.offsetHeight, Math.max(room, 120))}px`;
  place.style.top = above ? "auto" : `${box.bottom + 4}px`;
  place.style.bottom = above ? `${innerHeight - box.top + 4}px` : "auto";
}

export function close() {
  clearTimeout(waiting);
  asking?.abort();
  if (!open) return;
  expand(open.field, false);
  open = null;
  const place = popup();
  if (place.isConnected && place.matches(":popover-open")) place.hidePopover();
}

function activate(number) {
  const { field, options } = open;
  if (!options.length) return;
  open.active = (number + options.length) % options.length;
  options.forEach((option, at) => option.setAttribute("aria-selected", String(at === open.active)));
  field.setAttribute("aria-activedescendant", options[open.active].id);
  options[open.active].scrollIntoView({ block: "nearest" });
}

function choose(option) {
  const { field } = open;
  const { value, key } = option.dataset;
  const completer = completerOf(field);
  close();
  say(`${value} chosen.`, "choices");
  if (completer) {
    completer.choose(field, value);
    return close(); // what it wrote may have opened the list again
  }
  const part = partOf(field);
  field.setRangeText(value, part.from, part.to, "end");
  const into = field.dataset.suggestKey && document.getElementById(field.dataset.suggestKey);
  if (into) into.value = key ?? "";
  quiet.add(field);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

// What a field needs to be a combobox; harmless to do again. A field of several lines must stay
// a textbox, which cannot say that it is expanded: there the announcement does.
function prepare(field) {
  if (field.getAttribute("aria-controls") === LIST) return;
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-haspopup", "listbox");
  field.setAttribute("aria-controls", LIST);
  if (field.localName === "textarea") return;
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-expanded", "false");
}

function expand(field, expanded) {
  if (field.localName !== "textarea") field.setAttribute("aria-expanded", String(expanded));
  field.removeAttribute("aria-activedescendant");
}

const fieldOf = (event) => event.target.closest?.(["[data-suggest]", ...local.keys()].join());

document.addEventListener("focusin", (event) => {
  const field = fieldOf(event);
  if (field) prepare(field);
  if (open && event.target !== open.field) close();
  if (field && AT_ONCE.test(field.dataset.suggest) && !partOf(field).text) ask(field, { browsing: true, unasked: true });
});

document.addEventListener("input", (event) => {
  const field = fieldOf(event);
  if (!field) return;
  if (quiet.delete(field)) return;
  const completer = completerOf(field);
  if (completer) return offer(field, completer);
  clearTimeout(waiting);
  waiting = setTimeout(() => ask(field), WAIT_MS);
});

// Before anybody else who listens to keys: Enter on an option is no submit, Escape no closing.
document.addEventListener("keydown", (event) => {
  const field = fieldOf(event) ?? (event.key === "Escape" ? open?.field : null);
  if (!field || event.isComposing) return;
  const isOpen = open?.field === field;
  const completer = completerOf(field);
  if (event.key === "ArrowDown" && !completer && (event.altKey || (!isOpen && field.localName === "input"))) {
    ask(field, { browsing: true });
  } else if (!isOpen) return;
  else if (event.key === "ArrowDown") activate(open.active + 1);
  else if (event.key === "ArrowUp") event.altKey ? close() : activate(open.active < 0 ? -1 : open.active - 1);
  else if (event.key === "Enter" && open.active >= 0) choose(open.options[open.active]);
  else if (event.key === "Escape") close();
  else return event.key === "Tab" && close();
  event.preventDefault();
  event.stopPropagation();
}, true);

// The field keeps the focus while somebody points at the list.
document.addEventListener("mousedown", (event) => {
  if (!event.target.closest?.(`#${PLACE}`)) return;
  event.preventDefault();
  const option = event.target.closest('[role="option"]');
  if (option && open) choose(option);
});

document.addEventListener("focusout", (event) => {
  if (open?.field === event.target) setTimeout(() => document.activeElement !== open?.field && close());
});

// The page moves under the list, and parts of it are replaced.
for (const name of ["scroll", "resize", "htmx:afterSettle", "htmx:oobAfterSwap"]) {
  addEventListener(name, (event) => {
    const place = popup();
    if (!open || place.contains(event.target)) return;
    if (open.field.isConnected) put(place, open.field);
    else close();
  }, { capture: true, passive: true });
}

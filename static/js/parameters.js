// The template editor: marks expressions, completes names inside {{ }}, writes variables in.
// Without it every field works as it is.
const MOST = 8;
const CLOSED = /\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)/gs;
const TOKEN = /[\w.[\]'-]*$/;
const REGION = "builder-parameters";
let last = null; // the template field that was written in last
let typed = 0; // when, and when the region asked for itself
let asked = 0;

const fieldOf = (target) => target.closest?.("[data-template]");
const variables = () => [...document.querySelectorAll("[data-variable]")];

// The same text under the field, with its expressions marked.
function mark(field) {
  const twin = field.previousElementSibling;
  if (!twin?.matches(".twin")) return;
  twin.replaceChildren();
  let at = 0;
  for (const found of field.value.matchAll(CLOSED)) {
    const piece = document.createElement("mark");
    piece.textContent = found[0];
    twin.append(field.value.slice(at, found.index), piece);
    at = found.index + found[0].length;
  }
  twin.append(field.value.slice(at), "\u200b");
}

// Who writes need not choose first how the value is given.
function choose(field) {
  const how = field.closest(".given")?.querySelector(".given-how");
  if (!how) return;
  const isTemplate = /\{[{%]/.test(field.value);
  if (isTemplate && (how.value === "unset" || how.value === "literal")) how.value = "template";
  else if (how.value === "unset" && field.value) how.value = "literal";
}

// Between {{ and the cursor: what was begun to write, and where.
function begun(field) {
  const before = field.value.slice(0, field.selectionStart);
  const open = before.lastIndexOf("{{");
  if (open < 0 || before.indexOf("}}", open) >= 0) return null;
  const inside = before.slice(open + 2);
  const token = TOKEN.exec(inside)[0];
  if (/\|\s*$/.test(inside.slice(0, inside.length - token.length))) return null; // a filter
  return { token, start: before.length - token.length };
}

function write(field, start, end, text) {
  field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Puts a name where it belongs; closes the braces when nobody has.
function put(field, path, at) {
  const after = field.value.slice(field.selectionEnd);
  const close = after.indexOf("}}");
  const open = after.indexOf("{{");
  const closed = close >= 0 && (open < 0 || close < open);
  write(field, at.start, field.selectionEnd, path);
  if (!closed) {
    const cursor = field.selectionStart;
    write(field, cursor, cursor, " }}");
    field.setSelectionRange(cursor, cursor);
  }
}

const list = () => document.getElementById("completion");

function hide() {
  list()?.remove();
  for (const field of document.querySelectorAll("[data-template][aria-controls]")) {
    field.removeAttribute("aria-controls");
    field.removeAttribute("aria-activedescendant");
  }
}

function option(variable, number) {
  const item = document.createElement("li");
  item.id = `completion-${number}`;
  item.setAttribute("role", "option");
  item.dataset.path = variable.dataset.variable;
  item.append(...[...variable.children].map((part) => part.cloneNode(true)));
  return item;
}

function offer(field) {
  const at = begun(field);
  hide();
  if (!at) return;
  const wanted = at.token.toLowerCase();
  const fitting = variables().filter((one) => one.dataset.variable.toLowerCase().includes(wanted));
  const first = (one) => (one.dataset.variable.toLowerCase().startsWith(wanted) ? 0 : 1);
  fitting.sort((a, b) => first(a) - first(b));
  if (!fitting.length || fitting[0].dataset.variable === at.token) return;
  const shown = document.createElement("ul");
  shown.className = "completion";
  shown.id = "completion";
  shown.setAttribute("role", "listbox");
  shown.setAttribute("aria-label", "Variables here");
  shown.append(...fitting.slice(0, MOST).map(option));
  field.after(shown);
  field.setAttribute("aria-controls", "completion");
  select(field, shown.firstElementChild);
}

function select(field, item) {
  for (const one of item.parentElement.children) {
    one.setAttribute("aria-selected", String(one === item));
  }
  field.setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
}

function take(field, item) {
  const at = begun(field);
  const path = item.dataset.path;
  hide();
  if (at) put(field, path, at);
  hide();
}

document.addEventListener("input", (event) => {
  const field = fieldOf(event.target);
  if (!field) return;
  last = field;
  typed = performance.now();
  mark(field);
  choose(field);
  offer(field);
});

document.addEventListener("keydown", (event) => {
  const field = fieldOf(event.target);
  const current = list()?.querySelector('[aria-selected="true"]');
  if (!field || !current) return;
  const next = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (next) select(field, current[next] ?? current);
  else if (event.key === "Enter") take(field, current);
  else if (event.key === "Escape") hide();
  else return;
  event.preventDefault();
  event.stopPropagation();
});

document.addEventListener("focusin", (event) => {
  const field = fieldOf(event.target);
  if (field) last = field;
  else if (!event.target.closest?.("#completion")) hide();
});

document.addEventListener("mousedown", (event) => {
  const item = event.target.closest("#completion > li");
  if (item && last) {
    event.preventDefault();
    take(last, item);
  }
});

document.addEventListener("click", (event) => {
  const variable = event.target.closest("[data-variable]");
  if (!variable) return;
  const known = last && document.getElementById(last.id);
  const field = known ?? document.querySelector("[data-template]");
  if (!field) return;
  const at = begun(field) ?? { start: field.selectionStart };
  const path = variable.dataset.variable;
  if (begun(field)) put(field, path, at);
  else write(field, field.selectionStart, field.selectionEnd, `{{ ${path} }}`);
  field.focus();
  hide();
});

// What somebody wrote since the region asked is not in its answer: another one follows the edit.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === REGION) asked = performance.now();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const own = event.detail.requestConfig?.elt?.id === REGION;
  if (own && typed > asked) event.detail.shouldSwap = false;
});

// What was typed is sent before anything else is asked of the region, whose answer replaces it.
let unsent = null;
document.addEventListener("input", (event) => {
  unsent = event.target.closest(".texts-form") ?? unsent;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target === unsent) unsent = null;
});
document.addEventListener("htmx:confirm", (event) => {
  const { elt, issueRequest } = event.detail;
  const region = document.getElementById(REGION);
  if (!unsent?.isConnected || elt === unsent || elt === region || !region?.contains(elt)) return;
  event.preventDefault();
  unsent.addEventListener("htmx:afterRequest", () => issueRequest(true), { once: true });
  htmx.trigger(unsent, "change");
});

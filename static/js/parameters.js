// The template editor: marks expressions, names what fits inside {{ }}, writes variables in.
// Without it every field works as it is.
import { close, completeWith } from "./combobox.js";
import { retriesOf, sendKept } from "./retries.js";

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

// The names that hold what was begun; those that begin with it first.
function fitting(text) {
  const part = text.toLowerCase();
  const names = variables().filter((one) => one.dataset.variable.toLowerCase().includes(part));
  const rank = (one) => (one.dataset.variable.toLowerCase().startsWith(part) ? 0 : 1);
  names.sort((a, b) => rank(a) - rank(b));
  return names.slice(0, MOST).map((one) => ({
    value: one.dataset.variable, content: [...one.children].map((each) => each.cloneNode(true)),
  }));
}

completeWith("[data-template]", {
  label: "Variables here",
  part: (field) => {
    const at = begun(field);
    return at && { text: at.token };
  },
  options: fitting,
  choose: (field, path) => {
    const at = begun(field);
    if (at) put(field, path, at);
  },
});

document.addEventListener("input", (event) => {
  const field = fieldOf(event.target);
  if (!field) return;
  last = field;
  typed = performance.now();
  mark(field);
  choose(field);
});

document.addEventListener("focusin", (event) => {
  const field = fieldOf(event.target);
  if (field) last = field;
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
  close();
});

// What somebody wrote since the region asked is not in its answer: another one follows the edit.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === REGION) asked = performance.now();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const own = event.detail.requestConfig?.elt?.id === REGION;
  if (own && typed > asked) event.detail.shouldSwap = false;
});

// ---- nothing that was typed is lost ----

let unsent = null; // the form with a text that the server does not have
let then = []; // what was pressed meanwhile: it comes after that text
let retries = null;
let leaving = false;
const builder = document.getElementById("builder-form");
const KEPT = `flint-unsent-texts-${builder.dataset.draft}`;

document.addEventListener("input", (event) => {
  const form = event.target.closest(".texts-form");
  if (!form || form === unsent) return;
  unsent = form;
  retries = retriesOf(form);
});

// Whatever is pressed in the region, whose answer replaces it, or for the draft, such as saving it.
document.addEventListener("htmx:confirm", (event) => {
  const { elt, issueRequest, triggeringEvent } = event.detail;
  const region = document.getElementById(REGION);
  const pressed = elt === builder && triggeringEvent?.submitter?.value;
  if (!unsent?.isConnected || elt === unsent || elt === region || !(pressed || region?.contains(elt))) return;
  event.preventDefault();
  then.push(issueRequest);
  htmx.trigger(unsent, "submit");
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr } = event.detail;
  if (elt !== unsent) return;
  if (!xhr.status || xhr.status >= 500 || xhr.status === 429) return retries.failed({});
  retries.arrived();
  unsent = null;
  for (const issue of then.splice(0)) issue(true);
});

// Nobody is signed in any more: it goes along to the next visit.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Refresh") !== "true" || !unsent?.isConnected) return;
  const pairs = [...new FormData(unsent)].filter(([name]) => name !== "csrfmiddlewaretoken");
  sessionStorage.setItem(KEPT, JSON.stringify({ action: unsent.action, pairs }));
  leaving = true;
});

async function sendWhatWasKept() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (!kept) return;
  const taken = await sendKept(kept.action, kept.pairs);
  if (taken === null) return;
  sessionStorage.removeItem(KEPT);
  if (taken) location.reload();
}

addEventListener("beforeunload", (event) => {
  if (unsent?.isConnected && !leaving) event.preventDefault();
});
sendWhatWasKept();

// Rows of the list of events: a row opens in place, and has keys. Without this file its name leads
// to the page of the event.
const NOBODY = "00000000-0000-0000-0000-000000000000";
const byId = (id) => document.getElementById(id);
const list = () => byId("event-list");

const detailOf = (link) => {
  const next = link.closest("tr").nextElementSibling;
  return next?.matches(".detail") ? next : null;
};

function opens(link) {
  link.setAttribute("aria-expanded", detailOf(link) !== null);
}

function toggle(link) {
  const old = detailOf(link);
  if (old) old.remove();
  else {
    const row = link.closest("tr");
    const detail = Object.assign(document.createElement("tr"), { className: "detail" });
    const cell = Object.assign(document.createElement("td"), { colSpan: row.cells.length });
    detail.append(cell);
    cell.append(Object.assign(document.createElement("p"), { className: "quiet", textContent: "Loading…" }));
    row.after(detail);
    const address = list().dataset.detail.replace(NOBODY, link.id.replace("event-", ""));
    htmx.ajax("GET", address, { source: cell, target: cell, swap: "innerHTML" }).catch(() => {}); // the cell says it
  }
  opens(link);
}

// The link of the row, or of the opened part below it, that somebody is in.
function linkAt(target) {
  const row = target.closest?.("#event-list tbody tr");
  return (row?.matches(".detail") ? row.previousElementSibling : row)?.querySelector("a.name");
}

// A text as the query box takes it.
const quoted = (text) => (/[\s"]|^-/.test(text) ? `"${text.replace(/[\\"]/g, "\\$&")}"` : text);

const KEYS = {
  o: (link) => location.assign(link.href),
  f: (link) => {
    const address = new URL(list().dataset.address, location.href);
    address.searchParams.set("add", `name:${quoted(link.textContent)}`);
    location.assign(address);
  },
  c: (link) => {
    const { create } = list().dataset;
    if (create) location.assign(`${create}?event=${link.id.replace("event-", "")}`);
  },
  r: (link) => {
    const { replay } = list().dataset;
    if (replay) location.assign(replay.replace(NOBODY, link.id.replace("event-", "")));
  },
  d: (link) => location.assign(`${link.href}compare/`),
  m: (link) => {
    const form = byId("feed-mute");
    form.elements.name.value = link.textContent;
    form.requestSubmit();
  },
};

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#event-list tbody a.name");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  toggle(link);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, dialog")) return;
  const link = linkAt(event.target);
  if (!link) return;
  if (event.key === "Escape" && detailOf(link)) {
    toggle(link);
    link.focus();
  } else KEYS[event.key]?.(link);
});

for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(name, (event) => {
    const cell = event.detail.target;
    if (!cell?.matches("#event-list tr.detail > td")) return;
    cell.textContent = "The event could not be loaded. Press o to open its page.";
  });
}

function begin() {
  for (const link of document.querySelectorAll("#event-list tbody a.name:not([aria-expanded])")) opens(link);
}
document.addEventListener("htmx:afterSettle", begin);
begin();

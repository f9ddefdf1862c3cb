// Dialogs, toasts, and where focus goes after a part of the page was replaced.
import { say } from "./live_region.js";

const TOAST_MS = 10_000;

// A toast leaves by itself, but not while somebody is at it.
function expireToasts() {
  for (const toast of document.querySelectorAll("[data-toast]:not([data-timed])")) {
    toast.dataset.timed = "";
    const leave = () => {
      if (toast.matches(":hover, :focus-within")) setTimeout(leave, 1000);
      else toast.remove();
    };
    setTimeout(leave, TOAST_MS);
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    nameChosen(opener.form);
    document.getElementById(opener.dataset.dialog)?.showModal();
  }
  const closer = event.target.closest("[data-close-dialog]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
  event.target.closest("[data-close]")?.closest("[data-toast]")?.remove();
  const bar = event.target.closest("[data-href]");
  if (bar) location.assign(bar.dataset.href);
});

// A dialog about what is ticked says what that is.
function nameChosen(form) {
  const region = form?.querySelectorAll("[data-chosen]");
  if (!region?.length) return;
  const all = form.querySelector("[name=all]:checked")?.parentElement.textContent.trim();
  const boxes = [...document.querySelectorAll(`input[form="${form.id}"][name=id]:checked`)];
  const names = boxes.map((box) => box.getAttribute("aria-label").replace(/^Choose /, ""));
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  const text = all ?? `${names.length} chosen: ${names.slice(0, 5).join(", ")}${more}.`;
  for (const one of region) one.textContent = text;
}

// Where somebody was before the swap; a replaced part gives focus to its successor.
let focused = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const active = document.activeElement;
  // An answer that comes between another's swap and its settling takes nothing from that one.
  if (active === document.body) return;
  focused = event.detail.target?.contains(active) ? active.id || "?" : null;
});
document.addEventListener("focusin", () => {
  focused = null;
});
document.addEventListener("htmx:afterSettle", (event) => {
  expireToasts();
  const region = document.getElementById(event.detail.elt.id) ?? event.detail.elt;
  const wanted = region.querySelector?.("[data-focus]");
  if (wanted) wanted.focus();
  else if (focused !== null && document.activeElement === document.body) {
    (document.getElementById(focused) ?? region.querySelector?.("[data-focus-fallback]"))?.focus();
  }
  // A swap settles several parts; only the one that took the focus gives it back.
  if (document.activeElement !== document.body) focused = null;
  // What a person asked for is said; what a live region found by itself is not.
  const asked = event.detail.requestConfig?.triggeringEvent;
  if (asked && region.dataset?.said) say(region.dataset.said);
});
expireToasts();
// After a form was sent and another page has come, one goes on in its content.
if (document.querySelector("[data-done]") && document.activeElement === document.body) {
  document.getElementById("main")?.focus({ preventScroll: true });
}

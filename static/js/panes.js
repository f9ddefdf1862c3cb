// The source panes: what is typed goes to the server, what changes elsewhere comes back.
import { aceField, plainField } from "./editor.js";

const IDLE_MS = 400;
const AGAIN_MS = 5000;
const KEYS = ["1", "2", "3", "4", "5", "6"];
let pane = null; // what is mounted: its region, field, and whether the server has its text

const byId = (id) => document.getElementById(id);
const isOpen = () => !byId("builder") || byId("builder").hasAttribute("data-source");
const revision = () => Number(byId("pane-rev")?.value ?? 0);
const key = () => `pane:${pane.region.dataset.draft}:${pane.region.dataset.format}`;

// A copy that outlives the page, until the server has answered; storage may be switched off.
function remember() {
  try { sessionStorage.setItem(key(), JSON.stringify({ text: pane.field.text, rev: revision() })); } catch { /* as before */ }
}
function forget() {
  try { sessionStorage.removeItem(key()); } catch { /* as before */ }
}
function remembered() {
  try { return JSON.parse(sessionStorage.getItem(key())); } catch { return null; }
}

function typed() {
  if (!pane) return;
  pane.dirty = true;
  remember();
  clearTimeout(pane.timer);
  pane.timer = setTimeout(send, IDLE_MS);
}

// Resolves when the server has answered; then nothing is typed that it does not know.
function send() {
  const sending = pane;
  clearTimeout(sending.timer);
  const form = byId("pane-form");
  const text = sending.field.text;
  sending.area.value = text;
  return new Promise((resolve) => {
    form.addEventListener("htmx:afterRequest", (event) => {
      const { status } = event.detail.xhr;
      if ((status === 200 || status === 422) && pane === sending && sending.field.text === text) {
        sending.dirty = false;
        forget();
      }
      const answered = status === 200 || status === 422;
      if (byId("pane-unsent")) byId("pane-unsent").hidden = answered;
      if (!answered && pane === sending) sending.timer = setTimeout(send, AGAIN_MS);
      resolve();
    }, { once: true });
    window.htmx.trigger(form, "pane-typed");
  });
}

// The problems of the text, as the list under it says them.
function mark() {
  const said = [...document.querySelectorAll("#pane-status .pane-problems li")].map((item) => ({
    ...place(item.querySelector("a")), kind: item.className, message: item.querySelector(".pane-message").textContent,
  }));
  pane.field.mark(said);
}
function place({ dataset }) {
  return {
    line: Number(dataset.line), column: Number(dataset.column),
    endLine: Number(dataset.endLine), endColumn: Number(dataset.endColumn),
  };
}

// Another part changed the draft. A text that somebody is at is not rewritten under the cursor.
async function refresh() {
  const shown = pane;
  const newest = Number(byId("builder-rev")?.value ?? 0);
  // The form goes on beside a text that cannot be read.
  if (byId("pane-form-rev")) byId("pane-form-rev").textContent = newest;
  if (!shown || !isOpen() || shown.dirty || newest === revision()) return;
  const typing = shown.field.hasFocus && !shown.area.readOnly;
  if (typing || byId("pane-drop")) return;
  const answer = await fetch(`${shown.region.dataset.address}?seen=${revision()}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.status === 204 || answer.headers.has("HX-Refresh")) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (pane !== shown || shown.dirty || !fresh.getElementById("pane-status")) return;
  shown.field.show(fresh.getElementById("pane-text").value);
  byId("pane-status").replaceWith(document.adoptNode(fresh.getElementById("pane-status")));
  mark();
}

async function mount() {
  if (!isOpen()) return;
  const region = byId("builder-panes");
  if (!region || pane?.region === region) return;
  pane?.field?.close();
  const area = byId("pane-text");
  const mounted = { region, area, dirty: false, timer: 0 };
  pane = mounted;
  mounted.field = plainField(area, typed);
  const left = remembered();
  if (left && left.text !== area.value && !area.readOnly) {
    area.value = left.text;
    byId("pane-rev").value = left.rev;
    typed();
  }
  const plain = localStorage.getItem("pane-plain") === "on";
  region.querySelector("[data-pane-plain]").setAttribute("aria-pressed", String(plain));
  if (!plain) await enrich(mounted);
}

async function enrich(mounted) {
  const { region, area } = mounted;
  try {
    const field = await aceField(area, region.querySelector(".pane-editor"), region.dataset, region.querySelector("label").textContent, typed);
    mounted.field.close();
    mounted.field = field;
    if (pane === mounted) mark();
  } catch { /* the textarea does it all, but for the colors */ }
}

async function toggle(button) {
  const plain = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(plain));
  localStorage.setItem("pane-plain", plain ? "on" : "off");
  if (!plain) return enrich(pane);
  pane.field.close();
  pane.field = plainField(pane.area, typed);
}

document.addEventListener("click", async (event) => {
  const on = (selector) => event.target.closest?.(`#builder-panes ${selector}`);
  const tab = on(".pane-tabs a");
  if (tab && pane?.dirty) {
    event.preventDefault();
    event.stopImmediatePropagation();
    await send();
    pane.dirty = false;
    tab.click();
    return;
  }
  const link = on(".pane-problems a");
  if (link) {
    event.preventDefault();
    pane.field.goTo(place(link).line, place(link).column);
  }
  const fix = on("[data-fix]");
  if (fix) pane.field.replace(place(fix), fix.dataset.fix);
  const copy = on("[data-copy-pane]");
  if (copy) copy.dataset.copy = pane.field.text;
  const plain = on("[data-pane-plain]");
  if (plain) toggle(plain);
}, true);

document.addEventListener("keydown", (event) => {
  if (!(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
  const tab = document.querySelectorAll("#builder-panes .pane-tabs a")[KEYS.indexOf(event.key)];
  if (!tab) return;
  event.preventDefault();
  tab.focus();
  tab.click();
});

// Whatever else is sent waits for what was just typed, so that nothing is left out of it.
document.addEventListener("htmx:confirm", (event) => {
  if (!pane?.dirty || event.detail.verb !== "post" || event.target.id === "pane-form") return;
  event.preventDefault();
  send().then(() => event.detail.issueRequest(true));
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (isOpen() && byId("builder-panes") !== pane?.region) {
    const format = byId("builder-panes")?.dataset.format;
    const address = new URL(location.href);
    address.searchParams.set("pane", format);
    history.replaceState(history.state, "", address);
    mount();
  } else if (event.detail.target?.id === "pane-status" || event.detail.elt?.id === "pane-status") mark();
});
document.addEventListener("rev-changed", () => setTimeout(refresh, 50));
document.addEventListener("source-opened", () => (pane ? refresh() : mount().then(refresh)));
document.addEventListener("focusout", (event) => {
  if (event.target.closest?.("#builder-panes")) setTimeout(refresh, 50);
});
mount();

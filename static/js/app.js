// Small comforts. Every page works without this file.
import { say } from "./live_region.js";

const root = document.documentElement;
root.dataset.script = "on";

const STEPS = [[60, 1, "s"], [3600, 60, "min"], [86400, 3600, "h"], [2592000, 86400, "d"]];

// The same words as project/lib/moments.py.
function relative(moment, now) {
  const seconds = (now - moment) / 1000;
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  for (const [limit, unitSeconds, unit] of STEPS) {
    if (size < limit) {
      const text = `${Math.floor(size / unitSeconds)} ${unit}`;
      return seconds > 0 ? `${text} ago` : `in ${text}`;
    }
  }
  return moment.toISOString().slice(0, 10);
}

function refreshTimes() {
  const now = new Date();
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const text = relative(new Date(time.dateTime), now);
    if (time.textContent !== text) time.textContent = text;
  }
}

// What is planned, in the zone of whoever looks; without a script in UTC.
function localTimes() {
  for (const time of document.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    const wall = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString();
    time.textContent = wall.slice(0, 16).replace("T", " ");
    time.removeAttribute("data-local");
  }
}

async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard is only there on https and on this machine; this way works everywhere.
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.dataset.copied = "";
  say("Copied.", "app");
  setTimeout(() => delete button.dataset.copied, 1200);
}

function toggleTheme() {
  const dark = getComputedStyle(root).colorScheme === "dark" ||
    (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
  // A cookie, so that the server sends the right theme and nothing flashes.
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  say(`${dark ? "Light" : "Dark"} theme.`, "app");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy], button[data-theme-toggle]");
  if (!button) return;
  if ("copy" in button.dataset) copy(button);
  else toggleTheme();
});

// A menu closes when somebody is done with it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A tab that nobody looks at asks for nothing, and nothing is replaced below an open dialog.
document.addEventListener("htmx:beforeRequest", (event) => {
  const region = event.target;
  if (!region.matches("[data-live]")) return;
  if (document.hidden || region.querySelector("dialog[open]")) event.preventDefault();
});
// Of errors, those are shown that are a fragment made for the place that asked.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("Flint-Fragment")) event.detail.shouldSwap = true;
});
document.addEventListener("htmx:afterSwap", () => { refreshTimes(); localTimes(); });
localTimes();
setInterval(refreshTimes, 5000);

// An address says what is asked, not what is not.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  for (const [name, value] of [...event.detail.formData]) {
    if (value === "") event.detail.formData.delete(name);
  }
});

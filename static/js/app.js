// Small comforts. Every page works without this file.
import { say } from "./live_region.js";
import { localTimes, refreshTimes, shrinkBars, toggleTimes, zonedTimes } from "./times.js";

const root = document.documentElement;
root.dataset.script = "on";

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
  const button = event.target.closest("button[data-copy], button[data-theme-toggle], button[data-times-toggle]");
  if (!button) return;
  if ("copy" in button.dataset) copy(button);
  else if ("timesToggle" in button.dataset) say(toggleTimes(), "app");
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
document.addEventListener("htmx:afterSwap", () => { refreshTimes(); localTimes(); zonedTimes(); });
localTimes();
zonedTimes();
setInterval(() => { refreshTimes(); shrinkBars(); }, 5000);

// An address says what is asked, not what is not.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  for (const [name, value] of [...event.detail.formData]) {
    if (value === "") event.detail.formData.delete(name);
  }
});

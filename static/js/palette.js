// The command palette: Ctrl K (⌘ K) opens it, arrows choose, Enter goes.
const dialog = document.getElementById("palette");
const field = document.getElementById("palette-text");
const options = () => [...dialog.querySelectorAll('[role="option"]')];
const active = () => dialog.querySelector('[aria-selected="true"]');

function open() {
  if (dialog.open) return dialog.close();
  if (document.querySelector("dialog[open]")) return;
  field.value = "";
  dialog.showModal();
  htmx.trigger(field.form, "opened");
}

function activate(option) {
  active()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  mark();
}

function mark() {
  const option = active();
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
}

function move(by) {
  const all = options();
  if (all.length) activate(all[(all.indexOf(active()) + by + all.length) % all.length]);
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open();
  }
});

field.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) move(steps[event.key]);
  else if (event.key === "Enter") active()?.querySelector("a").click();
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]")) {
    event.preventDefault();
    open();
  }
  if (event.target === dialog) dialog.close(); // beside it
});
dialog.addEventListener("htmx:afterSettle", mark);

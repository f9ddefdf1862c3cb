// The lines of the tree by drag: an extra to the keys and the menu of each line.
import { say } from "./live_region.js";
import { press } from "./pressing.js";

const SLACK = 6; // pixels; who moves less has clicked
const SIGNS = ["drop-before", "drop-after", "drop-into"];
const WORDS = { before: "Before", after: "After", into: "Into" };
let held = null; // { item, x, y, moving, to: { item, where } }

const itemOf = (element) => element?.closest(".builder-tree :is(.node, .action)");
const parentOf = (item) => item.parentElement.closest(".node");
const listOf = (action) => action.id.split("-")[1];
const indexOf = (action) => Number(action.id.split("-")[2]);

// The outermost part has nowhere to go.
const movable = (item) => item.matches(".action") || parentOf(item) !== null;

function clear() {
  for (const sign of SIGNS) for (const one of document.querySelectorAll(`.${sign}`)) one.classList.remove(sign);
}

function end() {
  clear();
  held?.item.classList.remove("dragged");
  document.documentElement.classList.remove("dragging");
  held = null;
}

// Where it would go: a group takes it in by its lower part, any other line above or below itself.
function target(event) {
  const line = document.elementFromPoint(event.clientX, event.clientY)?.closest(".builder-tree .node-line");
  const item = itemOf(line);
  if (!item || item === held.item || held.item.contains(item)) return null;
  if (item.matches(".action") !== held.item.matches(".action")) return null;
  if (item.matches(".action") && listOf(item) !== listOf(held.item)) return null;
  const box = line.getBoundingClientRect();
  const part = (event.clientY - box.top) / box.height;
  if (item.dataset.turn) return { item, where: part < 0.3 && parentOf(item) ? "before" : "into" };
  if (!movable(item)) return null;
  return { item, where: part < 0.5 ? "before" : "after" };
}

function show(to) {
  if (held.to?.item === to?.item && held.to?.where === to?.where) return;
  held.to = to;
  clear();
  if (!to) return;
  to.item.querySelector(".node-line").classList.add(`drop-${to.where}`);
  say(`${WORDS[to.where]} ${to.item.querySelector(".node-sentence").textContent.trim()}`, "builder");
}

function drop(moved, { item, where }) {
  const form = document.getElementById("builder-form");
  if (!item.matches(".action")) return press(form, `place:${moved.dataset.nodeId}:${where}:${item.dataset.nodeId}`);
  const from = indexOf(moved);
  const at = indexOf(item) + (where === "after" ? 1 : 0);
  press(form, `place-action:${listOf(item)}:${from}:${from < at ? at - 1 : at}`);
}

document.addEventListener("pointerdown", (event) => {
  const line = event.target.closest(".builder-tree .node-line");
  if (event.button || event.pointerType === "touch" || !line || event.target.closest(".menu")) return;
  const item = itemOf(line);
  if (movable(item)) held = { item, x: event.clientX, y: event.clientY, moving: false, to: null };
});

document.addEventListener("pointermove", (event) => {
  if (!held) return;
  if (!held.moving) {
    if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < SLACK) return;
    held.moving = true;
    held.item.classList.add("dragged");
    document.documentElement.classList.add("dragging");
  }
  show(target(event));
});

document.addEventListener("pointerup", () => {
  const { item, moving, to } = held ?? {};
  end();
  if (!moving) return;
  // Letting go is no click on the line below; what it does comes after that click.
  addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => {
    removeEventListener("click", stop, { capture: true });
    if (to) drop(item, to);
  });
});

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

document.addEventListener("pointercancel", end);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !held?.moving) return;
  event.stopPropagation();
  end();
  say("Left where it was.", "builder");
}, true);

// The list of events as they come, by server-sent events. Without this file the list is as it was
// when the page was loaded. Rows wait while somebody reads further down, or has paused.
import { say as sayNow } from "./live_region.js";
import { refreshTimes } from "./times.js";

const MOST = 500;
const FAR_DOWN = 160; // pixels: whoever is further down reads
const SAY_MS = 10_000;
const FRESH_MS = 1500;
const AGAIN_MS = 3000;
const SHORT_MS = 3000; // who was away no longer need not hear of it
const CHART_MS = 30_000;

const byId = (id) => document.getElementById(id);
let source = null;
let list = null; // the region that is fed
let place = ""; // of the log: everything before it was shown
let paused = false;
let waiting = []; // rows that are not shown yet, the newest first
let uncharted = 0; // rows that came since the chart was drawn
let unsaid = 0;
let saying = 0;
let awaySince = 0; // when the stream was lost
let gap = null; // { from, to, left } in ms: what is filled, and how many rows of it were too many
let anew = ""; // why the list was read anew
let wasLive = false; // where it never was, there is no stream

const reads = () => paused || scrollY > FAR_DOWN;

function state(word) {
  const sign = byId("feed-state");
  if (!sign) return;
  sign.dataset.state = word;
  sign.textContent = { live: "Live", paused: "Paused", away: "Reconnecting…", none: "Not live" }[word];
}

function showWaiting() {
  const button = byId("feed-new");
  button.hidden = waiting.length === 0;
  button.textContent = `${waiting.length >= MOST ? `${MOST}+` : waiting.length} new`;
}

function rowOf(event) {
  const row = byId("feed-row").content.firstElementChild.cloneNode(true);
  const link = row.querySelector("a.name");
  link.id = `event-${event.id}`;
  link.href = link.getAttribute("href").replace("00000000-0000-0000-0000-000000000000", event.id);
  link.textContent = event.event || "(no name)";
  row.querySelector("[data-is=resource]").textContent = event.resource;
  row.querySelector("[data-is=related]").textContent = event.related || "–";
  const time = row.querySelector("time");
  const moment = event[list.dataset.clock];
  time.dateTime = moment;
  time.title = moment.replace("T", " ").replace("+00:00", " UTC");
  time.textContent = "just now";
  link.setAttribute("aria-expanded", "false");
  row.dataset.fresh = "";
  setTimeout(() => delete row.dataset.fresh, FRESH_MS);
  return row;
}

// What the evaluator made of a row comes a moment after the row.
const outcomes = new Map();

function decide(id, [fired, counted]) {
  const cell = byId(`event-${id}`)?.closest("tr").querySelector("[data-is=outcome]");
  if (!cell) return;
  const signs = [...byId("feed-outcome").content.cloneNode(true).children];
  const shown = signs.filter((sign, at) => {
    sign.lastChild.textContent = `${[fired, counted][at]} ${sign.textContent.trim()}`;
    return [fired, counted][at] > 0;
  });
  cell.replaceChildren(...shown);
}

function decided(message) {
  for (const [id, outcome] of Object.entries(JSON.parse(message.data))) {
    outcomes.set(id, outcome);
    decide(id, outcome);
  }
  while (outcomes.size > MOST) outcomes.delete(outcomes.keys().next().value);
}

function insert(events) {
  const body = list.querySelector("tbody");
  const fresh = events.filter((event) => !byId(`event-${event.id}`));
  if (!body) {
    // Read anew, the list lacks nothing; what was said of a gap that was filled stays true.
    if (fresh.length) again(byId("feed-anew").hidden ? byId("feed-gap").textContent : "");
    return;
  }
  body.prepend(...fresh.map(rowOf));
  for (const { id } of fresh) if (outcomes.has(id)) decide(id, outcomes.get(id));
  while (body.rows.length > MOST) {
    if (body.lastElementChild.matches(".detail")) body.lastElementChild.remove();
    body.lastElementChild.remove();
  }
  refreshTimes();
  say(fresh.length);
}

// What is said is how many came, and not each of them.
function say(count) {
  unsaid += count;
  if (saying || !unsaid) return;
  saying = setTimeout(() => {
    const region = byId("said");
    if (region) region.textContent = `${unsaid} new event${unsaid === 1 ? "" : "s"}.`;
    unsaid = saying = 0;
  }, SAY_MS);
}

function flush() {
  const rows = waiting;
  waiting = [];
  insert(rows);
  showWaiting();
}

function arrived(message) {
  place = message.lastEventId || place;
  const { rows, skipped } = JSON.parse(message.data);
  uncharted += rows.length + skipped;
  if (gap) fills(rows, skipped);
  const note = byId("feed-skipped");
  note.hidden = !skipped;
  if (skipped) note.textContent = `Too many to show: ${skipped + rows.length} came at once, the newest ${rows.length} are here.`;
  if (!reads()) return insert(rows);
  waiting = [...rows, ...waiting].slice(0, MOST);
  showWaiting();
}

// The list is read anew: the first event came, or too much happened while nobody looked.
function again(why = "") {
  anew = why;
  close();
  window.htmx.ajax("GET", list.dataset.address, { source: list, target: "#event-rows", swap: "outerHTML" })
    .catch(() => setTimeout(open, AGAIN_MS)); // the server is away: the list stays as it is
}

function over(message) {
  if (message.data === "signed out") location.reload();
  else if (message.data === "too slow") again("Too much came to show it one by one: the list was read anew.");
}

// The server sends what came meanwhile; whoever looked away hears whether something is missing.
function healed() {
  if (awaySince && Date.now() - awaySince > SHORT_MS) {
    gap = { from: awaySince, to: Date.now(), left: 0 };
    tellGap();
  }
  awaySince = 0;
}

// Rows up to the end of the gap belong to it. The newest row comes first.
function fills(rows, skipped) {
  if (skipped && new Date(rows.at(-1)?.received) <= gap.to) {
    gap.left += skipped;
    tellGap();
  }
  if (new Date(rows[0]?.received) > gap.to) gap = null;
}

function tellGap() {
  const [from, to] = [gap.from, gap.to].map((at) => new Date(at).toISOString().slice(11, 19));
  const missing = gap.left ? `but for ${gap.left} events, which were too many at once` : "";
  tell(`Gap ${from}–${to} UTC filled${missing && ` ${missing}`}.`);
  byId("feed-anew").hidden = !gap.left;
}

function tell(sentence) {
  byId("feed-gap").textContent = sentence;
  byId("feed-gap").hidden = !sentence;
  byId("feed-anew").hidden = true;
  sayNow(sentence);
}

function open() {
  if (!list || source || document.hidden) return;
  const address = new URL(list.dataset.feed, location.href);
  if (place) address.searchParams.set("after", place);
  source = new EventSource(address);
  source.onopen = () => {
    wasLive = true;
    healed();
    state(paused ? "paused" : "live");
  };
  source.onmessage = arrived;
  source.addEventListener("outcomes", decided);
  source.addEventListener("over", over);
  source.onerror = () => {
    awaySince ||= Date.now();
    const refused = source?.readyState === EventSource.CLOSED;
    state(refused && !wasLive ? "none" : "away");
    if (!refused) return; // the browser tries again by itself
    close();
    if (wasLive) setTimeout(open, AGAIN_MS);
  };
}

function close() {
  source?.close();
  source = null;
}

function begin() {
  const found = document.querySelector("[data-feed]");
  if (found === list) return;
  close();
  list = found;
  place = list?.dataset.after ?? "";
  waiting = [];
  gap = null;
  if (list) {
    showWaiting();
    state(paused ? "paused" : "live");
    if (anew) tell(anew);
  }
  anew = "";
  open();
}

function pause(on) {
  paused = on;
  byId("feed-pause").setAttribute("aria-pressed", on);
  byId("feed-pause").querySelector("span").textContent = on ? "Go on" : "Pause";
  state(on ? "paused" : "live");
  if (!reads()) flush();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("#feed-pause")) pause(!paused);
  if (event.target.closest?.("#feed-new")) live();
  if (event.target.closest?.("#feed-anew")) again();
});

function live() {
  scrollTo({ top: 0 });
  if (paused) pause(false);
  else flush();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !list) return;
  if (event.target.closest?.("input, textarea, select, button, a, summary, dialog")) return;
  if (event.key === " ") {
    event.preventDefault();
    pause(!paused);
  } else if (event.key === ".") live();
});
addEventListener("scroll", () => {
  if (list && waiting.length && !reads()) flush();
}, { passive: true });

// The chart follows, but not while somebody is at it.
function chart() {
  const drawn = byId("histogram");
  if (!source || !uncharted || !drawn?.querySelector(".bars") || document.hidden) return;
  if (drawn.matches(":hover, :focus-within") || drawn.querySelector("details[open], [data-chosen]")) return;
  uncharted = 0;
  window.htmx.ajax("GET", list.dataset.chart, { source: drawn, target: drawn, swap: "outerHTML" }).catch(() => {});
}
setInterval(chart, CHART_MS);

// A tab that nobody looks at has no stream: a browser opens six of them to one server.
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
document.addEventListener("htmx:afterSettle", begin);
begin();

// Times in words, and in the zone of whoever looks.
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

export function refreshTimes() {
  const now = new Date();
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const text = relative(new Date(time.dateTime), now);
    if (time.textContent !== text) time.textContent = text;
  }
}

// The time left until a deadline, as a bar that empties.
export function shrinkBars() {
  const now = Date.now();
  for (const bar of document.querySelectorAll("progress[data-until]")) {
    const [from, until] = [Date.parse(bar.dataset.from), Date.parse(bar.dataset.until)];
    bar.value = until > from ? bar.max * Math.min(1, Math.max(0, (until - now) / (until - from))) : 0;
  }
}

// What is planned, in the zone of whoever looks; without a script in UTC.
export function localTimes() {
  for (const time of document.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    const wall = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString();
    time.textContent = wall.slice(0, 16).replace("T", " ");
    time.removeAttribute("data-local");
  }
}

const root = document.documentElement;
const two = (number, width = 2) => String(number).padStart(width, "0");

function zone(moment) {
  const minutes = -moment.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? "−" : "+"}${Math.floor(size / 60)}${size % 60 ? `:${two(size % 60)}` : ""}`;
}

const clock = (at) => `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${two(at.getMilliseconds(), 3)}`;

// The same shape as project/lib/moments.py `absolute`, by the clock of this browser.
function absolute(at) {
  const day = at.toLocaleDateString("en", { weekday: "short" });
  return `${day} ${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock(at)} ${zone(at)}`;
}

const FORMS = { clock, minute: (at) => clock(at).slice(0, 5), full: absolute };

// Exact times by the clock that the person chose: UTC as the server sends them, or the browser's.
export function zonedTimes() {
  const local = root.dataset.times === "local";
  for (const time of document.querySelectorAll("time[datetime][title]")) {
    if (local === ("utc" in time.dataset)) continue;
    const form = FORMS[time.dataset.exact];
    if (local) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      time.dataset.utc = JSON.stringify([time.title, time.textContent]);
      time.title = absolute(at);
      if (form) time.textContent = form(at);
    } else {
      const [title, text] = JSON.parse(time.dataset.utc);
      delete time.dataset.utc;
      time.title = title;
      if (form) time.textContent = text;
    }
  }
  for (const word of document.querySelectorAll("[data-times-word]")) {
    const name = local ? zone(new Date()) : "UTC";
    word.textContent = word.dataset.timesWord === "zone" ? name : `Times: ${local ? `local (${name})` : name}`;
  }
}

// A cookie, as for the theme: the choice holds on every page of this browser.
export function toggleTimes() {
  root.dataset.times = root.dataset.times === "local" ? "utc" : "local";
  document.cookie = `times=${root.dataset.times}; path=/; max-age=31536000; samesite=lax`;
  zonedTimes();
  return root.dataset.times === "local" ? "Times of this browser." : "Times in UTC.";
}

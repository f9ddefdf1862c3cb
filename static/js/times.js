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

// What is planned, in the zone of whoever looks; without a script in UTC.
export function localTimes() {
  for (const time of document.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    const wall = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString();
    time.textContent = wall.slice(0, 16).replace("T", " ");
    time.removeAttribute("data-local");
  }
}

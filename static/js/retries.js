// Requests of a form that did not arrive: what was typed is sent again, what was pressed is pressed again.
const AGAIN_MS = [500, 1000, 2000, 4000, 8000];

// The button whose name and value went along, which may have left the page since.
const pressedIn = (request) => {
  const by = request.triggeringEvent?.submitter;
  return by?.value ? by : null;
};

// The line above the builder's form; an empty sentence takes it away.
export function banner(sentence) {
  const region = document.getElementById("builder-banner");
  region.hidden = !sentence;
  region.textContent = sentence;
}

// What was kept when a session ended, sent in the next one. Whether it was taken; null while nobody
// is signed in.
export async function sendKept(address, pairs) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { "x-csrftoken": token, "HX-Request": "true" };
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams(pairs), headers, redirect: "manual" });
  return answer.headers.get("HX-Refresh") ? null : answer.ok;
}

// `waits` is called when one did not arrive; the server answers a press that it has answered before
// only once.
export function retriesOf(form, waits = () => {}) {
  const failed = []; // buttons, in the order they were pressed
  let failures = 0;
  let timer = 0;

  function again() {
    timer = 0;
    const presses = failed.splice(0);
    if (presses.length) presses.forEach(repeat);
    else htmx.trigger(form, "submit");
  }

  // A button that an answer took away, or that a key made for itself, is pressed by its likeness.
  function repeat(button) {
    if (button.isConnected) return form.requestSubmit(button);
    const likeness = Object.assign(button.cloneNode(), { hidden: true });
    form.append(likeness);
    form.requestSubmit(likeness);
    likeness.remove();
  }

  return {
    get pending() { return failures > 0 || failed.length > 0; },

    failed(request) {
      if (pressedIn(request)) failed.push(pressedIn(request));
      waits();
      banner("Not saved yet – trying again.");
      if (timer) return;
      timer = setTimeout(again, AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]);
      failures += 1;
    },

    // Whether this one has to wait: what was pressed before it comes first.
    holds(request) {
      const pressed = failed.length ? pressedIn(request) : null;
      if (pressed) failed.push(pressed);
      return pressed !== null;
    },

    // One has; the banner goes when no other waits.
    arrived() {
      if (failures && !failed.length) banner("");
      failures = 0;
    },
  };
}

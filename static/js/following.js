// Parts of the builder that load themselves after every edit, and replace themselves.
//
// Race: an edit that comes while a part's answer is on its way is heard by the element that the
// answer replaces, and would be lost with it. So whoever was asked before it is asked again.
let changed = 0;
const asked = new WeakMap(); // request → when it was sent

document.addEventListener("rev-changed", () => {
  changed = performance.now();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  asked.set(event.detail.xhr, performance.now());
});

document.addEventListener("htmx:afterSettle", (event) => {
  const { requestConfig, xhr } = event.detail;
  const sent = asked.get(xhr);
  const part = requestConfig && document.getElementById(requestConfig.elt.id);
  if (sent === undefined || !part || part === requestConfig.elt || changed <= sent) return;
  if (!part.matches("[hx-trigger*='again']")) return;
  asked.delete(xhr); // one answer settles several elements
  htmx.trigger(part, "again");
});

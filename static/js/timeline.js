// Signs and days of a backtest load what explains them into the page. HTMX does not keep the
// browser from following a link inside a drawing. Without this file they lead to pages.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("svg.timeline a");
  if (!link) return;
  event.preventDefault();
  // Signs are many, so htmx does not look at each of them.
  if (link.dataset.explain === undefined) return;
  const address = link.getAttribute("href").split("#")[0];
  const select = "#builder-tab";
  window.htmx.ajax("GET", address, { source: document.body, target: select, select, swap: "outerHTML" });
  const here = new URL(location.href);
  here.searchParams.set("event", new URL(address, location.href).searchParams.get("event"));
  history.replaceState(history.state, "", here);
});

// Signs and days of a backtest: links that load the part which explains them into this page.
// Without this file they lead to pages of their own.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("svg.timeline a[data-part]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const part = document.querySelector(link.dataset.part);
  if (!part || !window.htmx) return;
  event.preventDefault();
  const address = link.dataset.address ?? link.getAttribute("href");
  const swap = link.dataset.part === "#why-not" ? "outerHTML" : "innerHTML";
  window.htmx.ajax("GET", address, { target: link.dataset.part, swap });
});

// Signs and days of a backtest load what explains them into the page. HTMX does not keep the
// browser from following a link inside a drawing. Without this file they lead to pages.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("svg.timeline a[hx-get]")) event.preventDefault();
});

// "Line 3, column 7" selects that place in the text that was pasted.
document.addEventListener("click", (event) => {
  const place = event.target.closest("a.place");
  const text = document.getElementById("field-text");
  if (!place || !text) return;
  event.preventDefault();
  const lines = text.value.split("\n");
  const line = Math.min(Number(place.dataset.line), lines.length) - 1;
  const before = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
  text.focus();
  text.setSelectionRange(before + Number(place.dataset.column) - 1, before + lines[line].length);
  text.scrollTop = (line - 3) * (text.scrollHeight / Math.max(lines.length, 1));
});

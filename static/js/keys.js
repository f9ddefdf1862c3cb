// Keys of every page, and the list of them. Every page works without this file.

// The links of this page that have a key say in their title what it does.
function showKeys() {
  const list = document.getElementById("keys-here");
  for (const link of document.querySelectorAll("main [data-key][title]")) {
    if (!list || link.dataset.listed) continue;
    link.dataset.listed = "yes";
    const [key, words] = ["dt", "dd"].map((name) => document.createElement(name));
    key.append(Object.assign(document.createElement("kbd"), { textContent: link.dataset.key }));
    words.textContent = link.title.replace(/ \(.\)$/, "");
    list.append(key, words);
  }
  document.getElementById("keys-dialog")?.showModal();
}

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

// `/` searches, `j` and `k` walk the rows of a list.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.target.closest("a[role]") && event.key === " ") event.target.click();
  if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (event.key === "?" && !document.querySelector("dialog[open]")) showKeys();
  // A link may have a key of its own; it says so in its title.
  if (/^[a-z[\]]$/.test(event.key)) document.querySelector(`[data-key="${event.key}"]`)?.click();
  if (event.key === "j" || event.key === "k") {
    const names = [...document.querySelectorAll("main tbody .name, main .feed .name")];
    const at = names.indexOf(document.activeElement);
    names[at < 0 ? 0 : at + (event.key === "j" ? 1 : -1)]?.focus();
  }
});

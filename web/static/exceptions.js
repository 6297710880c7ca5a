// Checks that cannot be deposited: a key for each step, j and k through the queue.
const rows = [...document.querySelectorAll("[data-row]")];

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, select, textarea")) return;
  if (rows.length && (event.key === "j" || event.key === "k")) {
    const at = rows.indexOf(document.activeElement);
    const next = event.key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0);
    rows[next].focus();
    event.preventDefault();
    return;
  }
  const chosen = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === event.key);
  if (chosen) {
    event.preventDefault();
    chosen.click();
  }
});

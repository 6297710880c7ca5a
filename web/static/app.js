// What every page has: local times, notices that can be closed, questions before a change.

function localTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime()) || element.dataset.local) continue;
    element.dataset.local = "1";
    element.title = element.textContent;
    element.textContent = at.toLocaleString(undefined, {
      year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
    });
  }
}

export function toast(text, kind = "done") {
  const line = document.createElement("p");
  line.className = `toast ${kind}`;
  line.textContent = text;
  line.append(closeButton());
  const all = document.getElementById("toasts");
  // One confirmation at a time: at speed they would cover what they are about.
  if (kind === "done") all.querySelectorAll(".toast:not(.problem)").forEach((each) => each.remove());
  all.append(line);
  fade(line);
}

function closeButton() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "toast-close";
  button.setAttribute("aria-label", "Dismiss");
  button.textContent = "×";
  return button;
}

function fade(line) {
  // A problem stays until it is closed; a confirmation leaves by itself.
  if (!line.classList.contains("problem")) setTimeout(() => line.remove(), 7000);
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  target?.closest(".toast-close")?.parentElement.remove();
  if (target?.closest("[data-back]") && history.length > 1) {
    event.preventDefault();
    history.back();
  }
  if (target?.closest("[data-print]")) window.print();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    event.preventDefault();
    return;
  }
  // The same form twice by an impatient double click would be the same change twice.
  if (form.method === "post" && !event.defaultPrevented) {
    for (const button of form.querySelectorAll("button[type=submit]")) {
      setTimeout(() => { button.disabled = true; });
      setTimeout(() => { button.disabled = false; }, 4000);
    }
  }
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const box = document.querySelector("input[type=search]");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  }
});

document.addEventListener("htmx:after:swap", () => localTimes(document));
document.querySelectorAll(".toast").forEach(fade);
localTimes(document);

// One address task: the label lit on the picture, an account with one key.
import { findAccounts, hit } from "./accounts.js";
import { makeViewer } from "./viewer.js";

const root = document.getElementById("task");
const viewer = makeViewer(root);
const hits = root.querySelector("[data-hits]");
let typing = 0;

function assign(button) {
  const form = root.querySelector("[data-assign]");
  if (!form || button.getAttribute("aria-pressed") === "true") return;
  form.elements.account.value = button.dataset.account;
  form.requestSubmit();
}

async function find(text) {
  const found = await findAccounts(text);
  if (found === undefined) return; // more was typed
  hits.hidden = found === null;
  hits.replaceChildren(...(found ?? []).map((each) => hit(each, (button) => {
    button.dataset.account = each.account_number;
  })));
}

root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-account]");
  if (button) assign(button);
});

root.addEventListener("input", (event) => {
  if (event.target.name !== "q") return;
  clearTimeout(typing);
  typing = setTimeout(() => find(event.target.value), 150);
});

root.addEventListener("submit", (event) => {
  if (!("find" in event.target.dataset)) return;
  event.preventDefault();
  hits.querySelector(".hit")?.click();
});

document.addEventListener("keydown", (event) => {
  const inField = event.target.closest?.("input, select, textarea");
  if (event.ctrlKey || event.metaKey) return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  if (digit && (event.altKey || !inField)) {
    const button = root.querySelectorAll("[data-candidates] .hit")[Number(digit[1]) - 1];
    if (button) { event.preventDefault(); assign(button); }
    return;
  }
  if (event.key === "Escape" && inField) { inField.blur(); return; }
  if (!inField && !event.altKey && goTo(event.key)) { event.preventDefault(); return; }
  if (!inField && !event.altKey && event.key in viewer.keys) { event.preventDefault(); viewer.keys[event.key](); }
});

// A letter presses a button, or opens a part of the page and puts the cursor into it.
function goTo(key) {
  if (key.length !== 1) return false;
  const button = root.querySelector(`[data-press="${CSS.escape(key)}"]`);
  if (button) { button.click(); return true; }
  const part = root.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (!part) return false;
  if (part.tagName === "DETAILS") part.open = true;
  const field = part.querySelector("input:not([type=hidden]), select, textarea");
  (field ?? part.querySelector("summary"))?.focus(); // a summary stands before its fields
  return true;
}

viewer.open();
viewer.light({ dataset: { page: root.dataset.labelPage, box: root.dataset.labelBox } });

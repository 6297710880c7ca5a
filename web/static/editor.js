// Divides a file's pages into envelopes. Nothing changes on the server until Save, except turning.
import { toast } from "./app.js";

const board = document.getElementById("envelopes");
const leftOut = document.getElementById("left-out");
const say = document.getElementById("editor-say");
const form = document.getElementById("save");
const saveButton = form.querySelector("button");
const sheets = () => [...document.querySelectorAll(".sheet")];
const envelopes = () => [...board.querySelectorAll(".envelope")];
let chosen = null;
let changed = false;

function choose(sheet, focus = true) {
  chosen?.classList.remove("chosen");
  chosen?.setAttribute("tabindex", "-1");
  chosen = sheet;
  if (!sheet) return;
  sheet.classList.add("chosen");
  sheet.setAttribute("tabindex", "0");
  if (focus) sheet.focus();
}

function newEnvelope(before) {
  const section = document.createElement("section");
  section.className = "card envelope";
  section.append(document.createElement("h2"), document.createElement("ol"));
  section.lastChild.className = "sheets";
  board.insertBefore(section, before);
  return section;
}

function tidy(message) {
  for (const envelope of envelopes()) {
    if (!envelope.querySelector(".sheet")) envelope.remove();
  }
  envelopes().forEach((envelope, place) => {
    envelope.querySelector("h2").textContent = `Envelope ${place + 1}`;
  });
  changed = true;
  saveButton.disabled = envelopes().length === 0;
  say.textContent = message;
  chosen?.focus();
}

const actions = {
  split() {
    const envelope = chosen.closest(".envelope");
    if (envelope === leftOut || !chosen.previousElementSibling) return;
    const made = newEnvelope(envelope.nextElementSibling);
    for (let sheet = chosen, after; sheet; sheet = after) {
      after = sheet.nextElementSibling;
      made.querySelector(".sheets").append(sheet);
    }
    tidy(`Split. ${envelopes().length} envelopes.`);
  },
  merge() {
    const envelope = chosen.closest(".envelope");
    const above = envelope.previousElementSibling;
    if (envelope === leftOut || !above) return;
    above.querySelector(".sheets").append(...envelope.querySelectorAll(".sheet"));
    tidy(`Merged. ${envelopes().length} envelopes.`);
  },
  left() { move(-1); },
  right() { move(1); },
  out() {
    if (chosen.closest(".envelope") === leftOut) {
      newEnvelope(null).querySelector(".sheets").append(chosen);
      tidy("Put back as an envelope of its own.");
    } else {
      leftOut.querySelector(".sheets").append(chosen);
      tidy("Left out.");
    }
  },
  async turn() {
    if (changed) { toast("Save the envelopes first, then turn pages.", "problem"); return; }
    const sheet = chosen;
    const answer = await fetch(`/pages/${sheet.dataset.page}/rotate`, {
      method: "POST", body: new URLSearchParams({ degrees: "90" }),
      headers: { Accept: "application/json" },
    });
    const result = await answer.json();
    if (!answer.ok) { toast(`${result.message} ${result.remedy}`, "problem"); return; }
    const picture = sheet.querySelector("img");  // none where a supervisor reviews the page
    if (picture) picture.src = `/pages/${sheet.dataset.page}.png?w=220&rotation=${result.rotation}`;
    say.textContent = "Turned.";
  },
};

function move(step) {
  const sibling = step < 0 ? chosen.previousElementSibling : chosen.nextElementSibling;
  const envelope = chosen.closest(".envelope");
  if (sibling) {
    sibling[step < 0 ? "before" : "after"](chosen);
  } else if (envelope !== leftOut) {
    const beside = step < 0 ? envelope.previousElementSibling : envelope.nextElementSibling;
    if (!beside) return;
    beside.querySelector(".sheets")[step < 0 ? "append" : "prepend"](chosen);
  }
  tidy("Moved.");
}

document.addEventListener("click", (event) => {
  const sheet = event.target.closest(".sheet");
  if (sheet) choose(sheet);
  const button = event.target.closest("[data-do]");
  if (button && chosen) actions[button.dataset.do]();
});

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = sheets();
  const at = all.indexOf(chosen);
  const arrow = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (arrow && !event.target.closest("[role=toolbar]")) {
    event.preventDefault();
    if (event.shiftKey && chosen) move(arrow);
    else choose(all[Math.min(Math.max(at + arrow, 0), all.length - 1)]);
    return;
  }
  const named = { s: "split", m: "merge", r: "turn", x: "out" }[event.key.toLowerCase()];
  if (named && chosen) { event.preventDefault(); actions[named](); }
});

form.addEventListener("submit", () => {
  const groups = envelopes().map((envelope) =>
    [...envelope.querySelectorAll(".sheet")].map((sheet) => sheet.dataset.page));
  form.elements.groups.value = JSON.stringify(groups);
  changed = false;
});
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
choose(sheets()[0] ?? null, false);

// A remittance's grid beside its picture: cells that light their place, keys from doubt to doubt,
// lines added, split and removed, and a balance the server works out from the grid as it stands.
import { toast } from "./app.js";
import { makeLayout } from "./remittance_layout.js";
import { makeRows } from "./remittance_rows.js";
import { makeViewer } from "./viewer.js";

const root = document.getElementById("remittance");
// A whole page of small print cannot be read beside its grid: go near, to the place of the cell.
const viewer = makeViewer(root, root.querySelector("[data-line]") ? 3 : 0);
const locked = "locked" in root.dataset;
const $ = (selector, within = root) => within.querySelector(selector);
const $$ = (selector, within = root) => [...within.querySelectorAll(selector)];
const address = `/remittances/${root.dataset.ref}`;
let told = null; // the balance as the server saw it last
let asked = 0; // the number of the question to the server that counts
let timer = null;
let warned = ""; // what was asked about once before saving
let left = false; // saved, and on the way to the next one

async function send(path, value) {
  const response = await fetch(address + path, {
    method: "POST", body: JSON.stringify(value), credentials: "same-origin",
    headers: { accept: "application/json", "content-type": "application/json" },
  });
  if (response.status === 401) location.href = "/login";
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.message ?? "The grid was not understood."} ${answer.remedy ?? ""}`.trim());
  return answer;
}

function problem(text) {
  const line = $("[data-problem]");
  line.hidden = !text;
  line.textContent = text;
}

// Cells -------------------------------------------------------------------------------------------

const inputs = (within = root) => $$("[data-cell]", within).filter((each) => !each.hidden && !each.closest("[hidden]"));
const isChanged = (input) => input.value.trim() !== input.dataset.was;
const isDoubtful = (input) => input.parentElement.classList.contains("doubtful");
const isOpen = (input) => isDoubtful(input) && !("checked" in input.dataset) && !isChanged(input);
// A printed sum that no cell holds is doubted where it is told: at its row, or of all in the bar.
const isUnseen = (place) => "doubt" in place.dataset && !("checked" in place.dataset);
const open = () => stops().filter((each) => (each.matches("[data-cell]") ? isOpen(each) : isUnseen(each)));

// Cells and doubted sums down the page; what is doubted of the whole comes last.
function stops() {
  const cells = new Set(inputs());
  const all = $$("[data-cell], [data-doubt]").filter((each) => !each.matches("[data-cell]") || cells.has(each));
  const whole = (each) => each.matches("[data-says]");
  return [...all.filter((each) => !whole(each)), ...all.filter(whole)];
}

function mark(input) {
  const settled = "checked" in input.dataset || isChanged(input);
  input.parentElement.classList.toggle("settled", settled);
  if (settled) input.removeAttribute("aria-describedby");
  else if (isDoubtful(input)) input.setAttribute("aria-describedby", "doubtful");
  $("[data-left]").textContent = open().length;
}

function acceptSum(place) {
  place.dataset.checked = "";
  $("[data-left]").textContent = open().length;
  go(1);
}

function accept(input) {
  if (!isChanged(input) && isDoubtful(input)) input.dataset.checked = "";
  mark(input);
}

function enter(input) {
  input?.focus();
  input?.select?.();
  input?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// From where a person is to the next cell or sum in doubt, around the end; `by` is 1 or -1.
function go(by) {
  const all = stops();
  const left = new Set(open());
  const at = all.indexOf(document.activeElement);
  const order = by > 0 ? [...all.slice(at + 1), ...all.slice(0, at + 1)] : [...all.slice(0, Math.max(at, 0)).reverse(), ...all.slice(Math.max(at, 0)).reverse()];
  const next = order.find((each) => left.has(each));
  if (next) enter(next);
  else $("[data-save]").focus();
}

// Enter: right as it stands. In a row that is being keyed it goes on cell by cell.
function goOn(input) {
  accept(input);
  const row = input.closest("[data-line], [data-taken], [data-claim]");
  if (row && row.dataset.origin === "" && !row.matches("[data-claim]")) {
    const cells = inputs(row);
    const after = cells[cells.indexOf(input) + 1];
    if (after) { enter(after); return; }
    if (row.matches("[data-line]") && cells.some((each) => each.value.trim())) { rows.addLine(row); return; }
  }
  if (open().length || !row || row.dataset.origin !== "") go(1);
  else enter(inputs()[inputs().indexOf(input) + 1] ?? $("[data-save]"));
}

function sameCell(input, by) {
  const name = input.dataset.cell;
  const row = input.closest("[data-line]");
  const rows = $$("[data-line]");
  const next = row && rows[rows.indexOf(row) + by];
  if (next) enter($(`[data-cell="${name}"]`, next));
}

// What is known of the cell at hand, and what it may be instead.
function note(input) {
  const line = $("[data-cell-note]");
  line.replaceChildren();
  if (!input) return;
  const { label, percent, source, by, others, box, hint } = input.dataset;
  const from = source === "arithmetic" && !box ? "not printed, it follows from the other amounts" : by ? `by ${by.replace("user:", "")}` : source ? `read by ${source.replaceAll("_", " ")}, ${percent} % sure` : "";
  const cut = input.scrollWidth > input.clientWidth ? ` ${input.value}` : ""; // wider than its cell
  line.append(`${label}${cut}${from ? `: ${from}` : ""}${isOpen(input) ? `. Doubtful. ${hint}` : ""}`);
  JSON.parse(others).forEach((text, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.dataset.other = text;
    button.innerHTML = `<kbd>Alt ${place + 1}</kbd> `;
    button.append(text);
    line.append(button);
  });
}

let present = null; // the cell at hand, also while a button is pressed
const rows = makeRows(root, {
  inputs, isChanged, enter, refresh, problem, present: () => present, forget: () => { present = null; },
});

function take(text) {
  if (!present) return;
  present.value = text;
  present.dataset.checked = "";
  present.dispatchEvent(new Event("input", { bubbles: true }));
  enter(present);
}

// Balance -----------------------------------------------------------------------------------------

function refresh() {
  clearTimeout(timer);
  timer = setTimeout(ask, 120);
}

async function ask() {
  clearTimeout(timer);
  const mine = (asked += 1);
  const { places, value } = rows.collect();
  try {
    const found = await send("/balance", value);
    if (mine === asked) { told = found; show(found, places); }
  } catch (error) { if (mine === asked) problem(error.message); }
}

// F8 stops there, and Enter says that it was compared.
function doubted(place, is) {
  if (is) { place.dataset.doubt = ""; place.tabIndex = 0; return; }
  delete place.dataset.doubt;
  delete place.dataset.checked;
  place.removeAttribute("tabindex");
}

function show(found, places) {
  for (const name of ["total", "claims", "taken", "difference"]) $(`[data-amount=${name}]`).textContent = found[name];
  const says = $("[data-says]");
  if (says.textContent !== found.says) says.textContent = found.says;
  says.className = `says ${found.balanced && !found.confirm ? "level" : "off"}`;
  for (const each of $$("[data-out], [data-claim-out]")) { each.textContent = ""; each.classList.remove("level"); }
  for (const each of $$("[aria-invalid]")) { each.removeAttribute("aria-invalid"); each.title = ""; }
  for (const [path, row] of places) {
    const out = row.matches("[data-claim]") ? $("[data-claim-out]", row) : row.matches("[data-line]") ? $("[data-out]", row) : null;
    if (out) out.textContent = found.rows[path] ?? (row.matches("[data-line]") ? "✓" : "");
    if (out) out.classList.toggle("level", !found.rows[path]);
    if (out) doubted(out, found.doubted.includes(path));
    const sums = found.sums[path];
    if (sums) for (const [name, text] of Object.entries(sums)) { const sum = $(`[data-sum=${name}]`, row); if (sum) sum.textContent = text; }
  }
  doubted(says, found.doubted.includes(""));
  for (const [path, text] of Object.entries(found.wrong)) {
    const at = path.lastIndexOf(".");
    const input = $(`[data-cell="${path.slice(at + 1)}"]`, places.get(path.slice(0, at)) ?? root);
    input?.setAttribute("aria-invalid", "true");
    if (input) input.title = text;
  }
  const count = $("[data-left]");
  if (count) count.textContent = open().length;
  const why = $("[data-why]");
  if (why) why.hidden = found.balanced;
}

// What must be said once more before it is saved; empty when nothing must.
function doubts() {
  const count = inputs().filter(isOpen).length;
  const parts = count ? [`${count} doubtful cell${count === 1 ? " is" : "s are"} not checked.`] : [];
  if (!told.balanced && !$("[data-as-printed]").value.trim()) parts.push(`${told.says}.`);
  return parts.length ? `${parts.join(" ")} It stays among those to check. Save it all the same: once more.` : "";
}

const isTouched = () => rows.isTouched() || inputs().some((each) => isChanged(each) || "checked" in each.dataset);

async function save() {
  await ask();
  if (!told) return;
  const wrong = $("[aria-invalid]");
  if (wrong) { problem(wrong.title); enter(wrong); return; }
  const text = doubts();
  if (text && text !== warned) { warned = text; problem(text); $("[data-save]").focus(); return; }
  try {
    $("[data-save]").disabled = true;
    const done = await send("/save", rows.collect().value);
    left = true;
    location.href = done.next ? `/remittances/${done.next}` : "/remittances";
  } catch (error) {
    $("[data-save]").disabled = false;
    problem(error.message);
  }
}

// Events ------------------------------------------------------------------------------------------

root.addEventListener("focusin", (event) => {
  const input = event.target.closest("[data-cell]");
  if (!input) return;
  present = input;
  for (const each of $$("[data-current]")) each.removeAttribute("data-current");
  input.closest("[data-line]")?.setAttribute("data-current", "");
  if (!locked) note(input);
});

root.addEventListener("input", (event) => {
  const input = event.target;
  if (!input.matches("[data-cell], [data-as-printed]")) return;
  warned = "";
  problem("");
  if (input.matches("[data-cell]")) { mark(input); rows.number(); refresh(); }
});

const DO = {
  next: () => go(1), "add-line": () => rows.addLine(), "add-claim": rows.addClaim, "add-taken": rows.addTaken,
  split: rows.split, remove: rows.remove, undo: rows.undo, keys: help,
};

root.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("save" in button.dataset) save();
  else if (button.dataset.do) DO[button.dataset.do]();
  else if (button.dataset.other) take(button.dataset.other);
  else if ("removeClaim" in button.dataset) rows.drop(button.closest("[data-claim]"), "The claim was removed.");
  else if ("removeTaken" in button.dataset) rows.drop(button.closest("[data-taken]"), "The provider adjustment was removed.");
});

function help() { document.getElementById("keys").showModal(); }

const ALT = { "+": "add-line", "=": "add-line", "/": "split", "-": "remove", c: "add-claim", u: "undo" };
const KEYS = { n: () => go(1), p: () => go(-1), u: rows.undo, ...viewer.keys };

function altKey(event) {
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  const other = digit && $$("[data-other]")[Number(digit[1]) - 1];
  if (other) { event.preventDefault(); take(other.dataset.other); return; }
  const name = ALT[event.key] ?? { NumpadAdd: "add-line", NumpadSubtract: "remove", NumpadDivide: "split" }[event.code];
  if (name) { event.preventDefault(); DO[name](); }
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const { key } = event;
  const inField = event.target.closest?.("input, select, textarea");
  if (key === "?" && !event.altKey && !event.ctrlKey) { event.preventDefault(); help(); return; }
  if (!locked) {
    if ((event.ctrlKey || event.metaKey) && (key === "Enter" || key === "s")) { event.preventDefault(); if (!event.repeat) save(); return; }
    if (key === "F8") { event.preventDefault(); go(event.shiftKey ? -1 : 1); return; }
    if (event.altKey && !event.ctrlKey) { altKey(event); return; }
    const cell = event.target.closest?.("[data-cell]");
    const sum = event.target.closest?.("[data-doubt]");
    if (sum && key === "Enter") { event.preventDefault(); if (!event.repeat) acceptSum(sum); return; }
    if (cell && key === "Enter") { event.preventDefault(); if (!event.repeat) goOn(cell); return; }
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const cell = event.target.closest?.("[data-cell]");
  if (cell && (key === "ArrowDown" || key === "ArrowUp")) { event.preventDefault(); sameCell(cell, key === "ArrowDown" ? 1 : -1); return; }
  if (key === "Escape" && inField) { inField.blur(); $(".stage")?.focus({ preventScroll: true }); return; }
  if (!inField && key in KEYS && !(locked && "npu".includes(key))) { event.preventDefault(); KEYS[key](); }
});

window.addEventListener("beforeunload", (event) => { if (!left && !locked && isTouched()) event.preventDefault(); });

makeLayout(root, { isTouched, leave: () => { left = true; }, problem });
viewer.open();
rows.number();
told = JSON.parse(root.dataset.told);
show(told, rows.collect().places);
if (!locked) {
  const first = open()[0] ?? inputs()[0];
  if (document.activeElement === document.body) enter(first);
}

// The specialist's desk: pictures with the focused field lit, keys for everything, and the next
// question (its pictures too) already loaded while this one is answered.
import { findAccounts, hit } from "./accounts.js";
import { toast } from "./app.js";
import { makeViewer } from "./viewer.js";

const root = document.getElementById("review");
const LAST = "review.last";
const RENEW_EVERY = 120000;
let ahead = null; // the next question, held and loaded
let loading = null; // the promise of it
const viewer = makeViewer(root);

const $ = (selector, within = root) => within.querySelector(selector);
const $$ = (selector, within = root) => [...within.querySelectorAll(selector)];
const panel = () => $(".review");

async function send(path, body = new FormData()) {
  const response = await fetch(path, {
    method: "POST", body, headers: { accept: "application/json" }, credentials: "same-origin",
  });
  if (response.status === 401) { location.href = "/login"; }
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.message} ${answer.remedy ?? ""}`.trim());
  return answer;
}

function form(values) {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) data.append(name, value);
  return data;
}

// Money ------------------------------------------------------------------------------------------

function cents(text) {
  const plain = String(text).replace(/[$,\s]/g, "");
  const match = /^(-?)(\d*)(?:\.(\d{1,2}))?$/.exec(plain);
  if (!match || !(match[2] || match[3])) return null;
  const whole = Number(match[2] || 0) * 100 + Number((match[3] ?? "0").padEnd(2, "0"));
  return match[1] ? -whole : whole;
}

const dollars = (value) => `${value < 0 ? "-" : ""}${Math.floor(Math.abs(value) / 100)}.${String(Math.abs(value) % 100).padStart(2, "0")}`;

function balance() {
  const out = $("[data-balance]");
  if (!out) return;
  const amount = cents($("#amount").value);
  const parts = $$("[name=to_amount]").map((each) => cents(each.value) ?? 0);
  const left = amount === null ? null : amount - parts.reduce((sum, each) => sum + each, 0);
  out.textContent = left === null ? "key the amount" : left === 0 ? "adds up" : `${dollars(left)} left`;
  out.className = left === 0 ? "level" : "off";
}

function rows(shares) {
  const body = $("[data-split]");
  const pattern = $("tr", body).cloneNode(true);
  body.replaceChildren(...shares.map((share) => {
    const row = pattern.cloneNode(true);
    const destination = share.statement ? "account" : share.account === "unidentified" ? "unidentified" : "unapplied";
    fill(row, { ...share, destination });
    $("[name=to_amount]", row).value = share.amount;
    return row;
  }));
  balance();
}

// A candidate gets the statement that asks for just this amount; else the oldest ones first, and
// what is left over is unapplied.
function splitFor(account, open, amount) {
  const exact = open.find((each) => each.open_cents === amount);
  if (exact) return [{ account, statement: exact.statement_number, amount: dollars(amount) }];
  const parts = [];
  let left = amount;
  for (const each of open) {
    const part = Math.min(left, each.open_cents);
    if (part > 0) parts.push({ account, statement: each.statement_number, amount: dollars(part) });
    left -= part;
  }
  if (left > 0 || !parts.length) parts.push({ account, statement: "", amount: dollars(Math.max(left, 0)) });
  return parts;
}

// With several parts (claims, stubs) the keys act on one of them at a time.
const parts = () => $$("[data-part]");
const currentPart = () => $("[data-part][data-current]");

function turnTo(part) {
  for (const each of parts()) each.toggleAttribute("data-current", each === part);
  if (parts().length > 1) part?.scrollIntoView({ block: "nearest" });
}

function nextPart() {
  const all = parts();
  if (all.length) turnTo(all[(all.indexOf(currentPart()) + 1) % all.length]);
}

function take(button) {
  const part = button.closest("[data-part]");
  if (part && parts().length > 1) {
    swap(part, button.dataset.candidate);
  } else {
    const amount = cents($("#amount")?.value ?? "") ?? 0;
    rows(splitFor(button.dataset.candidate, JSON.parse(button.dataset.open), amount));
  }
  const among = part && parts().length > 1 ? part : root;
  for (const each of $$(".hit", among)) each.setAttribute("aria-pressed", String(each === button));
}

// One part goes to another account: its lines keep their amounts, not the statements they named.
function swap(part, account) {
  const before = part.dataset.account ?? $(".hit", part)?.dataset.candidate;
  const lines = $$("[data-split] tr");
  const of = (number) => lines.filter((line) => $("[name=to_account]", line).value === number);
  const meant = of(before).length ? of(before) : [...of("unidentified"), ...of("")].slice(0, 1);
  for (const line of meant) {
    const isClaim = $("[name=to_destination]", line).value === "account" && !$("[name=to_statement]", line).value;
    fill(line, { account, statement: "", destination: account === "unidentified" ? account : isClaim ? "account" : "unapplied" });
  }
  if (meant.length) part.dataset.account = account;
  else problem("No line of the split is this part's. Add one.");
}

function fill(line, { account, statement, destination }) {
  $("[name=to_account]", line).value = account;
  $("[name=to_statement]", line).value = statement;
  $("[name=to_statement]", line).placeholder = destination === "account" ? "claim" : destination === "unidentified" ? "" : "unapplied";
  $("[name=to_destination]", line).value = destination;
}

function nobody(part) {
  if (part && parts().length > 1) swap(part, "unidentified");
  else rows([{ account: "unidentified", statement: "", amount: $("#amount").value }]);
}

function addRow() {
  const body = $("[data-split]");
  const row = $("tr:last-child", body).cloneNode(true);
  fill(row, { account: "", statement: "", destination: "unapplied" });
  $("[name=to_amount]", row).value = "";
  const left = /^(\S+) left$/.exec($("[data-balance]").textContent);
  if (left) $("[name=to_amount]", row).value = left[1];
  body.append(row);
  $("input", row).focus();
  balance();
}

// Questions --------------------------------------------------------------------------------------

function problem(text) {
  const line = $("[data-problem]");
  line.hidden = !text;
  line.textContent = text;
}

function ready() {
  viewer.open();
  turnTo(parts()[0]);
  balance();
  const asked = $("[data-asked]") ?? $("#amount") ?? $("select");
  asked?.focus({ preventScroll: true });
  asked?.select?.();
  document.title = `${panel().dataset.item} · Open Lockbox`;
  loading = panel().dataset.token ? loadAhead() : null;
}

async function loadAhead() {
  const present = panel().dataset.item;
  try {
    const found = await send("/review/next", form({ after: present, ahead: "true" }));
    if (found && found.item !== present && panel().dataset.item === present) {
      ahead = found;
      found.pages.forEach(viewer.picture);
    }
  } catch { /* the next one is then fetched when it is wanted */ }
}

async function go() {
  const present = panel().dataset.item;
  await loading; // what is being taken ahead is the next one; a second one would be held for nothing
  let next = ahead;
  ahead = null;
  next ??= await send("/review/next", form({ after: present }));
  if (!next) { location.href = "/review"; return; }
  root.innerHTML = next.html;
  history.replaceState(null, "", `/review/${next.item}`);
  viewer.forget(next.pages);
  ready();
}

async function answer(element) {
  const how = element.dataset.answer;
  const buttons = $$("button[type=submit]");
  try {
    problem("");
    for (const each of buttons) each.disabled = true;
    const done = await send(element.getAttribute("action"), new FormData(element));
    if (how !== "release") {
      if (done.payment) sessionStorage.setItem(LAST, `${done.payment}/${how === "confirm" ? "undo" : "reopen"}`);
      toast(`${done.item}: ${how === "set-aside" ? "set aside" : "done"}`);
    }
    await go();
  } catch (error) {
    for (const each of buttons) each.disabled = false;
    problem(error.message);
  }
}

async function undo() {
  const last = sessionStorage.getItem(LAST);
  if (!last) { toast("There is nothing of yours to undo here.", "problem"); return; }
  try {
    const opened = await send(`/review/payments/${last}`);
    sessionStorage.removeItem(LAST);
    location.href = `/review/${opened.item}`;
  } catch (error) { problem(error.message); }
}

async function reveal(button) {
  try {
    const found = await send(`/review/${panel().dataset.item}/reveal`);
    const field = $("[data-masked]");
    if (!field.value) field.value = found.account_number;
    const read = $(`[name=read_${field.name.replace("keyed_", "")}]`);
    if (read && !("asked" in field.dataset)) read.value = found.account_number;
    button.closest("p").remove();
    field.focus();
  } catch (error) { problem(error.message); }
}

// Search -----------------------------------------------------------------------------------------

let typing = 0;

async function find(text) {
  const list = $("[data-hits]");
  const found = await findAccounts(text);
  list.hidden = found === null;
  list.replaceChildren(...(found ?? []).map((each) => hit(each, (button) => {
    button.dataset.candidate = each.account_number;
    button.dataset.open = JSON.stringify(each.statements);
  })));
}

// Events -----------------------------------------------------------------------------------------

root.addEventListener("submit", (event) => {
  const target = event.target;
  if ("find" in target.dataset) { event.preventDefault(); $("[data-hits] .hit")?.click(); return; }
  if (target.dataset.answer) { event.preventDefault(); answer(target); }
});

root.addEventListener("input", (event) => {
  const target = event.target;
  if (target.id === "amount") {
    const parts = $$("[name=to_amount]");
    if (parts.length === 1) parts[0].value = target.value;
  }
  if (target.id === "amount" || target.name === "to_amount") balance();
  if (target.name === "q") { clearTimeout(typing); typing = setTimeout(() => find(target.value), 150); }
});

root.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const data = button.dataset;
  if (data.candidate) take(button);
  else if (data.say) { $("#amount").value = data.say; viewer.light(button); $("#amount").dispatchEvent(new Event("input", { bubbles: true })); $("#amount").focus(); }
  else if ("nobody" in data) nobody(button.closest("[data-part]"));
  else if ("add" in data) addRow();
  else if ("undo" in data) undo();
  else if ("reveal" in data) reveal(button);
  else if ("keys" in data) help();
});

function help() { document.getElementById("keys").showModal(); }

const KEYS = {
  "?": help, u: undo, m: () => panel().dataset.payment && nobody(currentPart()), n: nextPart, s: () => $("[data-answer=release] button")?.click(),
  a: () => $("#amount")?.select(), f: () => $("[name=to_account]")?.select(), "+": addRow,
  x: () => { const aside = $("details.aside:has([data-answer=set-aside])"); if (aside) { aside.open = true; $("select", aside).focus(); } },
  "/": () => $("[data-find] input")?.focus(), ...viewer.keys,
};

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey) return;
  const inField = event.target.closest?.("input, select, textarea");
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  if (digit && (event.altKey || !inField)) {
    const part = currentPart();
    const button = part && $$(".hit", part)[Number(digit[1]) - 1];
    if (!button) return;
    event.preventDefault();
    take(button);
    $("[data-answer=confirm] button.primary")?.focus({ preventScroll: true });
    if (parts().length > 1) nextPart();
    return;
  }
  if (event.altKey) return;
  if (event.key === "Escape" && inField) { inField.blur(); $(".stage")?.focus({ preventScroll: true }); return; }
  // A choice answers to Enter as a text field does: it sends its form.
  if (event.key === "Enter" && event.target.matches?.("[data-answer] select")) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  if (event.key === "Enter" && !inField && !event.target.closest?.("a, button, summary")) {
    event.preventDefault();
    $("[data-answer=confirm] button.primary, [data-answer=finish] button.primary")?.click();
    return;
  }
  if (!inField && event.key in KEYS) { event.preventDefault(); KEYS[event.key](); }
});

setInterval(() => {
  for (const held of [panel()?.dataset, ahead]) {
    if (held?.token && held.item) send(`/review/${held.item}/renew`, form({ token: held.token })).catch(() => {});
  }
}, RENEW_EVERY);

// What was taken ahead and never looked at goes back at once.
window.addEventListener("pagehide", () => {
  if (ahead) navigator.sendBeacon(`/review/${ahead.item}/release`, form({ token: ahead.token }));
});
ready();

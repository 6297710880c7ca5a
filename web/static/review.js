// The specialist's desk: pictures with the focused field lit, keys for everything, and the next
// question (its pictures too) already loaded while this one is answered.
import { makeAmounts } from "./amounts.js";
import { toast } from "./app.js";
import { makeSearch } from "./expecting.js";
import { cents, dollars, makeSplit } from "./split.js";
import { makeViewer } from "./viewer.js";

const root = document.getElementById("review");
let ahead = null; // the next question, held and loaded
let loading = null; // the promise of it
let doubted = { text: "", at: 0 }; // what was asked about once already, and when
const TOO_SOON = 400; // ms: nobody reads in less, so a key struck twice is no answer to what came
let opened = 0; // when the question at hand took the place of another
const viewer = makeViewer(root);
const split = makeSplit(root, (text) => problem(text));
const amounts = makeAmounts(root, {
  say, light: viewer.light, next: () => confirmButton()?.focus({ preventScroll: true }),
});

const search = makeSearch(root, { say, item: () => panel().dataset.item });

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

// Questions --------------------------------------------------------------------------------------

// Read out by a screen reader; the line is there before it says anything.
function say(text) {
  const line = document.getElementById("said");
  line.textContent = "";
  setTimeout(() => { line.textContent = text; }, 50);
}

function problem(text) {
  const line = $("[data-problem]");
  line.hidden = !text;
  line.textContent = text;
  if (text) line.scrollIntoView({ block: "nearest" });
}

// A question opens on its pictures, the place asked about lit, so that every letter is a key. Only
// an amount that nobody could read starts with the cursor in it.
function ready() {
  doubted = { text: "", at: 0 };
  viewer.open();
  split.open();
  const asked = $("[data-asked]");
  const lights = asked ?? $("[data-lights]");
  if (lights) viewer.light(lights);
  const unread = asked?.id === "amount" && !asked.value && !amounts.first();
  const start = unread ? asked : $(".stage");
  amounts.announce($$(".answer-asks .chip").map((each) => each.textContent).join(" "));
  start?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
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
  opened = Date.now();
  root.innerHTML = next.html;
  history.replaceState(null, "", `/review/${next.item}`);
  viewer.forget(next.pages);
  ready();
}

// What a form says. An amount keyed before the payment is set aside goes along.
function entries(element, by) {
  const data = new FormData(element);
  if (by?.name) data.set(by.name, by.value);
  if (element.dataset.answer === "confirm") split.write(data);
  const keyed = $("#amount")?.value.trim();
  if (element.dataset.answer === "set-aside" && keyed) {
    data.set("amount", keyed);
    data.set("amount_from", $("[name=amount_from]").value);
  }
  return data;
}

// Another amount than the one that numerals and words both say is asked about once more.
function contrary() {
  const keyed = cents($("#amount").value);
  const said = [...$$("[data-say]").map((each) => cents(each.dataset.say)), ...amounts.written()];
  if (keyed === null || said.length < 2 || said.some((each) => each !== said[0])) return "";
  return keyed === said[0] ? "" : `The check reads ${dollars(said[0])} in numerals and words, not ${dollars(keyed)}.`;
}

// What speaks against depositing it takes a yes of its own; no second Enter is one.
function unanswered() {
  if ($("[name=hold]")?.checked) return "";
  const left = $$("[data-override]").filter((each) => !each.checked).map((each) => each.dataset.override);
  return left.length ? `${left.join(" ")} Press y to deposit it all the same, or x to set it aside.` : "";
}

// What must be answered before a payment is confirmed; empty when nothing must.
function asked() {
  const refused = unanswered();
  if (refused) return refused;
  if (cents($("#amount").value) === null) return "Key the amount first, as 125.00.";
  const text = [contrary(), split.question()].filter(Boolean).join(" ");
  if (!text) return "";
  if (text === doubted.text && Date.now() - doubted.at > TOO_SOON) return "";
  if (text !== doubted.text) doubted = { text, at: Date.now() };
  return `${text} Press Enter again to confirm that.`;
}

function outcome(how, done, data) {
  if (how === "release") return "released";
  if (how === "set-aside") return "set aside";
  if (how === "as-payment") return `now ${done.item}`;
  if (how === "as-remittance") return `now ${done.remittance}`;
  if (how === "address-task") return "an address task now";
  return data.get("hold") ? "matched, kept out of deposits" : "done";
}

async function answer(element, by) {
  const how = element.dataset.answer;
  const present = panel().dataset.item;
  if (how !== "release" && Date.now() - opened < TOO_SOON) return;
  const buttons = $$("button[type=submit]");
  const asks = how === "confirm" ? asked() : "";
  problem(asks);
  if (asks) return;
  try {
    const data = entries(element, by);
    for (const each of buttons) each.disabled = true;
    const done = await send(element.getAttribute("action"), data);
    toast(`${present}: ${outcome(how, done, data)}`);
    if (how === "as-payment") location.href = `/review/${done.item}`;
    else if (how === "as-remittance") location.href = `/remittances/${done.remittance}`;
    else await go();
  } catch (error) {
    for (const each of buttons) each.disabled = false;
    problem(error.message);
  }
}

// What was answered last is on record, whichever login it was given in.
async function undo() {
  try {
    const opened = await send("/review/undo");
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

// Events -----------------------------------------------------------------------------------------

root.addEventListener("submit", (event) => {
  const target = event.target;
  if ("find" in target.dataset) { event.preventDefault(); $("[data-hits] .hit")?.click(); return; }
  if (target.dataset.answer) { event.preventDefault(); answer(target, event.submitter); }
});

root.addEventListener("input", (event) => {
  const target = event.target;
  if (target.id === "amount") { problem(""); amounts.typed(); split.lay(); }
  if (target.name === "to_amount") split.byHand();
  if (target.name === "to_account" || target.name === "to_statement") split.follow(target.closest("tr"));
  if (target.name === "q") search.typed(target.value);
});

root.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const data = button.dataset;
  if (data.candidate) {
    problem("");
    split.take(button);
    if (button.closest("[data-hits]")) confirmButton()?.focus();
  }
  else if (data.accept) amounts.accept(button);
  else if (data.say) { $("#amount").value = data.say; viewer.light(button); $("#amount").dispatchEvent(new Event("input", { bubbles: true })); $("#amount").focus(); }
  else if ("nobody" in data) split.nobody(button.closest("[data-part]"));
  else if ("add" in data) split.addRow();
  else if ("remove" in data) split.removeRow(button.closest("tr"));
  else if ("undo" in data) undo();
  else if ("reveal" in data) reveal(button);
  else if ("keys" in data) help();
  else if (data.whyNot) search.why(data.whyNot);
  else if ("whyClose" in data) search.close();
});

const confirmButton = () => $("[data-answer=confirm] button.primary");

function enter(field) {
  field?.focus();
  field?.select?.();
}

// Each y answers one exception, so that each is read.
function override() {
  const next = $$("[data-override]").find((each) => !each.checked);
  if (!next) return;
  next.checked = true;
  problem("");
  say(`${next.dataset.override} ${next.parentElement.textContent.trim()}`);
}

// How the chosen candidate adds up, or the first one: opened, and closed again.
function how() {
  const part = split.currentPart();
  const chosen = part && ($(".hit[aria-pressed=true]", part) ?? $(".hit", part));
  const steps = chosen?.closest("li").querySelector("details.how");
  if (!steps) return;
  steps.open = !steps.open;
  if (!steps.open) return;
  $("summary", steps).focus({ preventScroll: true });
  steps.scrollIntoView({ block: "nearest" });
}

function help() { document.getElementById("keys").showModal(); }

const KEYS = {
  u: undo, y: override, m: () => panel().dataset.payment && split.nobody(split.currentPart()), n: split.nextPart, s: () => $("[data-answer=release] button")?.click(),
  a: () => enter($("#amount")), f: () => enter($("[name=to_account]")), "+": split.addRow,
  k: () => $("[data-answer=as-payment] button")?.click(),
  b: () => $("[data-answer=as-remittance] button")?.click(),
  h: how,
  x: () => { const aside = $("details.aside:has([data-answer=set-aside])"); if (aside) { aside.open = true; $("select", aside).focus(); } },
  "/": () => $("[data-find] input")?.focus(), ...viewer.keys,
};

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey) return;
  const inField = event.target.closest?.("input:not([type=checkbox]), select, textarea");
  // A key held down is one answer, not one to the next question as well.
  if (event.key === "Enter" && event.repeat) { event.preventDefault(); return; }
  if (event.key === "?" && !event.altKey) { event.preventDefault(); help(); return; }
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  if (digit && (event.altKey || !inField)) {
    const becomes = $$("[name=outcome]")[Number(digit[1]) - 1];
    if (becomes) { event.preventDefault(); becomes.checked = true; problem(""); return; }
    const part = split.currentPart();
    const button = part && $$(".hit", part)[Number(digit[1]) - 1];
    if (!button) return;
    event.preventDefault();
    problem("");
    split.take(button);
    confirmButton()?.focus({ preventScroll: true });
    if (split.parts().length > 1) split.nextPart();
    return;
  }
  if (event.altKey) return;
  if (search.key(event)) { event.preventDefault(); return; }
  if (event.key === "Escape" && inField) { inField.blur(); $(".stage")?.focus({ preventScroll: true }); return; }
  // A choice answers to Enter as a text field does: it sends its form.
  if (event.key === "Enter" && event.target.matches?.("[data-answer] select")) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  if (event.key === "Enter" && !inField && !event.target.closest?.("a, button, summary")) {
    event.preventDefault();
    $("[data-answer] button.primary")?.click();
    return;
  }
  const asked = ($("#amount")?.value ? null : amounts.first()) ?? $("[data-asked]");
  if (event.key === "Tab" && !event.shiftKey && asked && event.target.matches?.(".stage, body")) {
    event.preventDefault();
    enter(asked);
    return;
  }
  const taken = inField ? undefined : amounts.of(event.key);
  if (taken) { event.preventDefault(); amounts.accept(taken); return; }
  if (!inField && event.key in KEYS) { event.preventDefault(); KEYS[event.key](); }
});

setInterval(() => {
  for (const held of [panel()?.dataset, ahead]) {
    if (held?.token && held.item) send(`/review/${held.item}/renew`, form({ token: held.token })).catch(() => {});
  }
}, 400 * Number(panel().dataset.lease)); // twice while it lasts, in case one is lost

// What was taken ahead and never looked at goes back at once.
window.addEventListener("pagehide", () => {
  if (ahead) navigator.sendBeacon(`/review/${ahead.item}/release`, form({ token: ahead.token }));
});
ready();

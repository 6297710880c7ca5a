// The rows of a remittance's grid: added, split, removed and taken back, numbered, and collected
// into what the server is sent.
import { toast } from "./app.js";

// `present` gives the cell at hand and `forget` lets it go; `refresh` asks for the balance anew.
export function makeRows(root, { inputs, isChanged, enter, refresh, present, forget, problem }) {
  const undone = []; // how to take back what was done, the last one last
  const $ = (selector, within = root) => within.querySelector(selector);
  const $$ = (selector, within = root) => [...within.querySelectorAll(selector)];

  const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
  const lineAtHand = () => present()?.closest("[data-line]") ?? null;

  function did(text, back) {
    undone.push(back);
    $("[data-do=undo]").disabled = false;
    toast(text);
    number();
    refresh();
  }

  // What was added goes again, and the cursor to where it was before.
  function takeBack(made, from) {
    made.remove();
    forget();
    enter(from?.isConnected ? from : inputs()[0]);
  }

  function addLine(after = lineAtHand()) {
    const claim = (after ?? present())?.closest?.("[data-claim]") ?? $$("[data-claim]").at(-1);
    if (!claim) { addClaim(); return; }
    const made = copy("new-line");
    const from = present();
    if (after) after.after(made);
    else $("[data-lines]", claim).append(made);
    did("A line was added.", () => takeBack(made, from));
    enter(inputs(made)[0]);
  }

  function addClaim() {
    const made = copy("new-claim");
    const from = present();
    $("[data-claims]").append(made);
    $("[data-nothing]")?.remove();
    did("A claim was added.", () => takeBack(made, from));
    enter(inputs(made)[0]);
  }

  function addTaken() {
    const made = copy("new-taken");
    const from = present();
    $("[data-taken-rows]").append(made);
    did("A provider adjustment was added.", () => takeBack(made, from));
    enter(inputs(made)[0]);
  }

  // A line in two: the second keeps day and code, its amounts are to be keyed.
  function split() {
    const line = lineAtHand();
    if (!line) { problem("Go to the line to be split first."); return; }
    const made = line.cloneNode(true);
    for (const input of $$("[data-cell]", made)) {
      delete input.dataset.checked;
      input.parentElement.classList.remove("doubtful", "settled");
      input.removeAttribute("aria-describedby");
      input.value = ["service_on", "procedure_code", "modifiers"].includes(input.dataset.cell) ? $(`[data-cell="${input.dataset.cell}"]`, line).value : "";
    }
    const from = present();
    line.after(made);
    did("The line was split.", () => takeBack(made, from));
    enter($("[data-cell=charged_cents]", made));
  }

  function drop(row, text) {
    const parent = row.parentElement;
    const before = row.nextElementSibling;
    const near = before ?? row.previousElementSibling;
    row.remove();
    forget();
    did(text, () => { parent.insertBefore(row, before); enter(inputs(row)[0]); });
    enter(near ? inputs(near)[0] : $("[data-save]"));
  }

  function undo() {
    undone.pop()?.();
    $("[data-do=undo]").disabled = !undone.length;
    number();
    refresh();
  }

  const texts = (row, own) => Object.fromEntries(own.map((input) => [input.dataset.cell, input.value]));
  const isBlank = (row) => row.dataset.origin === "" && inputs(row).every((each) => !each.value.trim());

  // Lines are counted through all claims; one that was added and is empty does not count.
  function number() {
    let count = 0;
    for (const line of $$("[data-line]")) {
      const shown = isBlank(line) ? "–" : String((count += 1));
      $("[data-number]", line).textContent = shown;
      for (const input of $$("[data-cell]", line)) input.setAttribute("aria-label", `${input.dataset.label}, line ${shown}`);
    }
    $$("[data-claim]").forEach((claim, place) => {
      claim.setAttribute("aria-label", `Claim ${place + 1}`);
      $("[data-claim-number]", claim).textContent = place + 1;
      const has = $$("[data-line]", claim).some((line) => !isBlank(line));
      const computed = claim.dataset.computed.split(" ");
      for (const total of $$("[data-total]", claim)) {
        const { total: name } = total.dataset;
        const worked = has && computed.includes(name);
        const input = $("input", total);
        input.hidden = worked;
        $("output", total).hidden = !worked;
        total.hidden = name === "adjustments" && has && !input.value && !input.dataset.was;
      }
    });
  }

  // Typed anew is looked at too: the server may find the same amount there, written otherwise.
  function rowOf(row, own) {
    const { origin } = row.dataset;
    return {
      texts: texts(row, own), checked: own.filter((each) => "checked" in each.dataset || isChanged(each)).map((each) => each.dataset.cell),
      origin: origin ? origin.split(",").map(Number) : null,
    };
  }

  // The grid as it stands, and the rows it came from, so that what is told finds its place.
  function collect() {
    const places = new Map();
    const claims = $$("[data-claim]").filter((each) => !isBlank(each)).map((claim, place) => {
      places.set(`claims.${place}`, claim);
      const lines = $$("[data-line]", claim).filter((each) => !isBlank(each));
      lines.forEach((line, at) => places.set(`claims.${place}.lines.${at}`, line));
      const own = inputs(claim).filter((each) => !each.closest("[data-line]"));
      return { ...rowOf(claim, own), lines: lines.map((line) => rowOf(line, inputs(line))) };
    });
    const rows = $$("[data-taken]").filter((each) => !isBlank(each));
    rows.forEach((row, place) => places.set(`taken.${place}`, row));
    const head = $("[data-head]");
    places.set("head", head);
    const { texts: own, checked } = rowOf(head, inputs(head));
    return {
      places,
      value: {
        version: Number(root.dataset.version), head: { texts: own, checked }, claims,
        taken: rows.map((row) => rowOf(row, inputs(row))), as_printed: $("[data-as-printed]")?.value.trim() ?? "",
      },
    };
  }

  function remove() {
    const line = lineAtHand();
    if (line) drop(line, "The line was removed.");
    else problem("Go to the line to be removed first.");
  }

  return { addLine, addClaim, addTaken, split, remove, drop, undo, number, collect, isTouched: () => undone.length > 0 };
}

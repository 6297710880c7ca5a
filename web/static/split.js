// Where a payment goes: the lines of its split, the claims or stubs they are for, and the sums.

const LINE = ["to_destination", "to_account", "to_statement", "to_amount"];

export function cents(text) {
  const plain = String(text).replace(/[$,\s]/g, "");
  const match = /^(-?)(\d*)(?:\.(\d{1,2}))?$/.exec(plain);
  if (!match || !(match[2] || match[3])) return null;
  const whole = Number(match[2] || 0) * 100 + Number((match[3] ?? "0").padEnd(2, "0"));
  return match[1] ? -whole : whole;
}

export const dollars = (value) => `${value < 0 ? "-" : ""}${Math.floor(Math.abs(value) / 100)}.${String(Math.abs(value) % 100).padStart(2, "0")}`;

// Everything is looked up within `root` when it is needed, so its content may be replaced;
// `refuse` tells the person what cannot be done.
export function makeSplit(root, refuse) {
  const $ = (selector, within = root) => within.querySelector(selector);
  const $$ = (selector, within = root) => [...within.querySelectorAll(selector)];

  // What the lines leave of the amount, in cents: below nothing when they take too much.
  function leftOver() {
    const amount = cents($("#amount").value);
    const taken = $$("[name=to_amount]").reduce((sum, each) => sum + (cents(each.value) ?? 0), 0);
    return amount === null ? null : amount - taken;
  }

  function balance() {
    const out = $("[data-balance]");
    if (!out) return;
    const left = leftOver();
    if (left === null) out.textContent = "key the amount";
    else if (left === 0) out.textContent = "adds up";
    else out.textContent = left > 0 ? `${dollars(left)} left` : `${dollars(-left)} too much`;
    out.className = left === 0 ? "level" : "off";
  }

  // A line without a statement: an insurer's share goes to a claim, anybody else's is unapplied.
  const withoutStatement = () => ("claims" in $("[data-split]").dataset ? "account" : "unapplied");

  function rows(shares) {
    const body = $("[data-split]");
    const pattern = $("tr", body).cloneNode(true);
    body.replaceChildren(...shares.map((share) => {
      const row = pattern.cloneNode(true);
      const destination = share.statement ? "account" : share.account === "unidentified" ? "unidentified" : withoutStatement();
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
  }

  function nextPart() {
    const all = parts();
    if (!all.length) return;
    turnTo(all[(all.indexOf(currentPart()) + 1) % all.length]);
    if (all.length > 1) currentPart().scrollIntoView({ block: "nearest" });
  }

  function take(button) {
    const part = button.closest("[data-part]") ?? currentPart(); // what was searched is for this one
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
      fill(line, { account, statement: "", destination: account === "unidentified" ? account : isClaim ? "account" : withoutStatement() });
    }
    if (meant.length) part.dataset.account = account;
    else refuse("No line of the split is this part's. Add one.");
  }

  // Somebody keys an account or a statement: where the line goes follows from what stands there.
  function follow(line) {
    const account = $("[name=to_account]", line).value.trim();
    const statement = $("[name=to_statement]", line).value;
    const destination = account === "unidentified" ? account : statement.trim() ? "account" : withoutStatement();
    say(line, destination);
  }

  function fill(line, { account, statement, destination }) {
    $("[name=to_account]", line).value = account;
    $("[name=to_statement]", line).value = statement;
    say(line, destination);
  }

  function say(line, destination) {
    $("[name=to_statement]", line).placeholder = destination === "account" ? "claim" : destination === "unidentified" ? "" : "unapplied";
    $("[name=to_destination]", line).value = destination;
  }

  function nobody(part) {
    if (part && parts().length > 1) swap(part, "unidentified");
    else rows([{ account: "unidentified", statement: "", amount: $("#amount").value }]);
  }

  function addRow() {
    const body = $("[data-split]");
    if (!body) return;
    const left = leftOver();
    const row = $("tr:last-child", body).cloneNode(true);
    fill(row, { account: "", statement: "", destination: withoutStatement() });
    $("[name=to_amount]", row).value = left > 0 ? dollars(left) : "";
    body.append(row);
    balance();
    $("[name=to_account]", row).focus();
  }

  // The last line stays, empty: a split is never without one.
  function removeRow(row) {
    const others = [...row.parentElement.children].filter((each) => each !== row);
    const at = others[Math.min(row.sectionRowIndex, others.length - 1)];
    if (at) {
      row.remove();
    } else {
      fill(row, { account: "", statement: "", destination: withoutStatement() });
      $("[name=to_amount]", row).value = "";
    }
    balance();
    $("[data-remove]", at ?? row).focus();
  }

  // Of the lines only those with money in them are sent.
  function write(data) {
    for (const name of LINE) data.delete(name);
    for (const line of $$("[data-split] tr")) {
      const amount = $("[name=to_amount]", line).value.trim();
      if (amount === "" || cents(amount) === 0) continue;
      for (const name of LINE) data.append(name, $(`[name=${name}]`, line).value);
    }
  }

  // A whole split as the server proposes it for an amount; with several parts each keeps its own.
  function lay(lines) {
    if (!lines.length || parts().length > 1) { balance(); return; }
    rows(lines);
    const first = lines[0].account;
    for (const each of $$(".hit")) each.setAttribute("aria-pressed", String(each.dataset.candidate === first));
  }

  return { balance, follow, lay, take, nobody, addRow, removeRow, parts, currentPart, turnTo, nextPart, write };
}

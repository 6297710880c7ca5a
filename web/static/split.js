// Where a payment goes: the lines of its split, the claims or stubs they are for, and the sums.

const NOBODY = "unidentified";
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

  // The money of the lines that `wanted` names, in cents.
  const money = (wanted) => $$("[data-split] tr").filter(wanted)
    .reduce((sum, line) => sum + (cents($("[name=to_amount]", line).value) ?? 0), 0);
  const accountOf = (line) => $("[name=to_account]", line).value.trim();

  // Money on a line without an account, and money that is unidentified though nobody said so.
  const unnamed = () => money((line) => accountOf(line) === "");
  const unsaid = () => money((line) => accountOf(line) === NOBODY && !("said" in line.dataset));

  function balance() {
    const out = $("[data-balance]");
    if (!out) return;
    const left = leftOver();
    const level = left === 0 && unnamed() === 0;
    // What the lines make beside what the payment is for, whatever else is told.
    const sum = money(() => true);
    $("[data-sum]").textContent = left === null ? dollars(sum) : `${dollars(sum)} of ${dollars(sum + left)}`;
    if (left === null) out.textContent = "key the amount";
    else if (left !== 0) out.textContent = left > 0 ? `${dollars(left)} left` : `${dollars(-left)} too much`;
    else if (!level) out.textContent = `${dollars(unnamed())} without an account`;
    else out.textContent = unsaid() ? `adds up, ${dollars(unsaid())} unidentified` : "adds up";
    out.className = level ? "level" : "off";
    whose();
  }

  // Whose the accounts of the lines are, as far as they stand among those shown: a number alone
  // tells nobody that it is a stranger's.
  function whose() {
    const hits = new Map($$(".hit").map((each) => [each.dataset.candidate, $(".hit-who strong", each) ?? $(".hit-who", each)]));
    const names = $$("[data-split] tr").map((line) => hits.get(accountOf(line))?.textContent.split(",")[0]).filter(Boolean);
    $("[data-whose]").textContent = [...new Set(names)].join(", ");
  }

  // What must be asked before it is sent; empty when every line says where its money goes.
  function question() {
    const held = unnamed() + unsaid();
    if (!held || leftOver() !== 0) return "";
    const why = unnamed() ? "No account is chosen" : "It has no account";
    return `${why}: ${dollars(held)} will be held as unidentified.`;
  }

  // A line without a statement: an insurer's share goes to a claim, anybody else's is unapplied.
  const withoutStatement = () => ("claims" in $("[data-split]").dataset ? "account" : "unapplied");

  function rows(shares) {
    const body = $("[data-split]");
    const pattern = $("tr", body).cloneNode(true);
    delete pattern.dataset.said;
    body.replaceChildren(...shares.map((share) => {
      const row = pattern.cloneNode(true);
      const destination = share.statement ? "account" : share.account === NOBODY ? NOBODY : withoutStatement();
      fill(row, { ...share, destination });
      row.dataset.of = share.part ?? "";
      if (share.said) row.dataset.said = "";
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
    const { candidate: account, open } = button.dataset;
    if (part && parts().length > 1) swap(part, account);
    else choose({ account, open: JSON.parse(open) });
    press(part && parts().length > 1 ? part : root, account);
  }

  function press(among, account) {
    for (const each of $$(".hit", among)) each.setAttribute("aria-pressed", String(each.dataset.candidate === account));
  }

  // The whole payment goes to one account, or to nobody, and stays so whatever its amount.
  function choose(choice) {
    const { dataset } = $("[data-split]");
    delete dataset.hand;
    dataset.choice = JSON.stringify(choice);
    lay();
  }

  // One part goes to another account: its lines keep their amounts, not the statements they named.
  function swap(part, account) {
    const lines = $$("[data-split] tr");
    const named = (name) => lines.filter((line) => accountOf(line) === name && !line.dataset.of);
    const before = part.dataset.account ?? $(".hit", part)?.dataset.candidate;
    const own = lines.filter((line) => line.dataset.of === part.dataset.part);
    const meant = own.length ? own : named(before).length ? named(before) : [...named(NOBODY), ...named("")].slice(0, 1);
    for (const line of meant) {
      const isClaim = $("[name=to_destination]", line).value === "account" && !$("[name=to_statement]", line).value;
      fill(line, { account, statement: "", destination: account === NOBODY ? account : isClaim ? "account" : withoutStatement() });
      line.dataset.of = part.dataset.part;
      line.toggleAttribute("data-said", account === NOBODY);
    }
    if (meant.length) part.dataset.account = account;
    else refuse("No line of the split is this part's. Add one.");
    balance();
  }

  // Somebody keys an account or a statement: where the line goes follows from what stands there.
  function follow(line) {
    const account = accountOf(line);
    const statement = $("[name=to_statement]", line).value;
    line.toggleAttribute("data-said", account === NOBODY);
    const destination = account === NOBODY ? account : statement.trim() ? "account" : withoutStatement();
    say(line, destination);
    byHand();
  }

  // Lines that somebody has keyed are not laid out anew by another amount.
  function byHand() {
    $("[data-split]").dataset.hand = "";
    balance();
  }

  function fill(line, { account, statement, destination }) {
    $("[name=to_account]", line).value = account;
    $("[name=to_statement]", line).value = statement;
    say(line, destination);
  }

  function say(line, destination) {
    $("[name=to_statement]", line).placeholder = destination === "account" ? "claim" : destination === NOBODY ? "" : "unapplied";
    $("[name=to_destination]", line).value = destination;
  }

  function nobody(part) {
    if (part && parts().length > 1) swap(part, NOBODY);
    else choose({ account: NOBODY, open: [], said: true });
    press(part && parts().length > 1 ? part : root, NOBODY);
  }

  function addRow() {
    const body = $("[data-split]");
    if (!body) return;
    const left = leftOver();
    const row = $("tr:last-child", body).cloneNode(true);
    fill(row, { account: "", statement: "", destination: withoutStatement() });
    $("[name=to_amount]", row).value = left > 0 ? dollars(left) : "";
    row.dataset.of = "";
    delete row.dataset.said;
    body.append(row);
    byHand();
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
    byHand();
    $("[data-remove]", at ?? row).focus();
  }

  // Of the lines only those with money in them are sent; who sends one without an account was
  // asked whether it is to be unidentified.
  function write(data) {
    for (const name of LINE) data.delete(name);
    for (const line of $$("[data-split] tr")) {
      const amount = $("[name=to_amount]", line).value.trim();
      if (amount === "" || cents(amount) === 0) continue;
      for (const name of LINE) {
        const { value } = $(`[name=${name}]`, line);
        data.append(name, name === "to_account" && accountOf(line) === "" ? NOBODY : value);
      }
    }
  }

  // The split for the amount as it stands: as the server proposes it (`lines`), but what a person
  // has chosen or keyed stays.
  function lay(lines = knownLines()) {
    const amount = cents($("#amount").value);
    const body = $("[data-split]");
    const part = $("[data-part]");
    if ("hand" in body.dataset) keep(amount);
    else if (parts().length > 1) layParts(lines, amount);
    else if (body.dataset.choice) rows(chosen(JSON.parse(body.dataset.choice), lines, amount));
    else if (lines) rows(lines);
    else rows(likeliest(part, amount));
    if (parts().length < 2) press(root, accountOf($("tr", body)));
    balance();
  }

  // One line that somebody keyed follows the amount; of several nobody knows which.
  function keep(amount) {
    const lines = $$("[data-split] tr");
    if (lines.length === 1 && amount !== null) $("[name=to_amount]", lines[0]).value = dollars(amount);
  }

  function chosen({ account, open, said }, lines, amount) {
    if (account === NOBODY) return [{ account, statement: "", amount: dollars(amount ?? 0), said }];
    const best = $("[data-part] .hit")?.dataset.candidate === account; // then the proposal is its own
    if (lines?.some((each) => each.account === account) && (best || lines.every((each) => each.account === account))) return lines;
    return splitFor(account, open, amount ?? 0);
  }

  function likeliest(part, amount) {
    const hit = part && $(".hit[data-likely]", part);
    if (hit) return splitFor(hit.dataset.candidate, JSON.parse(hit.dataset.open), amount ?? 0);
    return [{ account: "", statement: "", amount: dollars(amount ?? 0) }];
  }

  // Claims and stubs have sums of their own; what they leave of the check is nobody's yet.
  function layParts(lines, amount) {
    const own = JSON.parse($("[data-split]").dataset.base ?? "[]");
    const left = (amount ?? 0) - own.reduce((sum, each) => sum + cents(each.amount), 0);
    const rest = left > 0 || !own.length ? [{ account: own.length ? NOBODY : "", statement: "", amount: dollars(left) }] : [];
    rows(lines?.length ? lines : [...own, ...rest]);
    for (const part of parts()) {
      const { account } = part.dataset;
      delete part.dataset.account; // its lines stand as they were proposed again
      if (account) swap(part, account);
    }
  }

  // What the server has laid out for this very amount, if anything.
  function knownLines() {
    const amount = cents($("#amount").value);
    const button = $$("[data-accept]").find((each) => cents(each.dataset.accept) === amount);
    const laid = button ? JSON.parse(button.dataset.lines) : [];
    if (laid.length) return laid;
    const { first } = $("[data-split]").dataset;
    const known = first ? JSON.parse(first) : null;
    return known && known.amount === amount ? known.lines : null;
  }

  // A question opens: what its split starts with is remembered.
  function open() {
    const body = $("[data-split]");
    turnTo(parts()[0]);
    if (!body) return;
    const lines = $$("tr", body).map((line) => ({
      account: accountOf(line), statement: $("[name=to_statement]", line).value,
      amount: $("[name=to_amount]", line).value, part: line.dataset.of,
    }));
    const amount = cents($("#amount").value);
    if (amount !== null && lines.length && lines[0].amount) body.dataset.first = JSON.stringify({ amount, lines });
    balance();
  }

  return { balance, byHand, follow, lay, open, question, take, nobody, addRow, removeRow, parts, currentPart, nextPart, write };
}

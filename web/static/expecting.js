// Search beside the candidates: accounts as they are typed, by keyboard, and why not one of them.
import { findAccounts, hit } from "./accounts.js";

const WAIT = 120; // ms without a letter before it is looked up

// Everything is looked up within `root` when it is needed, so its content may be replaced; `say` is
// read out, `item` gives the reference of the question at hand.
export function makeSearch(root, { say, item }) {
  const $ = (selector) => root.querySelector(selector);
  const $$ = (selector) => [...root.querySelectorAll(selector)];
  let typing = 0;
  let asker = null; // what was in use when an account was asked about

  function typed(text) {
    clearTimeout(typing);
    typing = setTimeout(() => find(text), WAIT);
  }

  async function find(text) {
    const found = await findAccounts(text);
    const list = $("[data-hits]");
    if (found === undefined || !list) return; // more was typed, or the question has gone
    list.hidden = !found?.length;
    list.replaceChildren(...(found ?? []).map(row));
    if (found) say(found.length ? `${found.length} accounts found` : "No account found");
    else close();
  }

  function row(each) {
    const line = hit(each, (button) => {
      button.dataset.candidate = each.account_number;
      button.dataset.open = JSON.stringify(each.statements);
    });
    const ask = document.createElement("button");
    ask.type = "button";
    ask.className = "quiet";
    ask.dataset.whyNot = each.account_number;
    ask.textContent = "Why not?";
    ask.setAttribute("aria-label", `Why not ${each.account_number}?`);
    line.className = "found";
    line.append(ask);
    return line;
  }

  // The answer opens under the list and takes the cursor, so that it is read from its heading.
  async function why(number) {
    const place = $("[data-why]");
    asker = document.activeElement;
    const path = `/review/${item()}/why?account=${encodeURIComponent(number)}`;
    const answer = await fetch(path, { headers: { accept: "text/html", "hx-request": "true" } });
    if (!answer.ok) { say(`${number} cannot be shown`); return; }
    place.innerHTML = await answer.text();
    const back = document.createElement("button");
    back.type = "button";
    back.className = "quiet";
    back.dataset.whyClose = "";
    back.innerHTML = "Close <kbd>Esc</kbd>";
    place.append(back);
    place.hidden = false;
    place.querySelector("[data-why-head]").focus({ preventScroll: true });
    // What was searched stays in sight above it; a candidate is far below it.
    const top = asker?.closest("[data-part]") ? place : $("[data-find]");
    top.scrollIntoView({ block: "start" });
  }

  function close() {
    const place = $("[data-why]");
    if (!place || place.hidden) return false;
    const inside = place.contains(document.activeElement);
    place.hidden = true;
    place.replaceChildren();
    if (inside) (asker?.isConnected ? asker : $("[data-find] input"))?.focus();
    return true;
  }

  // Arrows go from the field through the accounts found; true when the key was one of these.
  function key(event) {
    const field = event.target.closest?.("[data-find]");
    const list = event.target.closest?.("[data-hits]");
    if (event.key === "Escape" && event.target.closest?.("[data-why]")) return close();
    if (event.key === "Escape" && list) { $("[data-find] input").focus(); return true; }
    if (event.key === "Enter" && event.shiftKey && (field || list)) {
      const line = list ? event.target.closest("li") : $("[data-hits] li");
      const number = line?.querySelector("[data-why-not]")?.dataset.whyNot;
      if (number) why(number);
      return true;
    }
    if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || !(field || list)) return false;
    const all = $$("[data-hits] .hit");
    const at = list ? all.indexOf(event.target.closest("li").querySelector(".hit")) : -1;
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    if (next < 0) $("[data-find] input").focus();
    else all[Math.min(next, all.length - 1)]?.focus();
    return true;
  }

  return { typed, why, close, key };
}

// A doubtful amount: what the places of the check say, taken over by a key, a click or a touch.
import { cents } from "./split.js";

// Everything is looked up within `root` when it is needed, so its content may be replaced. `say`
// is read out, `next` moves on to confirming; the split follows the amount's field by itself.
export function makeAmounts(root, { say, light, next }) {
  const $ = (selector) => root.querySelector(selector);
  const buttons = () => [...root.querySelectorAll("[data-accept]")];

  const first = () => buttons()[0];
  const of = (key) => buttons().find((each) => each.dataset.key && each.dataset.key === key);

  // The amounts written on the check itself, in cents: numerals and words.
  const written = () => buttons()
    .filter((each) => ["numerals", "words"].includes(each.dataset.from))
    .map((each) => cents(each.dataset.accept));

  function mark(taken) {
    for (const each of buttons()) each.setAttribute("aria-pressed", String(each === taken));
  }

  function accept(button) {
    const field = $("#amount");
    field.value = button.dataset.accept;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    $("[name=amount_from]").value = button.dataset.from;
    mark(button);
    light(button);
    const name = button.querySelector(".visually-hidden").textContent.trim();
    say(`${button.dataset.accept} taken ${name}. Enter confirms.`);
    next();
  }

  // An amount that somebody types comes from no place of the check.
  function typed() {
    const from = $("[name=amount_from]");
    if (from) from.value = "";
    mark(null);
  }

  // What a question asks, once it opens; whatever was said of the one before is over.
  function announce(otherwise) {
    mark(buttons().find((each) => each.dataset.from === $("[name=amount_from]")?.value));
    say($("[data-doubt]")?.dataset.announce ?? otherwise);
  }

  return { first, of, written, accept, typed, announce };
}

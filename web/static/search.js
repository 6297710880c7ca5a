// Search as it is typed: the page's own answer, put under the field; arrows go through what is found.
const WAIT = 200; // ms without a letter before it is looked up: every look is put on record
const form = document.querySelector("form.search");
const field = form.elements.q;
const said = document.getElementById("found-said");
let typing = 0;
let asking = null;

async function find() {
  const text = field.value.trim();
  asking?.abort(); // an answer that comes late must not take the place of a newer one
  asking = new AbortController();
  const path = `/search?q=${encodeURIComponent(text)}`;
  try {
    const answer = await fetch(path, { headers: { "hx-request": "true" }, signal: asking.signal });
    if (!answer.ok || answer.redirected) return; // the whole form says why, or goes where it leads
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("found");
    document.getElementById("found").replaceWith(found);
    history.replaceState(null, "", text ? path : "/search");
    said.textContent = found.dataset.said;
  } catch (error) { if (error.name !== "AbortError") throw error; }
}

field.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(find, WAIT); });

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...document.querySelectorAll("#found tbody tr :is(td, th):first-child a")];
  const at = links.indexOf(document.activeElement);
  if (at < 0 && document.activeElement !== field) return;
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  if (next < 0) field.focus();
  else links[Math.min(next, links.length - 1)]?.focus();
});

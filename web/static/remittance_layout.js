// The columns of a payer's layout: another role has the remittance read again at once. By keyboard
// the arrows run through the roles, so that it waits until somebody stays on one, or presses Enter.

const STAYS = 900; // ms on a role until it counts as chosen
const ASKS = 1000; // ms between questions whether a worker is done

export function makeLayout(root, { isTouched, leave, problem }) {
  const form = root.querySelector("[data-layout]");
  if (!form) return;
  const address = `/remittances/${root.dataset.ref}`;
  let timer = null;
  let busy = false;
  let changed = false; // while it was being read

  function back() {
    leave();
    sessionStorage.setItem("role", document.activeElement?.id ?? "");
    location.reload();
  }

  async function until(version) {
    const answer = await (await fetch(`${address}/version`, { credentials: "same-origin" })).json();
    if (answer.version > version || !answer.pending) back();
    else setTimeout(() => until(version).catch((error) => problem(error.message)), ASKS);
  }

  async function send() {
    clearTimeout(timer);
    if (busy) return;
    if (isTouched()) { problem("Save what was keyed first; then the columns."); return; }
    if ("keyed" in form.dataset && !window.confirm("Its lines were keyed by hand. Read them again from the page?")) return;
    busy = true;
    form.querySelector("[data-reading]").textContent = "Reading it again …";
    const response = await fetch(`${address}/columns`, {
      method: "POST", body: new FormData(form), headers: { accept: "application/json" }, credentials: "same-origin",
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${answer.message} ${answer.remedy ?? ""}`.trim());
    if (answer.queued && !changed) await until(Number(root.dataset.version));
    else if (changed) await once();
    else back();
  }

  // Another role was chosen meanwhile: what is there now is read once more.
  async function once() {
    const answer = await (await fetch(`${address}/version`, { credentials: "same-origin" })).json();
    form.elements.version.value = answer.version;
    root.dataset.version = answer.version;
    busy = changed = false;
    await send();
  }

  const sent = () => send().catch((error) => {
    busy = false;
    form.querySelector("[data-reading]").textContent = "";
    problem(error.message);
  });

  form.addEventListener("change", () => {
    changed = busy;
    clearTimeout(timer);
    if (!busy) timer = setTimeout(sent, STAYS);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("select")) { event.preventDefault(); sent(); }
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); sent(); });

  const was = sessionStorage.getItem("role");
  sessionStorage.removeItem("role");
  if (was) document.getElementById(was)?.focus();
}

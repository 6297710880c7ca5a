// Accounts by name, number or address, as a list of buttons under a search field.

let asked = 0;

// What fits the text; null for too little to look for, undefined when more was typed meanwhile: an
// answer that comes late must not take the place of a newer one.
export async function findAccounts(text) {
  const mine = ++asked;
  if (text.trim().length < 2) return null;
  const response = await fetch(`/review/accounts?q=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } });
  const found = response.ok ? await response.json() : null;
  return mine === asked ? found : undefined;
}

// One found account as a button; `prepare` says what the button carries.
export function hit(found, prepare) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "hit";
  prepare(button);
  for (const [name, value] of [["hit-key", ""], ["hit-who", `${found.patient_name}, ${found.address}`], ["hit-number", found.account_number]]) {
    const part = document.createElement("span");
    part.className = name;
    part.textContent = value;
    button.append(part);
  }
  item.append(button);
  return item;
}

// Accounts by name, number or address, as a list of buttons under a search field.

export async function findAccounts(text) {
  if (text.trim().length < 2) return null;
  const response = await fetch(`/review/accounts?q=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } });
  return response.ok ? response.json() : null;
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

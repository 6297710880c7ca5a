// The queue: Enter starts.
document.addEventListener("keydown", (event) => {
  const busy = event.target.closest?.("a, button, input, select, textarea");
  if (event.key === "Enter" && !busy) document.getElementById("start")?.click();
});

// Sends files one by one, tells how far each is, and tries again by itself when the signal drops.
// The list survives a reload (names and answers only, never the files); what was cut off can be
// chosen again without harm: the server knows bytes it already has.
import { toast } from "./app.js";

const AT_ONCE = 2;
const ATTEMPTS = 6;
const sender = document.getElementById("sender");
const list = document.getElementById("sending");
const summary = document.getElementById("progress-text");
const storageKey = `sending:${sender.dataset.pickup}`;
const limit = Number(sender.dataset.limit);
const items = [];
let running = 0;

class Item {
  constructor(name, size, file = null) {
    Object.assign(this, { name, size, file, state: "waiting", say: "Waiting", attempts: 0 });
    this.line = document.createElement("li");
    this.line.innerHTML = '<span class="file-name"></span><button type="button" class="quiet retry" hidden>Retry</button>'
      + '<progress max="100" value="0"></progress><span class="say"></span>';
    this.line.querySelector(".file-name").textContent = name;
    this.bar = this.line.querySelector("progress");
    this.bar.setAttribute("aria-label", `Progress of ${name}`);
    this.button = this.line.querySelector("button");
    this.button.setAttribute("aria-label", `Retry ${name}`);
    this.button.addEventListener("click", () => this.again());
    list.append(this.line);
    this.show();
  }

  set(state, say) {
    this.state = state;
    this.say = say;
    this.show();
    remember();
  }

  show() {
    this.line.className = this.state;
    this.line.querySelector(".say").textContent = this.say;
    this.button.hidden = !(this.state === "failed" && this.file);
    this.bar.hidden = this.state === "done" || this.state === "failed";
  }

  again() {
    clearTimeout(this.timer);
    this.attempts = 0;
    this.set("waiting", "Waiting");
    next();
  }

  send() {
    running += 1;
    this.attempts += 1;
    this.bar.value = 0;
    this.set("sending", this.attempts > 1 ? `Sending, attempt ${this.attempts}` : "Sending");
    const request = new XMLHttpRequest();
    request.open("POST", sender.dataset.url);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-File-Name", encodeURIComponent(this.name));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      this.bar.value = (event.loaded / event.total) * 100;
      if (event.loaded === event.total) this.line.querySelector(".say").textContent = "Being stored";
    };
    request.onload = () => this.answered(request);
    request.onerror = request.onabort = request.ontimeout = () => this.cutOff("No connection");
    request.onloadend = () => { running -= 1; next(); };
    request.send(this.file);
  }

  answered(request) {
    const answer = parsed(request.responseText);
    if (request.status === 200 || request.status === 201) {
      this.set("done", `${capital(answer.message)}`);
      this.file = null;
      document.getElementById("status")?.dispatchEvent(new Event("refresh"));
    } else if (request.status >= 500 || request.status === 408 || request.status === 429) {
      this.cutOff(answer.message || "The server did not answer");
    } else if (request.status === 401) {
      this.set("failed", "You were logged out. Log in in another tab, then press Retry.");
    } else {
      this.set("failed", `${answer.message || "Refused"} ${answer.remedy || ""}`.trim());
    }
  }

  cutOff(why) {
    if (this.attempts >= ATTEMPTS) {
      this.set("failed", `${why}. Tried ${this.attempts} times. Press Retry when the signal is back.`);
      return;
    }
    const seconds = Math.min(2 ** (this.attempts - 1), 30);
    this.set("pausing", `${why}. Trying again in ${seconds} s.`);
    this.timer = setTimeout(() => { this.set("waiting", "Waiting"); next(); }, seconds * 1000);
  }
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return {}; }
}

function capital(text = "received") {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function next() {
  while (running < AT_ONCE) {
    const item = items.find((each) => each.state === "waiting" && each.file);
    if (!item) break;
    item.send();
  }
  const done = items.filter((each) => each.state === "done").length;
  const failed = items.filter((each) => each.state === "failed").length;
  summary.textContent = items.length
    ? `${done} of ${items.length} received${failed ? `, ${failed} not sent` : ""}` : "";
}

function add(files) {
  for (const file of files) {
    const item = new Item(file.name || "photo.jpg", file.size, file);
    items.push(item);
    if (file.size > limit) item.set("failed", `Larger than ${Math.floor(limit / 1e6)} MB. Scan in smaller batches.`);
    if (file.size > limit) item.file = null;
  }
  remember();
  next();
}

function remember() {
  const plain = items.map(({ name, size, state, say }) => ({ name, size, state, say }));
  try { sessionStorage.setItem(storageKey, JSON.stringify(plain)); } catch { /* storage is full or off */ }
}

function recall() {
  for (const held of parsed(sessionStorage.getItem(storageKey) || "[]")) {
    const item = new Item(held.name, held.size);
    items.push(item);
    if (held.state === "done") item.set("done", held.say);
    else item.set("failed", "Not sent: the page was left. Choose this file again.");
  }
  next();
}

function take(input) {
  if (!input.files.length) return;
  add([...input.files]);
  input.value = "";
}

const zone = document.getElementById("pick");
for (const name of ["dragover", "dragenter"]) {
  zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
}
for (const name of ["dragleave", "drop"]) {
  zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.remove("over"); });
}
zone.addEventListener("drop", (event) => add([...event.dataTransfer.files]));
window.addEventListener("online", () => {
  const paused = items.filter((each) => each.file && (each.state === "pausing" || each.state === "failed"));
  if (paused.length) toast("Connection is back, sending again.");
  paused.forEach((each) => each.again());
});
window.addEventListener("beforeunload", (event) => {
  if (items.some((each) => each.file && each.state !== "failed")) event.preventDefault();
});
recall();
for (const id of ["choose", "camera"]) {
  const input = document.getElementById(id);
  input.addEventListener("change", () => take(input));
  take(input); // chosen before this script arrived over a slow line
}

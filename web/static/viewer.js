// The picture beside the answer: tabs, zoom, turn, and a light on the place of the focused field.

// Everything is looked up within `root` when it is needed, so its content may be replaced.
// `near` is how many steps of zoom a question begins with and its pages keep; 0 is the whole picture.
export function makeViewer(root, near = 0) {
  const pictures = new Map(); // page id -> object URL
  const view = { scale: 0, turn: 0, page: null };
  let lamp = null;
  const $ = (selector) => root.querySelector(selector);
  const tabs = () => [...root.querySelectorAll("[data-page][aria-pressed]")];

  async function picture(id) {
    if (!pictures.has(id)) {
      const response = await fetch(`/pages/${id}.png`, { credentials: "same-origin" });
      if (!response.ok) return null;
      pictures.set(id, URL.createObjectURL(await response.blob()));
    }
    return pictures.get(id);
  }

  function forget(keep) {
    for (const [id, address] of pictures) {
      if (!keep.includes(id)) { URL.revokeObjectURL(address); pictures.delete(id); }
    }
  }

  async function show(id) {
    const tab = tabs().find((each) => each.dataset.page === id);
    if (!tab) return;
    // A page that was scanned on its side or head comes upright; r turns it from there.
    if (view.page !== id) Object.assign(view, { page: id, scale: near ? view.scale : 0, turn: Number(tab.dataset.turn ?? 0) });
    for (const each of tabs()) each.setAttribute("aria-pressed", String(each === tab));
    lay();
    const address = await picture(id);
    const image = $(".sheet-image");
    if (address && view.page === id && image) { image.src = address; image.dataset.page = id; }
  }

  function size() {
    const tab = tabs().find((each) => each.dataset.page === view.page) ?? tabs()[0];
    return tab ? { width: Number(tab.dataset.width), height: Number(tab.dataset.height) } : null;
  }

  function lay() {
    const frame = $(".sheet-frame");
    const stage = $(".stage");
    const full = size();
    if (!frame || !full) return;
    const sideways = view.turn % 180 !== 0;
    const wide = sideways ? full.height : full.width;
    const tall = sideways ? full.width : full.height;
    const fit = Math.min((stage.clientWidth - 16) / wide, (stage.clientHeight - 16) / tall, 2);
    const scale = fit * 1.35 ** view.scale;
    // The frame has the turned size, so that the stage scrolls over all of it.
    frame.style.width = `${wide * scale}px`;
    frame.style.height = `${tall * scale}px`;
    const area = $(".sheet-area");
    area.style.width = `${full.width * scale}px`;
    area.style.height = `${full.height * scale}px`;
    area.style.transform = `translate(-50%, -50%) rotate(${view.turn}deg)`;
    relight();
  }

  function light(element) {
    const { page, box } = element?.dataset ?? {};
    lamp = page && box ? { page, box: box.split(",").map(Number) } : null;
    if (lamp && lamp.page !== view.page) show(lamp.page);
    else relight();
  }

  function relight() {
    const mark = $(".lit");
    if (!mark) return;
    const full = size();
    mark.hidden = !lamp || lamp.page !== view.page || !full;
    if (mark.hidden) return;
    const [x, y, width, height] = lamp.box;
    const pad = full.width * 0.004;
    mark.style.left = `${((x - pad) / full.width) * 100}%`;
    mark.style.top = `${((y - pad) / full.height) * 100}%`;
    mark.style.width = `${((width + 2 * pad) / full.width) * 100}%`;
    mark.style.height = `${((height + 2 * pad) / full.height) * 100}%`;
    if (view.scale > 0) center(mark);
  }

  // Scrolls the stage alone: the page itself must not jump while somebody types.
  function center(mark) {
    const stage = $(".stage");
    const inner = mark.getBoundingClientRect();
    const outer = stage.getBoundingClientRect();
    stage.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
    stage.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
  }

  function zoom(how) {
    if (how === "in") view.scale = Math.min(view.scale + 1, 8);
    if (how === "out") view.scale = Math.max(view.scale - 1, -2);
    if (how === "fit") view.scale = 0;
    if (how === "turn") view.turn = (view.turn + 90) % 360;
    lay();
  }

  function step(by) {
    const all = tabs();
    const at = all.findIndex((each) => each.dataset.page === view.page);
    if (all.length) show(all[(at + by + all.length) % all.length].dataset.page);
  }

  // A new question: the first picture, and no light.
  function open() {
    Object.assign(view, { page: null, scale: near, turn: 0 });
    lamp = null;
    const first = tabs()[0];
    if (first) show(first.dataset.page);
  }

  root.addEventListener("focusin", (event) => {
    const element = event.target.closest("[data-box]");
    if (element) light(element);
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.matches("[data-page][aria-pressed]")) show(button.dataset.page);
    else if (button?.dataset.zoom) zoom(button.dataset.zoom);
  });
  // The stage gets its size when the style sheet arrives, and another with the window.
  new ResizeObserver(lay).observe(root);
  window.addEventListener("resize", lay);
  window.addEventListener("load", lay);

  const keys = {
    "[": () => step(-1), "]": () => step(1), z: () => zoom("in"), w: () => zoom("out"),
    0: () => zoom("fit"), r: () => zoom("turn"),
  };
  return { open, light, picture, forget, keys };
}

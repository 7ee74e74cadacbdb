// The first part of the page: settings, tensors, code and weights.

let chosen = settled(fromLink(location.hash));
let shown = []; // the tensors on the page
const front = { batch: 0, seq: 0 }; // which sheet of each axis lies in front
let pointed = null; // { name, index } of the number that is pointed at

/** The window, step and months that a number belongs to, as far as it has them. */
function belongs(t, index) {
  const of = (axis) => (t.axes.includes(axis) ? index[t.axes.indexOf(axis)] : null);
  const [window, step, ahead] = [of("batch"), of("seq"), of("horizon")];
  const { seq, head } = chosen.settings;
  let row = null;
  if (window !== null && step !== null) row = window + step;
  if (window !== null && ahead !== null) row = window + seq + ahead;
  const forecast = t.name === "yhat" && head === "every" && row !== null ? row + 1 : null;
  return { window, step, month: row === null ? "" : monthOf(row), forecast };
}

const within = (part, window, step) =>
  window >= part.windows[0] && window < part.windows[1] && step >= part.steps[0] && step < part.steps[1];

/** Whether a number is connected with the one that is pointed at. */
function connected(t, index) {
  if (!pointed) return false;
  const from = shown.find((one) => one.name === pointed.name);
  if (t === from && index.join() === pointed.index.join()) return true;
  if (from.name === "x") {
    const part = from.seen(pointed.index);
    return t.name !== "x" && within(t.seen(index), part.windows[0], part.steps[0]);
  }
  if (t.name !== "x") return false;
  const own = t.seen(index);
  return within(from.seen(pointed.index), own.windows[0], own.steps[0]);
}

/** What a number is, in a sentence or two. */
function sentence(t, index) {
  const s = chosen.settings;
  const { window, step, month, forecast } = belongs(t, index);
  const value = t.values[flat(t, index)];
  const places = [];
  if (window !== null) places.push(`window ${window}`);
  if (step !== null) places.push(`${s.batch_first === "forgotten" ? "seq" : "step"} ${step}`);
  if (month) places.push(month);
  places.push(t.says(index));
  if (forecast) places.push(`that of ${monthOf(forecast)}`);
  const passengers = t.name === "x" && index[2] === 0 ? ` (${(value * 100).toFixed(0)},000 passengers)` : "";
  const seen = t.name === "x" ? "What has seen it is framed." : `It has seen ${asIndex(t.seen(index), s)}.`;
  return `${t.name}[${index.join(", ")}] = ${value.toFixed(4).replace("-", "\u2212")}${passengers}: ${places.join(", ")}. ${seen}`;
}

function point(t, index) {
  pointed = { name: t.name, index };
  find("said").textContent = sentence(t, index);
  mark();
}

/** Every index of a tensor. */
const indices = (shape) =>
  shape.reduce((found, size) => found.flatMap((index) => range(size).map((k) => [...index, k])), [[]]);

/** Frame what is connected, without drawing anything anew. */
function mark() {
  find("tensors").classList.toggle("pointing", pointed !== null);
  for (const t of shown) {
    const home = document.querySelector(`#tensors [data-tensor="${t.name}"]`);
    const marked = indices(t.shape).filter((index) => connected(t, index));
    const cells = new Set(marked.map((index) => index.join()));
    const sheets = new Set(marked.map((index) => `${index[t.back]}`));
    for (const cell of home.querySelectorAll("td")) cell.classList.toggle("seen", cells.has(cell.dataset.at));
    for (const button of home.querySelectorAll("[data-sheet]"))
      button.classList.toggle("seen", sheets.has(button.dataset.sheet));
  }
}

function drawTensors() {
  const home = find("tensors");
  home.replaceChildren(...shown.map((t) => {
    const axis = t.back === null ? null : t.axes[t.back];
    return drawTensor(t, {
      sheet: axis && front[axis],
      header: (index) => ` ${belongs(t, index).month}`,
      marks: () => "",
      point: (index) => point(t, index),
      turn: (sheet, index) => {
        front[axis] = sheet;
        drawTensors();
        const again = home.querySelector(`[data-tensor="${t.name}"]`);
        if (!index) return again.querySelector(`[data-sheet="${sheet}"]`).focus();
        index[t.back] = sheet;
        again.querySelector(`[data-at="${index.join()}"]`).focus();
      },
    });
  }));
  mark();
}

function drawWeights(s) {
  const shapes = weightShapes(s);
  const gives = s.head === "horizon" ? "horizon" : "target";
  const linear = [
    { name: "linear.weight", shape: [results(s), outSize(s)], axes: [gives, outName(s)] },
    { name: "linear.bias", shape: [results(s)], axes: [gives] },
  ];
  find("weight-table").tBodies[0].replaceChildren(...[...shapes, ...linear].map((w) =>
    el("tr", {}, ...[w.name, tuple(w.shape), named(w), `${product(w.shape)}`].map((text) =>
      el("td", {}, el("code", {}, text))))));
  const [layer, head] = parameters(s);
  find("count").textContent = `${layer + head} parameters: ${layer} in nn.${s.cell}, ${head} in nn.Linear.`;
  const blocks = BLOCKS[s.cell];
  find("blocks").textContent = blocks.length > 1
    ? `An ${s.cell} has ${blocks.length} of them, in the order ${blocks.join(", ")}.`.replace("An GRU", "A GRU")
    : "An RNN has one.";
}

const LIES = {
  True: "x is (batch, seq, feature)",
  False: "x is (seq, batch, feature)",
  forgotten: "x is (batch, seq, feature), the layer has False",
};
const GIVES = {
  last: "one forecast for each window",
  every: "a forecast at each step",
  horizon: "several steps ahead, for each window",
};
const WARNING = "batch_first was forgotten: the layer reads axis 0, your windows, as seq, and axis 1, your months, as batch. "
  + "It walks from window to window, and raises no error.";

/** All shapes in one line: x (5, 12, 2) → out (5, 12, 3), h_n ... → yhat (5, 1, 1). */
function drawGlance(s) {
  const parts = shown.map((t) => `${["x", "h_n", "c_n"].includes(t.name) ? "" : "→ "}${t.name} ${tuple(t.shape)}`);
  const [layer, head] = parameters(s);
  parts.push(`· ${layer + head} parameters`);
  find("glance").replaceChildren(...parts.flatMap((part) => [el("span", {}, part), " "]));
}

function drawAll() {
  const { settings: s, notes } = chosen;
  for (const axis of ["batch", "seq"]) front[axis] = Math.min(front[axis], s[axis] - 1);
  pointed = null;
  for (const control of find("settings").elements) control.value = s[control.name];
  find("settings").elements.proj_size.disabled = s.cell !== "LSTM" || s.hidden === 1;
  find("settings").elements.proj_size.max = s.hidden - 1;
  find("horizon").hidden = s.head !== "horizon";
  find("notes").textContent = notes.join(" ");
  find("said").textContent = "";
  find("lies").textContent = LIES[s.batch_first];
  find("gives").textContent = GIVES[s.head];
  const features = FEATURES.slice(0, s.input).map((f, k) => `feature ${k}: ${f.name}`);
  find("features").textContent = `In x, ${features.join("; ")}.`;
  shown = tensorsOf(s);
  const rows = shown.at(-1).axes[0] === "seq" ? ` Here yhat has ${s.seq} rows for ${s.batch} windows.` : "";
  find("warning").textContent = s.batch_first === "forgotten" ? WARNING + rows : "";
  drawGlance(s);
  drawTensors();
  find("torch").textContent = torchLines(s, shown);
  find("keras").textContent = kerasLines(s);
  find("keras-notes").textContent = kerasNotes(s);
  drawWeights(s);
}

function choose(wanted) {
  chosen = settled(wanted);
  keepInAddress(chosen.settings);
  drawAll();
}

/** Copy a text; where the browser does not allow that, select it. */
async function copy(button, text, home) {
  const said = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    if (home) getSelection().selectAllChildren(home);
    button.textContent = home ? "Selected: press Ctrl+C" : "Not allowed here";
  }
  setTimeout(() => (button.textContent = said), 2000);
}

find("settings").addEventListener("change", () =>
  choose({ ...chosen.settings, ...Object.fromEntries(new FormData(find("settings"))) }));
find("settings").addEventListener("submit", (event) => event.preventDefault());
find("reset").addEventListener("click", () => choose(START));
find("link").hidden = !["http:", "https:", "file:"].includes(location.protocol);
find("link").addEventListener("click", (event) => {
  keepInAddress(chosen.settings);
  copy(event.target, location.href, null);
});
for (const button of document.querySelectorAll("[data-copy]"))
  button.addEventListener("click", () => copy(button, find(button.dataset.copy).textContent, find(button.dataset.copy)));
addEventListener("hashchange", () => {
  const wanted = fromLink(location.hash);
  if (Object.keys(wanted).some((name) => name in CHOICES)) choose(wanted);
});
for (const link of document.querySelectorAll("nav a"))
  link.addEventListener("click", (event) => {
    event.preventDefault(); // the address is for the settings
    const heading = document.querySelector(link.getAttribute("href"));
    heading.tabIndex = -1;
    heading.focus();
  });
drawAll();

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
  return { window, step, month: row === null ? "" : monthOf(row), forecast: forecast === null ? "" : monthOf(forecast) };
}

const within = (part, window, step) =>
  window >= part.windows[0] && window < part.windows[1] && step >= part.steps[0] && step < part.steps[1];

/** Whether a number is connected with the one that is pointed at. */
function connected(t, index) {
  if (!pointed) return false;
  const from = shown.find((one) => one.name === pointed.name);
  if (t === from && index.join() === pointed.index.join()) return true;
  const twin = from.same?.(pointed.index);
  if (twin && t.same?.(index)?.join() === twin.join()) return true;
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
  const value = valueAt(t, index);
  const places = [];
  if (window !== null) places.push(`window ${window}`);
  if (step !== null) places.push(`${s.batch_first === "forgotten" ? "seq" : "step"} ${step}`);
  if (month) places.push(month);
  places.push(t.says(index));
  if (forecast) places.push(`for ${forecast}`);
  const passengers = t.name === "x" && index[2] === 0 ? ` (${(value * 100).toFixed(0)},000 passengers)` : "";
  const number = value === undefined ? "" : ` = ${value.toFixed(4).replace("-", MINUS)}${passengers}`;
  const seen = t.name === "x" ? "The numbers that depend on it are framed." : `It has seen ${asIndex(t.seen(index), s)}.`;
  return `${t.name}[${index.join(", ")}]${number}: ${places.join(", ")}. ${seen}${sameInWords(t, index)}`;
}

/** Where else the same number stands. */
function sameInWords(t, index) {
  const twin = t.same?.(index);
  if (!twin) return "";
  return t.name === "out" ? " h_n holds the same number." : ` It is the same number as out[${twin.join(", ")}].`;
}

function point(t, index) {
  pointed = { name: t.name, index };
  find("said").textContent = sentence(t, index);
  mark();
}

/** Frame what is connected, without drawing anything anew. */
function mark() {
  find("tensors").classList.toggle("pointing", pointed !== null);
  for (const t of shown) {
    const home = document.querySelector(`#tensors [data-tensor="${t.name}"]`);
    const cells = [...home.querySelectorAll("td[data-at]")].map((cell) => [cell, cell.dataset.at.split(",").map(Number)]);
    for (const [cell, index] of cells) cell.classList.toggle("seen", connected(t, index));
    for (const button of home.querySelectorAll("[data-sheet]")) {
      const there = (index) => connected(t, index.with(t.back, Number(button.dataset.sheet)));
      button.classList.toggle("seen", cells.some(([, index]) => there(index)));
    }
  }
}

function drawTensors() {
  const home = find("tensors");
  home.replaceChildren(...shown.map((t) => {
    const axis = t.back === null ? null : t.axes[t.back];
    return drawTensor(t, {
      sheet: axis && front[axis],
      blank: "·",
      header: (index) => t.row?.(index) ?? belongs(t, index).month,
      marks: (index) => (t.same?.(index) ? "same" : ""),
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
  tellWhatIsCut();
}

function drawWeights(s) {
  const gives = s.head === "horizon" ? "horizon" : "target";
  const linear = [
    { name: "linear.weight", shape: [results(s), outSize(s)], axes: [gives, outName(s)] },
    { name: "linear.bias", shape: [results(s)], axes: [gives] },
  ];
  const cell = (kind, text) => el("td", { role: "cell", class: kind }, el("code", {}, text));
  find("weight-table").tBodies[0].replaceChildren(...[...weightShapes(s), ...linear].map((w) =>
    el("tr", { role: "row" }, cell("name", w.name), cell("size", tuple(w.shape)), cell("axes", named(w)),
      cell("numbers", counted(product(w.shape))))));
  const [layer, head] = parameters(s);
  find("count").textContent = `${counted(layer + head)} parameters: ${counted(layer)} in nn.${s.cell}, ${counted(head)} in nn.Linear.`;
  find("formulas").replaceChildren(...formulas(s).map(([of, words, numbers, total]) =>
    el("li", {}, `${of}: `, el("code", {}, `${words} = ${numbers} = ${counted(total)}`))));
  find("blocks").textContent = blocksInWords(s);
}

const LIES = {
  True: "x is (batch, seq, feature)",
  False: "x is turned to (seq, batch, feature), as the layer expects",
  forgotten: "x stays (batch, seq, feature), the layer has False: a mistake",
};
const GIVES = {
  last: "Last step: one forecast for each window, made from what the layer gives out after it has read the whole window.",
  every: "Every step: a forecast at each step of each window, made from what the layer has read up to there. Its rows are named by the month that was read.",
  horizon: "Horizon: several steps ahead at once for each window, made after it has read the whole window. Its rows are named by the month that is forecast.",
};
const WARNING = "batch_first was forgotten: the layer reads axis 0, your windows, as seq, and axis 1, your months, as batch. "
  + "It walks from window to window, and raises no error.";

/** All shapes in one line: x (5, 12, 2) → out (5, 12, 3), h_n ... → yhat (5, 1, 1). */
function drawGlance(s) {
  const before = { x: "", h_n: ", ", c_n: ", " };
  const parts = shown.map((t) => [before[t.name] ?? " → ", el("span", {}, `${t.name} ${tuple(t.shape)}`)]);
  const [layer, head] = parameters(s);
  const count = `${counted(layer)} parameters of the ${s.cell} + ${counted(head)} of the head`;
  find("glance").replaceChildren(...parts.flat(), " · ", el("span", {}, count));
}

/** What may be chosen stands at each field; it is said in one place, CHOICES. */
function drawRanges(s) {
  for (const control of find("settings").querySelectorAll("[type=number]")) {
    const [least, most] = CHOICES[control.name];
    [control.min, control.max] = [least, control.name === "proj_size" ? s.hidden - 1 : most];
    control.nextElementSibling.textContent = `${control.min} to ${control.max}: ${control.dataset.says}`;
  }
}

function drawAll() {
  const { settings: s, notes } = chosen;
  for (const axis of ["batch", "seq"]) front[axis] = Math.min(front[axis], s[axis] - 1);
  pointed = null;
  drawRanges(s);
  for (const control of find("settings").elements) control.value = s[control.name];
  find("settings").elements.proj_size.disabled = s.cell !== "LSTM" || s.hidden === 1;
  find("horizon").hidden = s.head !== "horizon";
  find("notes").textContent = notes.join(" ");
  find("said").textContent = "";
  find("lies").textContent = LIES[s.batch_first];
  find("gives").textContent = GIVES[s.head];
  const features = FEATURES.slice(0, s.input).map((f, k) => `feature ${k}: ${f.name}`);
  find("features").textContent = hasMonths(s)
    ? `In x, ${features.join("; ")}. Window 0 begins in January 1949, each other one a month later.` : "";
  const numbers = numbersOf(s);
  shown = tensorsOf(s).map((t) => ({ ...t, values: numbers[t.name] }));
  find("no-numbers").textContent = whyNoNumbers(s);
  const rows = shown.at(-1).axes[0] === "seq" ? ` Here yhat has ${s.seq} rows for ${s.batch} windows.` : "";
  find("warning").textContent = s.batch_first === "forgotten" ? WARNING + rows : "";
  drawGlance(s);
  drawTensors();
  const pieces = torchPieces(s, shown).map(({ text, wrong }) => (wrong ? el("mark", {}, text) : text));
  find("torch").replaceChildren(...pieces.flatMap((piece, k) => (k ? ["\n", piece] : [piece])));
  find("keras").textContent = kerasLines(s);
  find("keras-notes").textContent = kerasNotes(s);
  drawWeights(s);
  tellWhatIsCut();
}

function choose(wanted) {
  chosen = settled(wanted);
  keepInAddress(chosen.settings);
  drawAll();
  dispatchEvent(new Event("chosen")); // the steps through time follow
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
/** A size counts while it is typed, as soon as it can be had. */
find("settings").addEventListener("input", ({ target: { name, type, value } }) => {
  const wanted = { ...chosen.settings, [name]: value };
  if (type === "number" && !settled(wanted).notes.length) choose(wanted);
});
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
for (const link of document.querySelectorAll("a"))
  link.addEventListener("click", (event) => {
    event.preventDefault(); // the address is for the settings
    const heading = document.querySelector(link.getAttribute("href"));
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true }); // which would bring it to the middle
    heading.scrollIntoView();
  });
drawAll();

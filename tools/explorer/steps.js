// The second part of the page: a trained LSTM reads five windows of twelve months, step by step.

const WINDOWS = 5;
const LENGTH = 12;
const SHOWN = 2; // the hidden number of out that is shown
const SMALL = { cell: "LSTM", batch: WINDOWS, seq: LENGTH, input: 1, hidden: 4, layers: 1, directions: 1,
  proj_size: 0, head: "last" };
const SAID = {
  "h before": "the hidden state before this step", "c before": "the cell state before it",
  i: "input gate: how much of g is added", f: "forget gate: how much of c stays",
  g: "candidate: what may be added", o: "output gate: how much of tanh(c) becomes h",
  "c after": "f · c before + i · g", "h after": "o · tanh(c after)",
};
const walk = { first: 120, focus: 0, t: -1, forgotten: chosen.settings.batch_first === "forgotten", timer: null };

/** What the LSTM reads, step by step, and what it makes of it: x[step][row]. */
function readAll({ first, forgotten }) {
  const x = range(WINDOWS).map((i) => range(LENGTH).map((t) => [DATA.passengers[first + i + t] / 100]));
  const { out, record } = runLayer(SMALL, forgotten ? x : transposed(x), DATA.trained.weights);
  const linear = (h) => plus(times(DATA.trained.linear.weight, h), DATA.trained.linear.bias)[0];
  // The reader's own index, out[window, seq], is the same in both cases.
  const mine = forgotten ? out : transposed(out);
  return { x, record, out: mine, yhat: mine.map((row) => linear(row.at(-1))) };
}

const lastStep = () => (walk.forgotten ? WINDOWS : LENGTH) - 1;
/** The step and the row of the layer's own batch at which out[window, seq] is made. */
const madeAt = (window, seq) => (walk.forgotten ? [window, seq] : [seq, window]);
const seenBy = ([window, seq]) =>
  walk.forgotten
    ? { windows: [0, window + 1], steps: [seq, seq + 1] }
    : { windows: [window, window + 1], steps: [0, seq + 1] };
const asPassengers = (v) => `${Math.round(v * 100)},000`;

/** The two tables: what is read, and what has come out so far. */
function drawWalk(read) {
  const newest = walk.forgotten ? [walk.t, walk.focus] : [walk.focus, walk.t]; // of the row in focus
  const started = walk.t >= 0;
  const shape = [WINDOWS, LENGTH];
  const axes = ["batch", "seq"];
  const done = ([window, seq]) => madeAt(window, seq)[0] <= walk.t;
  const now = ([window, seq]) => madeAt(window, seq)[0] === walk.t;
  const view = (name, marks) => ({
    blank: "",
    header: ([window]) => monthOf(walk.first + window),
    marks: (at) => [done(at) && "read", now(at) && "now", marks(at) && "seen"].filter(Boolean).join(" "),
    point: (at) => pointWalk(read, name, at),
  });
  const x = { name: "x[:, :, 0]", axes, shape, values: read.x.flat(2), back: null };
  const values = range(WINDOWS).flatMap((i) => range(LENGTH).map((t) => (done([i, t]) ? read.out[i][t][SHOWN] : undefined)));
  const out = { name: `out[:, :, ${SHOWN}]`, axes, shape, values, back: null };
  find("walk-tensors").replaceChildren(
    drawTensor(x, view("x", ([window, seq]) => started && within(seenBy(newest), window, seq))),
    drawTensor(out, view("out", (at) => started && at.join() === newest.join())));
  find("walk-tensors").classList.toggle("pointing", started);
  for (const part of find("walk-tensors").querySelectorAll(".scroll")) {
    const cells = [...part.querySelectorAll("td.now")];
    const room = part.querySelector("tbody th").offsetWidth;
    if (cells.length && !walk.forgotten) part.scrollLeft = cells[0].offsetLeft - room - cells[0].offsetWidth;
  }
}

/** Say what a number is, and frame what it has seen. */
function pointWalk(read, name, at) {
  const [window, seq] = at;
  const month = monthOf(walk.first + window + seq);
  const start = `${name}[${window}, ${seq}, ${name === "x" ? 0 : SHOWN}]`;
  if (name === "x") {
    const value = read.x[window][seq][0];
    find("step-said").textContent = `${start} = ${value}: window ${window}, step ${seq}, ${month}, ${asPassengers(value)} passengers.`;
    return;
  }
  const there = madeAt(window, seq)[0] <= walk.t;
  const seen = asIndex(seenBy(at), SMALL);
  find("step-said").textContent = there
    ? `${start} = ${read.out[window][seq][SHOWN].toFixed(4).replace("-", MINUS)}: window ${window}, step ${seq}, ${month}, hidden ${SHOWN}. It has seen ${seen}.`
    : `${start} has not been made yet.`;
  const [xs, outs] = find("walk-tensors").querySelectorAll("table");
  for (const cell of xs.querySelectorAll("td")) {
    const [i, t] = cell.dataset.at.split(",").map(Number);
    cell.classList.toggle("seen", there && within(seenBy(at), i, t));
  }
  for (const cell of outs.querySelectorAll("td")) cell.classList.toggle("seen", there && cell.dataset.at === at.join());
}

/** The state before, the gates, the state after: one row of the batch, in one step. */
function drawCell(read) {
  const { t, focus, forgotten, first } = walk;
  const home = find("cell");
  if (t < 0) return home.replaceChildren(el("p", {}, "Nothing has been read yet: h and c are 0. Choose Next step."));
  const { gates, h, c, hBefore, cBefore } = read.record[t][focus];
  const rows = { "h before": hBefore, "c before": cBefore, ...gates, "c after": c, "h after": h };
  const [window, seq] = forgotten ? [t, focus] : [focus, t];
  const number = (name, v) => el("td", { role: "cell", "data-value": v, class: "ifo".includes(name) ? "bar" : null,
    style: "ifo".includes(name) ? `--full: ${(100 * v).toFixed(1)}%` : heat(v) }, rounded(v));
  home.replaceChildren(
    el("h3", {}, forgotten ? `Step ${t} at seq ${focus}` : `Step ${t} of window ${focus}`),
    el("p", {}, `x[${window}, ${seq}] = ${read.x[window][seq][0]}, ${monthOf(first + window + seq)}. This number and the state before give the state after, `,
      el("code", {}, `out[${window}, ${seq}]`), "."),
    el("table", { class: "cell", role: "table", "aria-label": "State before, gates, state after" },
      el("thead", {}, el("tr", { role: "row" }, el("th", { scope: "col" }, "hidden →"), ...range(4).map((k) => el("th", { scope: "col", role: "columnheader" }, `${k}`)),
        el("th", { scope: "col", class: "what" }, "what it is"))),
      el("tbody", {}, ...Object.entries(rows).map(([name, values]) =>
        el("tr", { role: "row", "data-row": name }, el("th", { scope: "row", role: "rowheader" }, name),
          ...values.map((v) => number(name, v)), el("td", { role: "cell", class: "what" }, SAID[name]))))));
}

const { test, month_before: before } = DATA.trained.errors;
const HONEST = `The twelve months of 1960 are a fair test: they had no part in training, nor in choosing the weights. `
  + `There the forecasts are off by ${test.toFixed(1)} thousand passengers a month in the mean. `
  + `To take the month before as the forecast is off by ${before.toFixed(1)} thousand.`;
const MISREAD = "The same weights, trained with batch_first=True, now read x along the wrong axis: compare forecast and true.";

/** What a month was to the training of the weights. */
function usedFor(row) {
  const year = 1949 + Math.floor(row / 12);
  if (year < 1959) return "training: easy";
  return year === 1959 ? "choosing the weights" : "nothing: a fair test";
}

function drawForecast(read) {
  const home = find("forecast");
  if (walk.t < lastStep()) return home.replaceChildren(el("p", {}, "They come after the last step, from out[:, -1]."));
  const rows = range(WINDOWS).map((i) => {
    const row = walk.first + i + LENGTH;
    const seen = asIndex(seenBy([i, LENGTH - 1]), SMALL);
    return [`${i}`, seen, monthOf(row), asPassengers(read.yhat[i]), `${DATA.passengers[row]},000`, `${DATA.passengers[row - 1]},000`, usedFor(row)];
  });
  const heads = ["window", "has seen", "month after it", "forecast", "true", "month before", "the true number was used for"];
  home.replaceChildren(el("div", { class: "scroll" }, el("table", { "aria-label": "Forecasts in passengers" },
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...rows.map((row, i) => el("tr", { "data-forecast": read.yhat[i] }, ...row.map((text) => el("td", {}, text))))))));
}

function stepSentence() {
  const { t, first, focus, forgotten } = walk;
  if (t < 0) return "Before the first step.";
  if (!forgotten)
    return `Step ${t}: the LSTM reads x[:, ${t}], one month of each window. Window ${focus}: ${monthOf(first + focus + t)}.`;
  return `Step ${t}: the LSTM reads x[${t}], all of window ${t}, and takes its twelve months for twelve samples. What it made of windows before is mixed in.`;
}

function drawSteps() {
  const form = find("walk").elements;
  form.begins.value = monthOf(walk.first);
  form.focus.max = walk.forgotten ? LENGTH - 1 : WINDOWS - 1;
  walk.focus = Math.min(walk.focus, form.focus.max);
  form.focus.value = walk.focus;
  form.forgotten.checked = walk.forgotten;
  find("walk-order").textContent = walk.forgotten ? "without batch_first=True, although x is (batch, seq, feature)" : "with batch_first=True";
  form.focus.previousSibling.textContent = walk.forgotten ? "seq in focus " : "window in focus ";
  walk.t = Math.min(walk.t, lastStep());
  const read = readAll(walk);
  drawWalk(read);
  drawCell(read);
  drawForecast(read);
  find("step-said").textContent = stepSentence();
  find("honest").textContent = walk.forgotten ? MISREAD : HONEST;
  find("back").disabled = find("to-start").disabled = walk.t < 0;
  find("next").disabled = walk.t === lastStep();
  tellWhatIsCut();
}

function go(t) {
  walk.t = Math.min(Math.max(t, -1), lastStep());
  if (walk.t === lastStep()) pause();
  drawSteps();
}

function pause() {
  clearInterval(walk.timer);
  walk.timer = null;
  find("play").textContent = "Play";
  find("play").setAttribute("aria-pressed", "false");
}

/** Step by step on its own; at once to the end for those who asked for less motion. */
function play() {
  if (walk.timer) return pause();
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return go(lastStep());
  if (walk.t === lastStep()) go(-1);
  walk.timer = setInterval(() => go(walk.t + 1), 1000);
  find("play").textContent = "Pause";
  find("play").setAttribute("aria-pressed", "true");
}

find("walk").addEventListener("input", () => {
  const form = find("walk").elements;
  walk.first = Number(form.first.value);
  const focus = Math.round(Number(form.focus.value));
  walk.focus = form.focus.value === "" ? walk.focus : Math.min(Math.max(focus, 0), form.focus.max);
  if (walk.forgotten === form.forgotten.checked) return drawSteps();
  const place = () => form.forgotten.getBoundingClientRect().top;
  const before = place();
  choose({ ...chosen.settings, batch_first: form.forgotten.checked ? "forgotten" : "True" });
  scrollBy({ top: place() - before, behavior: "instant" }); // what stands above has grown or shrunk
});
/** batch_first is forgotten in both parts of the page, or in neither. */
addEventListener("chosen", () => {
  const forgotten = chosen.settings.batch_first === "forgotten";
  if (forgotten === walk.forgotten) return;
  pause();
  walk.forgotten = forgotten;
  drawSteps();
});
find("walk").addEventListener("submit", (event) => event.preventDefault());
find("to-start").addEventListener("click", () => { pause(); go(-1); find("next").focus(); });
find("back").addEventListener("click", () => { pause(); go(walk.t - 1); });
find("next").addEventListener("click", () => { pause(); go(walk.t + 1); });
find("play").addEventListener("click", play);
find("walk").elements.first.value = walk.first;
drawSteps();

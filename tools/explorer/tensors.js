// Every tensor of the model that is chosen: its axes, its numbers, and what each number has seen.

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const FEATURES = [
  { name: "passengers, in 100,000", of: (row) => DATA.passengers[row] / 100 },
  { name: "month of the year / 12", of: (row) => (row % 12) / 12 },
  { name: "years since 1949 / 12", of: (row) => Math.floor(row / 12) / 12 },
  { name: "days in the month / 31", of: (row) => daysIn(row) / 31 },
];
const daysIn = (row) => new Date(Date.UTC(1949, row + 1, 0)).getUTCDate();
const monthOf = (row) => `${MONTHS[row % 12]} ${1949 + Math.floor(row / 12)}`;

/** x[window][seq] is a list of features. Window i begins in row i of the table of months. */
const windowsOf = (s) =>
  range(s.batch).map((i) => range(s.seq).map((t) => FEATURES.slice(0, s.input).map((f) => f.of(i + t))));

const transposed = (x) => x[0].map((_, t) => x.map((row) => row[t]));

/** A tensor from nested lists. `back` is the axis that lies into the page, null for two axes. */
function tensor(name, axes, nested, back, seen, says) {
  const shape = [];
  for (let part = nested; Array.isArray(part); part = part[0]) shape.push(part.length);
  return { name, axes, shape, values: nested.flat(axes.length - 1), back, seen, says };
}

/**
 * All tensors of a model. `seen(index)` is { windows: [from, to], steps: [from, to] }, the part of
 * x that changes this number; `to` lies behind the last one.
 */
function tensorsOf(s) {
  const x = windowsOf(s);
  const forgotten = s.batch_first === "forgotten";
  const first = s.batch_first !== "False"; // the batch is axis 0 of x
  const turned = s.batch_first === "True"; // the layer is told so
  // Forgotten: what lies first is walked along as if it were seq.
  const read = forgotten ? x : transposed(x);
  const { out, h_n, c_n } = runLayer(s, read, madeUpWeights(s));
  const [steps, rows] = [read.length, read[0].length];
  const place = ([from, to], row) =>
    forgotten
      ? { windows: [from, to], steps: [row, row + 1] }
      : { windows: [row, row + 1], steps: [from, to] };
  const both = s.directions > 1;
  const own = s.proj_size ? "proj" : "hidden";
  const width = stateSize(s);

  /** Which steps a hidden number of the last layer has seen after a step. */
  const stepsSeen = (t, k) => {
    if (!both) return [0, t + 1];
    if (s.layers > 1 || k === null) return [0, steps]; // the layer below knows both sides
    return k < width ? [0, t + 1] : [t, steps];
  };
  const lead = first ? ["batch", "seq"] : ["seq", "batch"];
  const inner = (index) => (turned ? [index[1], index[0]] : [index[0], index[1]]);
  const outNested = turned ? transposed(out) : out; // as the layer gives it out
  const back = first ? 0 : 1;
  const seenByOut = (index, k) => {
    const [t, row] = inner(index);
    return place(stepsSeen(t, k), row);
  };
  const found = [
    tensor("x", [...lead, "feature"], first ? x : transposed(x), back, (index) => {
      const [b, t] = first ? index : [index[1], index[0]];
      return { windows: [b, b + 1], steps: [t, t + 1] };
    }, ([, , k]) => FEATURES[k].name),
    tensor("out", [...lead, both ? `direction*${own}` : own], outNested, back,
      (index) => seenByOut(index, index[2]),
      ([, , k]) => `${own} ${k % width} of the last layer${both ? (k < width ? ", forward" : ", backward") : ""}`),
  ];
  const stateAxes = (last) => [both ? "layer*direction" : "layer", forgotten ? "seq" : "batch", last];
  const walked = forgotten ? "window" : "step"; // what the layer goes along
  const whose = (k) => {
    if (!both) return `layer ${k}, after ${walked} ${steps - 1}`;
    const way = k % 2 ? "backward" : "forward";
    return `layer ${k >> 1}, ${way}, after ${walked} ${k % 2 ? 0 : steps - 1}`;
  };
  const state = (name, nested, last) =>
    tensor(name, stateAxes(last), nested, 1, ([, row]) => place([0, steps], row),
      ([k, , n]) => `${last} ${n} of ${whose(k)}`);
  found.push(state("h_n", h_n, own));
  if (s.cell === "LSTM") found.push(state("c_n", c_n, "hidden"));
  return [...found, ...headOf()];

  /** What follows the layer: the state that is picked, and the forecast. */
  function headOf() {
    const features = s.directions * width;
    const results = s.head === "horizon" ? s.horizon : 1;
    const place0 = weightShapes(s).length;
    const matrix = cut(madeUp(place0, [results, features], features), features);
    const bias = madeUp(place0 + 1, [results], features);
    const linear = (v) => plus(times(matrix, v), bias);
    if (s.head === "every") {
      const nested = outNested.map((part) => part.map(linear));
      return [tensor("yhat", [...lead, "target"], nested, back, (index) => seenByOut(index, null),
        () => "one forecast for each step")];
    }
    // Both ways: the two states that have read all of the window. One way: the last step of out.
    const last = both
      ? h_n.at(-2).map((h, row) => [...h, ...h_n.at(-1)[row]])
      : first ? outNested.map((part) => part.at(-1)) : outNested.at(-1);
    const samples = both && forgotten ? "seq" : "batch";
    const seen = ([i]) => (both || !forgotten ? place([0, steps], i) : place([0, i + 1], rows - 1));
    const nested = last.map((v) => linear(v).map((number) => [number]));
    return [
      tensor("last", [samples, both ? `direction*${own}` : own], last, null, seen,
        () => (both ? "the last states of both directions, side by side" : "out at the last step")),
      tensor("yhat", [samples, "horizon", "target"], nested, 0, seen, ([, ahead]) => `horizon ${ahead}`),
    ];
  }
}

/** How many weights: [of the recurrent layer, of the linear one]. */
function parameters(s) {
  const features = s.directions * stateSize(s);
  const results = s.head === "horizon" ? s.horizon : 1;
  const own = weightShapes(s).reduce((sum, { shape }) => sum + product(shape), 0);
  return [own, results * features + results];
}

/** A part of x as Python writes it: x[2, :6]. */
function asIndex({ windows, steps }, s) {
  const part = ([from, to], size) => {
    if (from === 0 && to === size) return ":";
    if (to === from + 1) return `${from}`;
    return `${from || ""}:${to === size ? "" : to}`;
  };
  const parts = [part(windows, s.batch), part(steps, s.seq)];
  if (s.batch_first === "False") parts.reverse();
  if (parts[1] === ":") parts.pop();
  return `x[${parts.join(", ")}]`;
}

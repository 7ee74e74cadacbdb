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
 * How the reader's x lies, and how the layer reads it.
 *   first   the batch is axis 0 of x
 *   turned  the layer is told so
 *   read    what it reads, [step][row]: forgotten, it walks along the windows as if they were seq
 */
function orientation(s) {
  const x = windowsOf(s);
  const forgotten = s.batch_first === "forgotten";
  const first = s.batch_first !== "False";
  const read = forgotten ? x : transposed(x);
  return { forgotten, first, turned: s.batch_first === "True", read, x: first ? x : transposed(x),
    lead: first ? ["batch", "seq"] : ["seq", "batch"], back: first ? 0 : 1, steps: read.length, rows: read[0].length };
}

/** Steps from..to of one row that the layer reads, as a part of x. */
function partOf(way, [from, to], row) {
  const [along, across] = [[from, to], [row, row + 1]];
  return way.forgotten ? { windows: along, steps: across } : { windows: across, steps: along };
}

/** What a number of out has seen; k is its place in the last axis, null for all of them together. */
function seenByOut(s, way, index, k) {
  const [t, row] = way.turned ? [index[1], index[0]] : index;
  if (s.directions === 1) return partOf(way, [0, t + 1], row);
  // The layer below knows both sides, and so do both directions together.
  if (s.layers > 1 || k === null) return partOf(way, [0, way.steps], row);
  return partOf(way, k < stateSize(s) ? [0, t + 1] : [t, way.steps], row);
}

/**
 * All tensors of a model. `seen(index)` is { windows: [from, to], steps: [from, to] }, the part of
 * x that changes this number; `to` lies behind the last one.
 */
function tensorsOf(s) {
  const way = orientation(s);
  const { out: walked, h_n, c_n } = runLayer(s, way.read, madeUpWeights(s));
  const out = way.turned ? transposed(walked) : walked; // as the layer gives it out
  const [own, width] = [stateName(s), stateSize(s)];
  const direction = (k) => (s.directions === 1 ? "" : k < width ? ", forward" : ", backward");
  const ofX = (index) => {
    const [window, step] = way.first ? index : [index[1], index[0]];
    return { windows: [window, window + 1], steps: [step, step + 1] };
  };
  const found = [
    tensor("x", [...way.lead, "feature"], way.x, way.back, ofX, ([, , k]) => FEATURES[k].name),
    tensor("out", [...way.lead, outName(s)], out, way.back, (index) => seenByOut(s, way, index, index[2]),
      ([, , k]) => `${own} ${k % width} of the last layer${direction(k)}`),
    stateOf(s, way, "h_n", h_n, own),
  ];
  if (s.cell === "LSTM") found.push(stateOf(s, way, "c_n", c_n, "hidden"));
  return [...found, ...headOf(s, way, out, h_n)];
}

/** h_n or c_n: the batch is axis 1, or what the layer takes for it. */
function stateOf(s, way, name, nested, last) {
  const both = s.directions > 1;
  const whose = (k) => {
    const [layer, backward] = both ? [k >> 1, k % 2] : [k, 0];
    const direction = both ? `, ${backward ? "backward" : "forward"}` : "";
    return `layer ${layer}${direction}, after ${way.forgotten ? "window" : "step"} ${backward ? 0 : way.steps - 1}`;
  };
  const axes = [both ? "layer*direction" : "layer", way.forgotten ? "seq" : "batch", last];
  return tensor(name, axes, nested, 1, ([, row]) => partOf(way, [0, way.steps], row),
    ([k, , n]) => `${last} ${n} of ${whose(k)}`);
}

/** What follows the layer: the state that is picked, and the forecast. */
function headOf(s, way, out, h_n) {
  const [features, place] = [outSize(s), weightShapes(s).length];
  const matrix = cut(madeUp(place, [results(s), features], features), features);
  const bias = madeUp(place + 1, [results(s)], features);
  const linear = (v) => plus(times(matrix, v), bias);
  if (s.head === "every")
    return [tensor("yhat", [...way.lead, "target"], out.map((part) => part.map(linear)), way.back,
      (index) => seenByOut(s, way, index, null), () => "one forecast for each step")];
  // Both ways: the two states that have read all of the window. One way: the last step of out.
  const both = s.directions > 1;
  const oneWay = () => (way.first ? out.map((part) => part.at(-1)) : out.at(-1));
  const last = both ? h_n.at(-2).map((h, row) => [...h, ...h_n.at(-1)[row]]) : oneWay();
  const seen = ([i]) =>
    way.forgotten && !both ? partOf(way, [0, i + 1], way.rows - 1) : partOf(way, [0, way.steps], i);
  const samples = both && way.forgotten ? "seq" : "batch";
  const picked = both ? "the last states of both directions, side by side" : "out at the last step";
  const yhat = last.map((v) => linear(v).map((number) => [number]));
  return [
    tensor("last", [samples, outName(s)], last, null, seen, () => picked),
    tensor("yhat", [samples, "horizon", "target"], yhat, 0, seen, ([, ahead]) => `horizon ${ahead}`),
  ];
}

/** How many weights: [of the recurrent layer, of the linear one]. */
function parameters(s) {
  const own = weightShapes(s).reduce((sum, { shape }) => sum + product(shape), 0);
  return [own, results(s) * (outSize(s) + 1)];
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

// Every tensor of the model that is chosen: its axes, its sizes, and what each number has seen.

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
/** The month of a row in the table of months; behind its end there is none to name. */
const monthOf = (row) =>
  row < DATA.passengers.length ? `${MONTHS[row % 12]} ${1949 + Math.floor(row / 12)}` : "";

/**
 * How the reader's x lies, and how the layer reads it.
 *   first   the batch is axis 0 of x
 *   turned  the layer is told so
 *   steps, rows  what the layer takes for them: forgotten, it walks along the windows as if they were seq
 */
function orientation(s) {
  const forgotten = s.batch_first === "forgotten";
  const first = s.batch_first !== "False";
  const [steps, rows] = forgotten ? [s.batch, s.seq] : [s.seq, s.batch];
  return { forgotten, first, turned: s.batch_first === "True", steps, rows,
    lead: first ? ["batch", "seq"] : ["seq", "batch"], sizes: first ? [s.batch, s.seq] : [s.seq, s.batch],
    back: first ? 0 : 1 };
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

/** The place in out that holds the same number as h_n[k, row, n]; null below the last layer. */
function inOut(s, way, [k, row, n]) {
  const direction = k - (s.layers - 1) * s.directions;
  if (direction < 0) return null;
  const t = direction ? 0 : way.steps - 1; // where this direction stops reading
  const place = direction * stateSize(s) + n;
  return way.turned ? [row, t, place] : [t, row, place];
}

/** Whether a place in out is one that h_n holds, too. */
function isFinal(s, way, index) {
  const t = way.turned ? index[1] : index[0];
  return t === (index[2] < stateSize(s) ? way.steps - 1 : 0);
}

/**
 * All tensors of a model: { name, axes, shape, back, seen, says, ... }.
 *   back         the axis that lies into the page, null for two axes
 *   seen(index)  { windows: [from, to], steps: [from, to] }, the part of x that changes this
 *                number; `to` lies behind the last one
 *   says(index)  in words
 *   row(index)   a row's name, note what to know of the whole tensor; both may be missing
 *   same(index)  the place in out of the same number, null where it is not there
 */
function tensorsOf(s) {
  const way = orientation(s);
  const [own, width] = [stateName(s), stateSize(s)];
  const both = s.directions > 1;
  const direction = (k) => (both ? (k < width ? ", forward" : ", backward") : "");
  const x = { name: "x", axes: [...way.lead, "feature"], shape: [...way.sizes, s.input], back: way.back,
    seen: (index) => {
      const [window, step] = way.first ? index : [index[1], index[0]];
      return { windows: [window, window + 1], steps: [step, step + 1] };
    },
    says: ([, , k]) => FEATURES[k]?.name ?? `feature ${k}` };
  const out = { name: "out", axes: [...way.lead, outName(s)], shape: [...way.sizes, outSize(s)], back: way.back,
    seen: (index) => seenByOut(s, way, index, index[2]),
    says: ([, , k]) => `${own} ${k % width} of the last layer${direction(k)}`,
    note: both ? `Columns [0:${width}] are forward, [${width}:${2 * width}] backward.` : "",
    same: (index) => (isFinal(s, way, index) ? index : null) };
  const h_n = { ...stateOf(s, way, "h_n", own, width), note: whyTheSame(s, way), same: (index) => inOut(s, way, index) };
  const c_n = s.cell === "LSTM" ? [stateOf(s, way, "c_n", "hidden", s.hidden)] : [];
  return [x, out, h_n, ...c_n, ...headOf(s, way)];
}

function whyTheSame(s, way) {
  const step = way.forgotten ? "window" : "step";
  const backward = s.directions > 1 ? ` Backward, reading ends at ${step} 0.` : "";
  return `out holds the last layer's hidden state after each ${step}, h_n the hidden state of each layer after the last ${step} `
    + `that is read: the dashed numbers are the same.${backward}`;
}

/** h_n or c_n: the batch is axis 1, or what the layer takes for it. */
function stateOf(s, way, name, last, size) {
  const both = s.directions > 1;
  const backward = (k) => both && k % 2 === 1;
  const layer = (k) => `layer ${both ? k >> 1 : k}${both ? (backward(k) ? ", backward" : ", forward") : ""}`;
  const stops = (k) => `${way.forgotten ? "window" : "step"} ${backward(k) ? 0 : way.steps - 1}`;
  return { name, axes: [both ? "layer*direction" : "layer", way.forgotten ? "seq" : "batch", last],
    shape: [s.layers * s.directions, way.rows, size], back: 1, row: ([k]) => (both ? layer(k) : ""),
    seen: ([, row]) => partOf(way, [0, way.steps], row),
    says: ([k, , n]) => `${last} ${n} of ${layer(k)}, after ${stops(k)}` };
}

/** What follows the layer: the state that is picked, and the forecast. */
function headOf(s, way) {
  const note = "Made-up weights: this is no forecast.";
  if (s.head === "every")
    return [{ name: "yhat", axes: [...way.lead, "target"], shape: [...way.sizes, 1], back: way.back, note,
      seen: (index) => seenByOut(s, way, index, null), says: () => "made at this step" }];
  // Both ways: the two states that have read all of the window. One way: the last step of out.
  const both = s.directions > 1;
  const seen = ([i]) =>
    way.forgotten && !both ? partOf(way, [0, i + 1], way.rows - 1) : partOf(way, [0, way.steps], i);
  const [samples, size] = both && way.forgotten ? ["seq", s.seq] : ["batch", s.batch];
  const width = stateSize(s);
  const same = ([i, k]) => {
    if (both) return inOut(s, way, [2 * (s.layers - 1) + (k < width ? 0 : 1), i, k % width]);
    const index = way.first ? [i, s.seq - 1, k] : [s.seq - 1, i, k];
    return isFinal(s, way, index) ? index : null;
  };
  const ahead = (k) => (k ? `${k + 1} steps after the window` : "the step after the window");
  return [
    { name: "last", axes: [samples, outName(s)], shape: [size, outSize(s)], back: null, seen, same,
      says: () => (both ? "the last states of both directions, side by side" : "out at the last step") },
    { name: "yhat", axes: [samples, "horizon", "target"], shape: [size, results(s), 1], back: 0, seen, note,
      says: ([, k]) => `horizon ${k}, ${ahead(k)}` },
  ];
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

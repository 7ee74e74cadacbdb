// The numbers in the tensors: real months in x, what a layer with made-up weights makes of them.

const daysIn = (row) => new Date(Date.UTC(1949, row + 1, 0)).getUTCDate();
const FEATURES = [
  { name: "passengers, in 100,000", of: (row) => DATA.passengers[row] / 100 },
  { name: "month of the year / 12", of: (row) => (row % 12) / 12 },
  { name: "years since 1949 / 12", of: (row) => Math.floor(row / 12) / 12 },
  { name: "days in the month / 31", of: (row) => daysIn(row) / 31 },
];
const INSTANT = 4e6; // so many products are summed before one notices

/** How many products a run of the layer sums. */
function work(s) {
  const weights = weightShapes(s).filter(({ shape }) => shape.length > 1);
  return s.batch * s.seq * weights.reduce((sum, { shape }) => sum + product(shape), 0);
}

/** How many rows the table of months needs for x. */
const rowsOf = (s) => s.batch + s.seq - 1;
const hasMonths = (s) => rowsOf(s) <= DATA.passengers.length && s.input <= FEATURES.length;

/** Why some tensors are drawn without their numbers; "" if all have them. */
function whyNoNumbers(s) {
  const right = "Shapes, code and counts hold for these sizes all the same.";
  if (s.input > FEATURES.length)
    return `Drawn without numbers: the table of months has ${FEATURES.length} features, and x has ${s.input}. ${right}`;
  if (!hasMonths(s))
    return `Drawn without numbers: the table has ${DATA.passengers.length} months, and these windows reach over ${rowsOf(s)}. ${right}`;
  return work(s) > INSTANT ? `Only x is drawn with its numbers: to compute the others takes too long here. ${right}` : "";
}

/** x[window][seq] is a list of features. Window i begins in row i of the table of months. */
const windowsOf = (s) =>
  range(s.batch).map((i) => range(s.seq).map((t) => FEATURES.slice(0, s.input).map((f) => f.of(i + t))));

const transposed = (x) => x[0].map((_, t) => x.map((row) => row[t]));

/** The flat numbers of each tensor by name, as far as there are any. */
function numbersOf(s) {
  if (!hasMonths(s)) return {};
  const way = orientation(s);
  const windows = windowsOf(s);
  const x = (way.first ? windows : transposed(windows)).flat(2);
  if (work(s) > INSTANT) return { x };
  const { out: walked, h_n, c_n } = runLayer(s, way.forgotten ? windows : transposed(windows), madeUpWeights(s));
  const out = way.turned ? transposed(walked) : walked; // as the layer gives it out
  const last = s.head === "every" ? null : pickedFrom(s, way, out, h_n);
  const yhat = (last ?? out.flat()).flatMap(madeUpLinear(s));
  return { x, out: out.flat(2), h_n: h_n.flat(2), c_n: c_n.flat(2), last: last?.flat(), yhat };
}

/** What the linear layer reads, a list for each sample. */
function pickedFrom(s, way, out, h_n) {
  if (s.directions > 1) return h_n.at(-2).map((h, row) => [...h, ...h_n.at(-1)[row]]);
  return way.first ? out.map((part) => part.at(-1)) : out.at(-1);
}

/** The linear layer, whose weights are made up, too. */
function madeUpLinear(s) {
  const [features, place] = [outSize(s), weightShapes(s).length];
  const matrix = cut(madeUp(place, [results(s), features], features), features);
  const bias = madeUp(place + 1, [results(s)], features);
  return (v) => plus(times(matrix, v), bias);
}

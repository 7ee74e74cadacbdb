// What nn.LSTM, nn.GRU and nn.RNN compute, written out: lists of numbers, no library.

// The blocks of rows in a weight, in PyTorch's order.
const BLOCKS = { LSTM: ["i", "f", "g", "o"], GRU: ["r", "z", "n"], RNN: ["h"] };

const range = (n) => Array.from({ length: n }, (_, i) => i);
const product = (sizes) => sizes.reduce((a, b) => a * b, 1);
const sigmoid = (v) => 1 / (1 + Math.exp(-v));

/** How many numbers a hidden state has: with a projection fewer than the cell state. */
const stateSize = (s) => s.proj_size || s.hidden;
const stateName = (s) => (s.proj_size ? "proj" : "hidden");

/** How many numbers out has at a step, which the linear layer reads, and how their axis is called. */
const outSize = (s) => s.directions * stateSize(s);
const outName = (s) => (s.directions > 1 ? `direction*${stateName(s)}` : stateName(s));

/** How many numbers the linear layer gives. */
const results = (s) => (s.head === "horizon" ? s.horizon : 1);

/** Name, shape and axes of each weight of a layer, in the order of state_dict. */
function weightShapes(s) {
  const rows = BLOCKS[s.cell].length;
  const block = rows > 1 ? `${rows}*hidden` : "hidden";
  const [n, h] = [rows * s.hidden, stateSize(s)];
  const own = stateName(s);
  const found = [];
  for (const layer of range(s.layers)) {
    const [reads, below] = layer ? [outSize(s), outName(s)] : [s.input, "feature"];
    for (const direction of range(s.directions)) {
      const end = `_l${layer}${direction ? "_reverse" : ""}`;
      found.push({ name: `weight_ih${end}`, shape: [n, reads], axes: [block, below] });
      found.push({ name: `weight_hh${end}`, shape: [n, h], axes: [block, own] });
      found.push({ name: `bias_ih${end}`, shape: [n], axes: [block] });
      found.push({ name: `bias_hh${end}`, shape: [n], axes: [block] });
      if (s.proj_size)
        found.push({ name: `weight_hr${end}`, shape: [h, s.hidden], axes: ["proj", "hidden"] });
    }
  }
  return found;
}

/** Numbers for the weight at a place in state_dict: always the same, from -1/√size to 1/√size. */
function madeUp(place, shape, size) {
  const number = (i) => (2 * ((389 * place + 573 * i + 17) % 2003)) / 2002 - 1;
  return range(product(shape)).map((i) => number(i) / Math.sqrt(size));
}

/** A list of numbers, cut into rows. */
function cut(values, width) {
  return range(values.length / width).map((r) => values.slice(r * width, (r + 1) * width));
}

/** Made-up weights, by name: a matrix is a list of rows. */
function madeUpWeights(s) {
  const named = weightShapes(s).map(({ name, shape }, place) => {
    const values = madeUp(place, shape, s.hidden);
    return [name, shape.length > 1 ? cut(values, shape[1]) : values];
  });
  return Object.fromEntries(named);
}

const dot = (row, v) => row.reduce((sum, w, i) => sum + w * v[i], 0);
const times = (matrix, v) => matrix.map((row) => dot(row, v));
const plus = (a, b) => a.map((v, i) => v + b[i]);

/** One step for one row of the batch: the gates, and the state after it. */
function step(cell, x, h, c, weights, end) {
  const w = (kind) => weights[`${kind}${end}`];
  const fromX = plus(times(w("weight_ih"), x), w("bias_ih"));
  const fromH = plus(times(w("weight_hh"), h), w("bias_hh"));
  const size = fromX.length / BLOCKS[cell].length;
  const [a, b] = [cut(fromX, size), cut(fromH, size)];
  if (cell === "RNN") return { gates: {}, h: plus(a[0], b[0]).map(Math.tanh), c: [] };
  if (cell === "GRU") {
    const [r, z] = [0, 1].map((k) => plus(a[k], b[k]).map(sigmoid));
    const n = a[2].map((v, i) => Math.tanh(v + r[i] * b[2][i]));
    return { gates: { r, z, n }, h: n.map((v, i) => (1 - z[i]) * v + z[i] * h[i]), c: [] };
  }
  const [i, f, g, o] = range(4).map((k) => plus(a[k], b[k]).map(k === 2 ? Math.tanh : sigmoid));
  const after = c.map((v, k) => f[k] * v + i[k] * g[k]);
  const hidden = after.map((v, k) => o[k] * Math.tanh(v));
  const project = w("weight_hr");
  return { gates: { i, f, g, o }, h: project ? times(project, hidden) : hidden, c: after };
}

/**
 * The whole layer. x[step][row] is a list of features.
 * out[step][row], h_n[layer*direction][row] and c_n alike; record[step][row] is what `step` gave
 * in the last layer, in its forward direction.
 */
function runLayer(s, x, weights) {
  const [h_n, c_n] = [[], []];
  let reads = x;
  let record = [];
  for (const layer of range(s.layers)) {
    const ways = range(s.directions).map((direction) => {
      const end = `_l${layer}${direction ? "_reverse" : ""}`;
      const steps = direction ? range(x.length).reverse() : range(x.length);
      let h = x[0].map(() => Array(stateSize(s)).fill(0));
      let c = x[0].map(() => Array(s.hidden).fill(0));
      const seen = [];
      for (const t of steps) {
        const results = reads[t].map((v, row) => step(s.cell, v, h[row], c[row], weights, end));
        seen[t] = results.map((r, row) => ({ ...r, hBefore: h[row], cBefore: c[row] }));
        [h, c] = [results.map((r) => r.h), results.map((r) => r.c)];
      }
      h_n.push(h);
      c_n.push(c);
      return seen;
    });
    record = ways[0];
    reads = x.map((rows, t) => rows.map((_, row) => ways.flatMap((seen) => seen[t][row].h)));
  }
  return { out: reads, h_n, c_n, record };
}

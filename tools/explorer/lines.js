// The model as code to copy, in PyTorch and in Keras.

const LAYER_NAME = { LSTM: "lstm", GRU: "gru", RNN: "rnn" };
const WIDE = 68; // characters that fit into the box beside the other
const MISTAKE = ["Mistake: batch_first=True is missing. x is (batch, seq, feature),",
  "and this layer takes it for (seq, batch, feature)."];
const tuple = (parts) => `(${parts.join(", ")}${parts.length === 1 ? "," : ""})`;

/** Code with a comment: behind it if both fit on one line, else before it. */
function commented(code, ...comment) {
  const line = `${code}  # ${comment.join(" ")}`;
  return line.length > WIDE ? [...comment.map((part) => `# ${part}`), code].join("\n") : line;
}

/** The call that makes the layer, on one line if it fits. */
function layerLine(s) {
  const given = [`input_size=${s.input}`, `hidden_size=${s.hidden}`];
  if (s.layers > 1) given.push(`num_layers=${s.layers}`);
  if (s.directions > 1) given.push("bidirectional=True");
  if (s.proj_size) given.push(`proj_size=${s.proj_size}`);
  if (s.batch_first === "True") given.push("batch_first=True");
  const line = (open, parts, close) => `${LAYER_NAME[s.cell]} = nn.${s.cell}(${open}${parts}${close})`;
  const short = line("", given.join(", "), "");
  return short.length > WIDE ? line("\n    ", given.join(",\n    "), ",\n") : short;
}

/** All code, from x to the forecast: { text, wrong } for each piece, in order. */
function torchPieces(s, tensors) {
  const axes = Object.fromEntries(tensors.map((t) => [t.name, tuple(t.axes)]));
  const wrong = s.batch_first === "forgotten";
  const state = s.cell === "LSTM" ? "(h_n, c_n)" : "h_n";
  const taken = tuple(["seq", "batch", outName(s)]);
  const out = wrong ? [`out looks like ${axes.out},`, `and was made as ${taken}`] : [`out ${axes.out}`];
  const pieces = [
    { text: "import torch\nfrom torch import nn\n" },
    { text: wrong ? commented(layerLine(s), ...MISTAKE) : layerLine(s), wrong },
    { text: `linear = nn.Linear(${outSize(s)}, ${results(s)})\n` },
    { text: commented(`out, ${state} = ${LAYER_NAME[s.cell]}(x)`, ...out), wrong },
  ];
  if (s.head === "every") return [...pieces, { text: commented("yhat = linear(out)", axes.yhat) }];
  const picked = s.directions > 1
    ? "torch.cat((h_n[-2], h_n[-1]), dim=1)"
    : s.batch_first === "False" ? "out[-1]" : "out[:, -1]";
  const shaped = s.head === "horizon" ? `.unflatten(1, (${s.horizon}, 1))` : "[:, None]";
  return [...pieces, { text: commented(`last = ${picked}`, `last ${axes.last}`) },
    { text: commented(`yhat = linear(last)${shaped}`, axes.yhat) }];
}

/** The same in Keras, whose layers are stacked one by one. */
function kerasLines(s) {
  const kind = { LSTM: "LSTM", GRU: "GRU", RNN: "SimpleRNN" }[s.cell];
  const lines = [`    layers.Input((${s.seq}, ${s.input})),`];
  for (const layer of range(s.layers)) {
    const all = layer < s.layers - 1 || s.head === "every" ? ", return_sequences=True" : "";
    const own = `layers.${kind}(${s.hidden}${all})`;
    lines.push(`    ${s.directions > 1 ? `layers.Bidirectional(${own})` : own},`);
  }
  lines.push(`    layers.Dense(${results(s)}),`);
  if (s.head !== "every") lines.push(`    layers.Reshape((${results(s)}, 1)),`);
  return ["import keras", "from keras import layers", "", "model = keras.Sequential([", ...lines, "])"].join("\n");
}

/** What has no counterpart in Keras, in words. */
function kerasNotes(s) {
  const notes = [];
  if (s.proj_size) notes.push("Keras has no proj_size: these lines leave it out.");
  if (s.batch_first !== "True") notes.push("Keras always reads (batch, seq, feature).");
  if (s.cell !== "GRU") notes.push("Keras has one bias where PyTorch has two: fewer weights.");
  return notes.join(" ");
}

// The model as code to copy, in PyTorch and in Keras.

const LAYER_NAME = { LSTM: "lstm", GRU: "gru", RNN: "rnn" };
const tuple = (parts) => `(${parts.join(", ")}${parts.length === 1 ? "," : ""})`;

/** The one line that makes the layer. */
function layerLine(s) {
  const given = [`input_size=${s.input}`, `hidden_size=${s.hidden}`];
  if (s.layers > 1) given.push(`num_layers=${s.layers}`);
  if (s.directions > 1) given.push("bidirectional=True");
  if (s.proj_size) given.push(`proj_size=${s.proj_size}`);
  if (s.batch_first === "True") given.push("batch_first=True");
  return `${LAYER_NAME[s.cell]} = nn.${s.cell}(${given.join(", ")})`;
}

/** All lines, from x to the forecast, each with the axes of what it makes. */
function torchLines(s, tensors) {
  const axes = Object.fromEntries(tensors.map((t) => [t.name, tuple(t.axes)]));
  const name = LAYER_NAME[s.cell];
  const both = s.directions > 1;
  const lines = ["import torch", "from torch import nn", "", layerLine(s)];
  lines.push(`linear = nn.Linear(${outSize(s)}, ${results(s)})`, "");
  const state = s.cell === "LSTM" ? "(h_n, c_n)" : "h_n";
  lines.push(`out, ${state} = ${name}(x)  # out ${axes.out}`);
  if (s.head === "every") return [...lines, `yhat = linear(out)  # ${axes.yhat}`].join("\n");
  const picked = both
    ? "torch.cat((h_n[-2], h_n[-1]), dim=1)"
    : s.batch_first === "False" ? "out[-1]" : "out[:, -1]";
  lines.push(`last = ${picked}  # ${axes.last}`);
  const shaped = s.head === "horizon" ? `.unflatten(1, (${s.horizon}, 1))` : "[:, None]";
  lines.push(`yhat = linear(last)${shaped}  # ${axes.yhat}`);
  return lines.join("\n");
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

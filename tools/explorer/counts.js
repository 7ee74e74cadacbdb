// How many weights there are, and why.

// The blocks of rows in words.
const GATES = {
  i: "input gate", f: "forget gate", g: "candidate", o: "output gate",
  r: "reset gate", z: "update gate", n: "candidate",
};
const counted = (n) => n.toLocaleString("en");
const anOrA = (cell) => (cell === "GRU" ? "A GRU" : `An ${cell}`);

/** How many weights: [of the recurrent layer, of the linear one]. */
function parameters(s) {
  const own = weightShapes(s).reduce((sum, { shape }) => sum + product(shape), 0);
  return [own, results(s) * (outSize(s) + 1)];
}

/** What the rows of a weight are, in words. */
function blocksInWords(s) {
  const names = BLOCKS[s.cell];
  if (names.length === 1) return "An RNN computes one thing at a step, its hidden state: a weight has hidden rows.";
  const rows = names.map((name, k) => `[${k * s.hidden}:${(k + 1) * s.hidden}] ${k ? "" : "make "}${name} (${GATES[name]})`);
  return `The ${names.length} in ${names.length}*hidden: at each step ${anOrA(s.cell).replace("A", "a")} computes ${names.length} things `
    + `for each hidden number. Each of them has its own group of rows in a weight, a block, with one row for each hidden number: rows ${rows.join(", ")}.`;
}

/** The count as formulas: [of what, in words that can be typed, in numbers, what comes out]. */
function formulas(s) {
  const blocks = BLOCKS[s.cell].length;
  const [both, times] = [s.directions > 1, (factor, rest) => (factor ? `${factor}*${rest}` : rest)];
  const h = stateSize(s);
  const own = s.proj_size ? "proj_size" : "hidden";
  const outWords = times(both && "directions", own);
  const line = (of, reads, words, count, countWords) => {
    const part = (rows, sum, project) => {
      const gates = `${times(blocks > 1 && blocks, rows)}*(${sum} + 2)`;
      return project ? `(${gates} + ${project})` : gates;
    };
    const inWords = part("hidden", `${words} + ${own}`, s.proj_size && "proj_size*hidden");
    const inNumbers = part(s.hidden, `${reads} + ${h}`, s.proj_size && `${h}*${s.hidden}`);
    const one = blocks * s.hidden * (reads + h + 2) + s.proj_size * s.hidden;
    return [of, times(countWords, times(both && "directions", inWords)),
      times(count > 1 && count, times(both && 2, inNumbers)), count * s.directions * one];
  };
  const found = [line("layer 0", s.input, "input", 1, "")];
  const more = s.layers - 1;
  if (more) found.push(line(more > 1 ? `layers 1 to ${more}` : "layer 1", outSize(s), outWords, more, more > 1 && "(layers - 1)"));
  const many = s.head === "horizon";
  const head = (count, sum) => (many ? `${count}*(${sum})` : sum);
  return [...found, ["head", head("horizon", `${outWords} + 1`), head(s.horizon, `${outSize(s)} + 1`), parameters(s)[1]]];
}

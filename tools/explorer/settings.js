// The settings: what may be chosen, what is read from a link, and what a link says.

const CHOICES = {
  cell: ["LSTM", "GRU", "RNN"],
  batch: [1, 4096],
  seq: [1, 1000],
  input: [1, 256],
  hidden: [1, 1024],
  layers: [1, 8],
  directions: [1, 2],
  proj_size: [0, 1023],
  batch_first: ["True", "False", "forgotten"],
  head: ["last", "every", "horizon"],
  horizon: [2, 500],
};
const START = {
  cell: "LSTM", batch: 5, seq: 12, input: 2, hidden: 3, layers: 1, directions: 1,
  proj_size: 0, batch_first: "True", head: "last", horizon: 4,
};

/** Settings that go together, and a sentence for each that had to be changed. */
function settled(wanted) {
  const [s, notes] = [{}, []];
  for (const [name, choice] of Object.entries(CHOICES)) {
    const value = wanted[name] ?? START[name];
    if (typeof choice[0] === "string") {
      s[name] = choice.includes(value) ? value : START[name];
      if (s[name] !== value) notes.push(`${name} is one of ${choice.join(", ")}: ${s[name]} is taken.`);
      continue;
    }
    const number = Math.round(Number(value));
    s[name] = Number.isFinite(number) && value !== "" ? Math.min(Math.max(number, choice[0]), choice[1]) : START[name];
    if (String(s[name]) !== String(value))
      notes.push(`${name} is a whole number from ${choice[0]} to ${choice[1]}: ${s[name]} is taken.`);
  }
  if (s.proj_size && s.cell !== "LSTM") {
    s.proj_size = 0;
    notes.push("Only an LSTM has proj_size: it is 0 here.");
  }
  if (s.proj_size >= s.hidden) {
    s.proj_size = s.hidden - 1;
    notes.push(`proj_size has to be below hidden: ${s.proj_size} is taken.`);
  }
  return { settings: s, notes };
}

const fromLink = (hash) => Object.fromEntries(new URLSearchParams(hash.replace(/^#/, "")));
const asLink = (s) => `#${new URLSearchParams(Object.entries(s).map(([k, v]) => [k, String(v)]))}`;

/** Keep the settings in the address, where there is one: a frame without an address has none. */
function keepInAddress(s) {
  try {
    history.replaceState(null, "", asLink(s));
  } catch {
    // A frame in a notebook: there is nothing to keep them in.
  }
}

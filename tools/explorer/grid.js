// A tensor as a block: its front sheet is a table, the other sheets lie behind it.

/** An element with attributes and children; a function listens, null is left out. */
function el(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const find = (id) => document.getElementById(id);
const rounded = (v) => (Math.abs(v) < 0.005 ? "0.00" : v.toFixed(2).replace("-", "\u2212"));
const named = (t) => t.axes.map((axis, k) => `${axis}=${t.shape[k]}`).join(" · ");

/** Where a number lies in the flat list of values. */
const flat = (t, index) => index.reduce((place, i, k) => place * t.shape[k] + i, 0);

/** The colour of a number, stronger the further it is from 0. */
function heat(v) {
  const share = Math.round(45 * Math.min(Math.abs(v), 1));
  return `background: color-mix(in srgb, var(--${v < 0 ? "minus" : "plus"}) ${share}%, transparent)`;
}

/**
 * Draw a tensor. `view` says:
 *   sheet         which sheet is in front,
 *   header(index) what stands before a row, behind its number,
 *   marks(index)  the classes of a cell,
 *   point(index)  is called for the number that is pointed at, `turn(sheet)` for another sheet.
 */
function drawTensor(t, view) {
  const [down, right] = t.axes.map((_, k) => k).filter((k) => k !== t.back);
  const index = (row, column) => {
    const found = [];
    found[down] = row;
    found[right] = column;
    if (t.back !== null) found[t.back] = view.sheet;
    return found;
  };
  const cells = [];
  let stop = null;
  const cell = (row, column) => {
    const at = index(row, column);
    const value = t.values[flat(t, at)];
    const made = el("td", {
      style: value === undefined ? null : heat(value),
      tabindex: row + column ? "-1" : "0",
      class: view.marks(at),
      "data-at": at.join(),
      pointerenter: () => view.point(at),
      focus: () => {
        stop.tabIndex = -1;
        stop = made; // Tab comes back to where one was
        stop.tabIndex = 0;
        view.point(at);
      },
      keydown: (event) => move(event, row, column),
    }, value === undefined ? "" : rounded(value));
    (cells[row] ??= [])[column] = made;
    stop ??= made;
    return made;
  };
  const move = (event, row, column) => {
    const [rows, columns] = [t.shape[down], t.shape[right]];
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
      Home: [0, -column], End: [0, columns - 1 - column] }[event.key];
    const sheets = { PageUp: -1, PageDown: 1 }[event.key];
    if (!by && !sheets) return;
    event.preventDefault();
    if (sheets) {
      const to = view.sheet + sheets;
      if (t.back !== null && to >= 0 && to < t.shape[t.back]) view.turn(to, index(row, column));
      return;
    }
    cells[Math.min(Math.max(row + by[0], 0), rows - 1)][Math.min(Math.max(column + by[1], 0), columns - 1)].focus();
  };
  const head = el("tr", {}, el("th", { scope: "col", class: "corner" }, `${t.axes[down]} ↓  ${t.axes[right]} →`),
    ...range(t.shape[right]).map((k) => el("th", { scope: "col" }, `${k}`)));
  const body = range(t.shape[down]).map((row) =>
    el("tr", {}, el("th", { scope: "row" }, `${row}`, el("small", {}, view.header(index(row, 0)))),
      ...range(t.shape[right]).map((column) => cell(row, column))));
  const behind = t.back === null ? 0 : Math.min(t.shape[t.back] - 1, 3);
  const title = `${t.name} ${tuple(t.shape)}`;
  return el("section", { class: "tensor", "data-tensor": t.name },
    el("h3", {}, el("code", {}, t.name), " ", el("code", { class: "shape" }, tuple(t.shape))),
    el("p", { class: "axes" }, named(t)),
    el("div", { class: `scroll behind-${behind}` },
      el("table", { role: "grid", "aria-label": `${title}, ${named(t)}` }, el("thead", {}, head), el("tbody", {}, ...body))),
    t.back === null ? null : sheets(t, view));
}

/** A button for each sheet of a tensor; a dot below those that hold a marked number. */
function sheets(t, view) {
  const axis = t.axes[t.back];
  return el("p", { class: "sheets", role: "group", "aria-label": `Sheets of ${t.name}` }, `${axis} into the page: `,
    ...range(t.shape[t.back]).map((k) =>
      el("button", { type: "button", "aria-pressed": `${k === view.sheet}`, "aria-label": `${axis} ${k} in front`,
        "data-sheet": k, click: () => view.turn(k, null) }, `${k}`)));
}

// A tensor as a block: its front sheet is a table, the other sheets lie behind it.

// So many of an axis are all drawn; of a longer one the first so many, and the last two.
const MOST = { rows: [24, 8], columns: [12, 6], sheets: [12, 5] };
const MINUS = "\u2212";

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
const rounded = (v) => (Math.abs(v) < 0.005 ? "0.00" : v.toFixed(2).replace("-", MINUS));
const named = (t) => t.axes.map((axis, k) => `${axis}=${t.shape[k]}`).join(" · ");
const inFront = (axis) => ({ batch: "window", seq: "step" })[axis] ?? axis;

/** Where a number lies in the flat list of values. */
const flat = (t, index) => index.reduce((place, i, k) => place * t.shape[k] + i, 0);
const valueAt = (t, index) => t.values?.[flat(t, index)];

/** What is drawn of an axis: all of it, or its beginning, a gap (null) and its end. */
function drawnOf(size, [all, first]) {
  return size <= all ? range(size) : [...range(first), null, size - 2, size - 1];
}

/** The colour of a number, stronger the further it is from 0. */
const heat = (v) => (Math.abs(v) < 0.005 ? null
  : `--strong: ${Math.sqrt(Math.min(Math.abs(v), 1)).toFixed(2)}; --colour: var(--${v < 0 ? "minus" : "plus"})`);

/**
 * Draw a tensor. `view` says:
 *   sheet         which sheet is in front,
 *   blank         what stands for a number that there is not,
 *   header(index) what stands before a row, behind its number,
 *   marks(index)  the classes of a cell,
 *   point(index)  is called for the number that is pointed at, `turn(sheet)` for another sheet.
 */
function drawTensor(t, view) {
  const [down, right] = t.axes.map((_, k) => k).filter((k) => k !== t.back);
  const [rows, columns] = [drawnOf(t.shape[down], MOST.rows), drawnOf(t.shape[right], MOST.columns)];
  const index = (row, column) => {
    const found = [];
    found[down] = row;
    found[right] = column;
    if (t.back !== null) found[t.back] = view.sheet;
    return found;
  };
  const cells = []; // those that can be pointed at, a list for each row
  let stop = null;
  const cell = (row, column, line, place) => {
    const at = index(row, column);
    const value = valueAt(t, at);
    const made = el("td", {
      style: value === undefined ? null : heat(value),
      tabindex: stop ? "-1" : "0",
      class: view.marks(at),
      "data-at": at.join(),
      "aria-label": value === undefined ? "not computed" : null,
      pointerenter: () => view.point(at),
      focus: () => {
        stop.tabIndex = -1;
        stop = made; // Tab comes back to where one was
        stop.tabIndex = 0;
        view.point(at);
      },
      keydown: (event) => move(event, line, place, at),
    }, value === undefined ? view.blank : rounded(value));
    (cells[line] ??= []).push(made);
    stop ??= made;
    return made;
  };
  const move = (event, line, place, at) => {
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
      Home: [0, -place], End: [0, cells[line].length - 1 - place] }[event.key];
    const sheets = { PageUp: -1, PageDown: 1 }[event.key];
    if (!by && !sheets) return;
    event.preventDefault();
    if (sheets) {
      const to = view.sheet + sheets;
      if (t.back !== null && to >= 0 && to < t.shape[t.back]) view.turn(to, at);
      return;
    }
    const within = (k, size) => Math.min(Math.max(k, 0), size - 1);
    cells[within(line + by[0], cells.length)][within(place + by[1], cells[line].length)].focus();
  };
  const gap = (tag, sign) => el(tag, { class: "gap", "aria-label": "and so on" }, sign);
  const head = [
    el("tr", {}, el("th", { class: "axis", colspan: columns.length + 1 }, el("span", {}, `${t.axes[right]} →`))),
    el("tr", {}, el("th", { scope: "col", class: "corner" }, `${t.axes[down].replace("*", "*\u200b")}\u00a0↓`), // may break there
      ...columns.map((k) => (k === null ? gap("th", "…") : el("th", { scope: "col" }, `${k}`)))),
  ];
  const header = (row) => {
    const name = view.header(index(row, 0));
    return el("th", { scope: "row", class: name.length > 10 ? "long" : null }, `${row}`, el("small", {}, ` ${name}`));
  };
  let line = -1;
  const body = rows.map((row) => {
    if (row === null) return el("tr", {}, gap("th", "…"), ...columns.map(() => gap("td", "⋮")));
    let place = -1;
    line += 1;
    return el("tr", {}, header(row),
      ...columns.map((column) => (column === null ? gap("td", "…") : cell(row, column, line, (place += 1)))));
  });
  const behind = t.back === null ? 0 : Math.min(t.shape[t.back] - 1, 3);
  const title = `${t.name} ${tuple(t.shape)}`;
  return el("section", { class: "tensor", "data-tensor": t.name },
    el("h3", {}, el("code", {}, t.name), " ", el("code", { class: "shape" }, tuple(t.shape))),
    el("p", { class: "axes" }, named(t)),
    el("div", { class: `scroll behind-${behind}` },
      el("table", { role: "grid", "aria-label": `${title}, ${named(t)}` }, el("thead", {}, ...head), el("tbody", {}, ...body))),
    t.back === null ? null : sheets(t, view),
    t.note ? el("p", { class: "note" }, t.note) : null);
}

/** A button for each sheet of a tensor; underlined are those that hold a marked number. */
function sheets(t, view) {
  const what = inFront(t.axes[t.back]);
  const drawn = drawnOf(t.shape[t.back], MOST.sheets);
  if (!drawn.includes(view.sheet)) drawn.splice(drawn.indexOf(null) + 1, 0, view.sheet);
  return el("p", { class: "sheets", role: "group", "aria-label": `Sheets of ${t.name}` }, `${what} in front: `,
    ...drawn.map((k) => (k === null ? "… "
      : el("button", { type: "button", "aria-pressed": `${k === view.sheet}`, "aria-label": `${what} ${k} in front`,
        "data-sheet": k, click: () => view.turn(k, null) }, `${k}`))));
}

/** Tell by a line which boxes go on to the right. */
function tellWhatIsCut() {
  for (const box of document.querySelectorAll(".scroll")) {
    box.classList.remove("cut"); // the line must not change what is measured
    box.classList.toggle("cut", box.scrollWidth > box.clientWidth + 1);
  }
}
addEventListener("resize", tellWhatIsCut);

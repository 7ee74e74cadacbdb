// Ranks the places of places.js by BM25: rare words count more, long sections less. A word that is
// nowhere costs nothing, since a pasted error has numbers and names of its own.
"use strict";

const MOST = 20; // results that are shown
const AROUND = 110; // characters of a snippet, on each side

// Words and numbers, small, without the s of a plural: "batch_first", "h_n", "window".
function words(text) {
  const found = text.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_]*|\p{N}+/gu) ?? [];
  return found.map((word) => (word.length > 3 ? word.replace(/s$/, "") : word));
}

function counts(list) {
  const found = new Map();
  for (const word of list) found.set(word, (found.get(word) ?? 0) + 1);
  return found;
}

// A word of a title counts as five in the text, one of the page's title as one.
function prepare([page, pageTitle, anchor, title, text]) {
  const own = words(title);
  const all = [...own, ...own, ...own, ...own, ...own, ...words(pageTitle), ...words(text)];
  const plain = phrase([...own, ...words(text)]);
  return { page, pageTitle, anchor, title, text, counts: counts(all), length: all.length, plain };
}

const isWord = (word) => !/^\p{N}+$/u.test(word);

// Words in their order, to look for those of a query as they stand, whatever numbers are between.
function phrase(list) {
  return ` ${list.filter(isWord).join(" ")} `;
}

// The words of a query, without numbers where there are words enough.
function asked(query) {
  const all = [...new Set(words(query))];
  const named = all.filter(isWord);
  return named.length > 1 ? named : all;
}

function search(places, query) {
  const wanted = asked(query);
  const asItStands = phrase(words(query));
  const mean = places.reduce((sum, place) => sum + place.length, 0) / places.length;
  const weights = wanted.map((word) => {
    const n = places.filter((place) => place.counts.has(word)).length;
    return n && Math.log(1 + (places.length - n + 0.5) / (n + 0.5));
  });
  const most = weights.reduce((sum, weight) => sum + weight, 0);
  const scored = places.map((place) => {
    let score = 0;
    let met = 0;
    wanted.forEach((word, i) => {
      const n = place.counts.get(word) ?? 0;
      score += (weights[i] * n * 2.2) / (n + 1.2 * (0.25 + (0.75 * place.length) / mean));
      met += n ? weights[i] : 0;
    });
    if (wanted.length > 1 && place.plain.includes(asItStands)) score *= 2;
    return { place, score: most && (score * met) / most };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ place }) => place);
}

// Where in the text most of the words stand close together, as one piece for each of its parts.
function snippet(text, wanted) {
  const marks = [...text.matchAll(/[\p{L}_][\p{L}\p{N}_]*|\p{N}+/gu)]
    .filter((match) => wanted.includes(words(match[0])[0]))
    .map((match) => [match.index, match.index + match[0].length]);
  const near = ([begin]) =>
    new Set(
      marks
        .filter(([b]) => b >= begin && b < begin + 2 * AROUND)
        .map(([b, e]) => words(text.slice(b, e))[0]),
    ).size;
  const best = marks.reduce((a, b) => (near(b) > near(a) ? b : a), marks[0] ?? [0, 0]);
  const from = Math.max(0, best[0] - AROUND / 2);
  const to = Math.min(text.length, from + 2 * AROUND);
  const parts = [];
  let at = from;
  for (const [begin, end] of marks.filter(([b, e]) => b >= from && e <= to)) {
    parts.push([text.slice(at, begin), false], [text.slice(begin, end), true]);
    at = end;
  }
  parts.push([text.slice(at, to), false]);
  return [[from ? "… " : "", false], ...parts, [to < text.length ? " …" : "", false]];
}

function element(name, text, children = []) {
  const made = document.createElement(name);
  made.textContent = text;
  made.append(...children);
  return made;
}

function shown(place, wanted) {
  const link = element("a", place.title);
  link.href = `${place.page}#${place.anchor}`;
  const where = element("span", place.pageTitle);
  const parts = snippet(place.text, wanted).map(([text, hit]) => (hit ? element("mark", text) : text));
  return element("li", "", [link, where, element("p", "", parts)]);
}

function show(query) {
  const found = query.trim() ? search(PLACES.map(prepare), query) : [];
  document.querySelectorAll("input[name=q]").forEach((input) => (input.value = query));
  document.getElementById("found").append(
    ...found.slice(0, MOST).map((place) => shown(place, asked(query))),
  );
  document.getElementById("count").textContent = !query.trim()
    ? "Paste an error text, or type a name or a question."
    : found.length
      ? `The best ${Math.min(found.length, MOST)} of ${found.length} sections.`
      : "Nothing was found. Try fewer words, or those of the error without your own names.";
}

show(new URLSearchParams(location.search).get("q") ?? "");

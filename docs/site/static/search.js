// Ranks the places of places.js by BM25: rare words count more, long sections less. A word that is
// nowhere costs nothing, since a pasted error has numbers and names of its own; words that stand
// one after the other, as in the query, count more.
"use strict";

const MOST = 20; // results that are shown
const AROUND = 220; // characters of a snippet
const WORD = /[\p{L}_][\p{L}\p{N}_]*|\p{N}+/gu; // "batch_first" and "h_n" are words, too
const ENDING = /(?<=\w{4})(ing|ion|er)s?$|(?<=\w{3})(ed|es|e)$|(?<=\w{2}[^s_])s$/;
const COMMON = new Set(
  ("a an and are as at be but by can do does for from have how i if in is it its me my not of on or " +
    "between difference should so than that the their then there this to was what when where which why will with you your " +
    "runtimeerror valueerror typeerror indexerror attributeerror userwarning torch")
    .split(" ")
    .map(stem),
);

function stem(word) {
  return word.includes("_") ? word : word.replace(ENDING, "");
}

function words(text) {
  return (text.toLowerCase().match(WORD) ?? []).map(stem);
}

// All words of a text, and the parts of those like "hidden_size".
function withParts(list) {
  return list.flatMap((word) =>
    word.includes("_") ? [word, ...word.split("_").filter(Boolean).map(stem)] : [word],
  );
}

const isNumber = (word) => /^\p{N}+$/u.test(word);

// Neighbours, whatever numbers stand between them.
function pairs(list) {
  const named = list.filter((word) => !isNumber(word));
  return named.slice(1).map((word, i) => `${named[i]} ${word}`);
}

// The words of a query that tell something: numbers and common words only where there are no others.
function asked(query) {
  const all = [...new Set(words(query))];
  const telling = all.filter((word) => !isNumber(word) && !COMMON.has(word));
  return telling.length ? telling : all;
}

// A word of a title counts as five in the text, one of the page's title as one.
function prepare([page, pageTitle, anchor, title, text]) {
  const [own, inText] = [words(title), words(text)];
  const all = withParts([...own, ...own, ...own, ...own, ...own, ...words(pageTitle), ...inText]);
  const counts = new Map();
  for (const word of all) counts.set(word, (counts.get(word) ?? 0) + 1);
  const near = new Set([...pairs(own), ...pairs(inText)]);
  return { page, pageTitle, anchor, title, text, counts, length: all.length, near };
}

// Whether a name of the reference is meant, or only words that its description has, too.
function isAskedFor(place, wanted) {
  const name = withParts(words(place.title.split(".").at(-1)));
  return name.some((word) => wanted.includes(word));
}

function search(places, query) {
  const wanted = asked(query);
  const inOrder = pairs(words(query));
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
      score += (weights[i] * n * 2.2) / (n + 1.2 * (0.5 + (0.5 * place.length) / mean));
      met += n ? weights[i] : 0;
    });
    const asItStands = inOrder.filter((pair) => place.near.has(pair)).length;
    if (place.page.startsWith("api/") && !isAskedFor(place, wanted)) score *= 0.5;
    if (inOrder.length) score *= 1 + (2 * asItStands) / inOrder.length;
    return { place, score: most && (score * met) / most };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ place }) => place);
}

// The part of a text where most of the words stand, as pieces: [text, whether it is a word].
function snippet(text, wanted) {
  const hits = [...text.matchAll(WORD)]
    .map((match) => [match.index, match.index + match[0].length, stem(match[0].toLowerCase())])
    .filter(([, , word]) => wanted.includes(word));
  const around = ([begin]) => hits.filter(([b]) => b >= begin && b < begin + AROUND);
  const different = (hit) => new Set(around(hit).map(([, , word]) => word)).size;
  const best = hits.reduce((a, b) => (different(b) > different(a) ? b : a), hits[0] ?? [0]);
  const from = Math.max(0, best[0] - AROUND / 4);
  const to = Math.min(text.length, from + AROUND);
  const pieces = [[from ? "… " : "", false]];
  let at = from;
  for (const [begin, end] of hits.filter(([b, e]) => b >= from && e <= to)) {
    pieces.push([text.slice(at, begin), false], [text.slice(begin, end), true]);
    at = end;
  }
  return [...pieces, [text.slice(at, to), false], [to < text.length ? " …" : "", false]];
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
  const pieces = snippet(place.text, wanted).map(([text, hit]) =>
    hit ? element("mark", text) : text,
  );
  return element("li", "", [link, element("span", place.pageTitle), element("p", "", pieces)]);
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
      ? `The best ${Math.min(found.length, MOST)} of ${found.length} places.`
      : "Nothing was found. Try fewer words, or those of the error without your own names.";
}

show(new URLSearchParams(location.search).get("q") ?? "");

"""What the search looks through: every section of every page, with its address.

Sphinx's own search finds pages, and none that lacks a single word of the query. Whoever pastes an
error has other numbers in it, and wants the section. So the build writes `places.js`, a list of
[page, title of the page, anchor, title of the place, text], and static/search.js ranks them. On
some pages each row of a table is a place: a question, a word or a message.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

TAG = re.compile(r"<style.*?</style>|<[^>]+>", re.DOTALL)
UNSEEN = (nodes.comment, addnodes.toctree)
LEFT_OUT = ("CHANGELOG",)
BY_ROWS = ("docs/answers", "docs/questions", "docs/glossary")


def is_place(node) -> bool:
    """Whether a link can lead there. A name's address is that of its signature."""
    if isinstance(node, addnodes.desc):
        return bool(node[0]["ids"])
    return isinstance(node, nodes.section | nodes.row) and bool(node["ids"])


def plain(node) -> str:
    """All text of a node but that of the places within it."""
    if is_place(node) or isinstance(node, UNSEEN):
        return ""
    if isinstance(node, nodes.Text):
        return str(node)
    if isinstance(node, nodes.raw):
        return TAG.sub(" ", node.astext())
    inline = isinstance(node, nodes.TextElement)
    return ("" if inline else "\n").join(map(plain, node.children))


def described(node) -> tuple[str, str, list]:
    """Anchor and title of a place, and the nodes that hold its text."""
    if isinstance(node, nodes.section):
        return node["ids"][0], node.next_node(nodes.title).astext(), node.children[1:]
    if isinstance(node, nodes.row):
        first, second, *_ = (entry.astext() for entry in node)
        is_number = re.fullmatch(r"[QT]\d+", first)
        return node["ids"][0], second if is_number else first, node.children
    signature, content = node
    name = signature["ids"][0]
    return name, name.removeprefix("lstm_helpers."), [*signature.children, *content.children]


def places(doctree) -> list[tuple[str, str, str]]:
    """Anchor, title and text of each section, name of the reference and row, in order."""
    found = []
    for node in doctree.findall(is_place):
        anchor, title, parts = described(node)
        text = re.sub(r"\s+", " ", "\n".join(map(plain, parts))).strip()
        found.append((anchor, title, text))
    return found


def name_rows(app, doctree) -> None:
    """Give the rows of tables names: row-0 is the first one below a head."""
    if app.env.docname in BY_ROWS:
        bodies = doctree.findall(nodes.tbody)
        rows = [row for body in bodies for row in body.findall(nodes.row) if len(row) > 1]
        for number, row in enumerate(rows):
            row["ids"].append(f"row-{number}")


def collect(app, doctree, docname: str) -> None:
    """Remember the places of a page, once its outputs have been chosen and its links made."""
    page, title = app.builder.get_target_uri(docname), app.env.titles[docname].astext()
    if docname not in LEFT_OUT:
        app.places[docname] = [[page, title, *place] for place in places(doctree)]


def write(app, error) -> None:
    if error is None:
        listed = [place for docname in sorted(app.places) for place in app.places[docname]]
        text = f"const PLACES = {json.dumps(listed, ensure_ascii=False)};\n"
        (Path(app.outdir) / "_static" / "places.js").write_text(text, encoding="utf-8")


def start(app) -> None:
    app.builder.search = False  # Sphinx's own index
    app.places = {}


def setup(app):
    app.connect("builder-inited", start)
    app.connect("doctree-read", name_rows)
    app.connect("doctree-resolved", collect)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True}

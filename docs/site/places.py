"""What the search looks through: every section of every page, with its address.

Sphinx's own search finds pages, and none that lacks a single word of the query. Whoever pastes an
error has other numbers in it, and wants the section. So the build writes `places.js`, a list of
[page, title of the page, anchor, title of the section, text], and static/search.js ranks them.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

TAG = re.compile(r"<style.*?</style>|<[^>]+>", re.DOTALL)
SKIPPED = (nodes.section, addnodes.desc, nodes.comment, addnodes.toctree)


def plain(node) -> str:
    """All text of a node but that of the sections within it."""
    if isinstance(node, SKIPPED):
        return ""
    if isinstance(node, nodes.Text):
        return str(node)
    if isinstance(node, nodes.raw):
        return TAG.sub(" ", node.astext())
    inline = isinstance(node, nodes.TextElement)
    return ("" if inline else "\n").join(map(plain, node.children))


def places(doctree) -> list[tuple[str, str, str]]:
    """Anchor, title and text of each section, and of each name of the reference, in order."""
    found = []
    for node in doctree.findall(lambda n: isinstance(n, nodes.section | addnodes.desc)):
        if isinstance(node, nodes.section):
            anchor, title = node["ids"][0], node.next_node(nodes.title).astext()
            parts = node.children[1:]
        else:
            signature = node[0]
            if not signature.get("ids"):
                continue
            anchor, title = signature["ids"][0], signature["ids"][0].removeprefix("lstm_helpers.")
            parts = [*signature.children, *node[1].children]
        text = re.sub(r"\s+", " ", "\n".join(map(plain, parts))).strip()
        found.append((anchor, title, text))
    return found


def collect(app, doctree, docname: str) -> None:
    """Remember the places of a page, once its outputs have been chosen and its links made."""
    page = app.builder.get_target_uri(docname)
    title = app.env.titles[docname].astext()
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
    app.connect("doctree-resolved", collect)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True}

"""The files of the site: no link is broken, nothing comes from elsewhere, nothing is missing."""

import html
import importlib
import inspect
import re
import sys
import zipfile
from functools import cache
from html.parser import HTMLParser

import pytest
from conftest import SITE

from notebooks import PATHS, ROOT, code_cells, exercises, read, without_badges

sys.path.append(str(ROOT / "tools"))
from build_site import MODULES, lesson, linked, place, reference
from lessons import proofs
from publish import published

# The explorer is a page of its own, which docs/explorer.html frames and hands out.
ALONE = {*SITE.glob("_downloads/*/explorer.html"), SITE / "lstm_helpers" / "data" / "explorer.html"}
PAGES = sorted({*SITE.rglob("*.html")} - ALONE)
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(SITE)))
lessons = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


class Page(HTMLParser):
    """What a page links, loads and names."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.ids, self.images, self.titles = [], [], set(), [], 0
        self.folds = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids |= {found["id"]} if "id" in found else set()
        self.titles += tag == "h1"
        self.folds += tag == "details"
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in ("script", "img", "source", "iframe") and "src" in found:
            self.loads.append(found["src"])
        if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload"):
            self.loads.append(found["href"])
        if tag == "img":
            self.images.append(found)


@cache
def parsed(path):
    return Page(path.read_text(encoding="utf-8"))


def plain(text):
    """The text of a piece of HTML, with what is folded."""
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def shown(path):
    return plain(path.read_text(encoding="utf-8"))


def page_of(path):
    return SITE / "notebooks" / f"{path.stem}.html"


def test_there_is_a_page_for_every_lesson_and_every_page_of_docs():
    names = {str(page.relative_to(SITE)) for page in PAGES}
    assert {f"notebooks/{path.stem}.html" for path in PATHS} <= names
    assert {f"docs/{path.stem}.html" for path in (ROOT / "docs").glob("*.md")} <= names
    assert {"index.html", "search.html", "CONTRIBUTING.html", "CHANGELOG.html"} <= names


@pages
def test_every_link_leads_to_a_place_that_is_there(page):
    for link in parsed(page).links:
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = html.unescape(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_file(), link
        assert not anchor or anchor in parsed(target).ids, link


@pages
def test_nothing_is_loaded_from_elsewhere(page):
    assert not [load for load in parsed(page).loads if "//" in load]


@pages
def test_a_page_has_one_title_and_words_for_every_picture(page):
    assert parsed(page).titles == 1
    assert all(image.get("alt", "").strip() for image in parsed(page).images)


@pages
def test_every_page_is_reached_from_the_first_one(page):
    first = {
        (SITE / link.partition("#")[0]).resolve() for link in parsed(SITE / "index.html").links
    }
    assert page.name in ("index.html", "search.html") or page in first


@lessons
def test_every_cell_has_a_place_of_its_own(path):
    names = {place(path.name, cell.id) for cell in without_badges(read(path))}
    assert names <= parsed(page_of(path)).ids


@lessons
def test_a_picture_is_described_by_the_figure_line_below_it(path):
    texts = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    figures = re.findall(r"^(?:> )?\*Figure: (.+)\*$", texts, re.MULTILINE)
    described = [image["alt"] for image in parsed(page_of(path)).images]
    assert described == [figure.replace("`", "") for figure in figures]


@lessons
def test_proofs_and_the_set_up_are_folded(path):
    notebook = read(path)
    source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    folded = 1 + len(proofs(notebook))
    assert parsed(page_of(path)).folds == folded + source.count("<details>")
    text = shown(page_of(path))
    assert "#@title" not in text
    for cell in proofs(notebook):
        assert cell.source.partition("\n")[0].removeprefix("#@title ") in text


@lessons
def test_stored_outputs_are_shown(path):
    text = shown(page_of(path))
    for cell in code_cells(read(path)):
        for output in cell.outputs:
            assert output.get("text", "").rstrip() in text
    assert len(exercises(read(path))) == text.count("No answer yet.")


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_has_its_signature_and_an_example(module):
    text = (SITE / "api" / f"{module}.html").read_text(encoding="utf-8")
    found = importlib.import_module(module)
    names = [f"{module}.{name}" for name in found.__all__]
    start = re.compile(rf'<dt class="sig sig-object py" id="({"|".join(map(re.escape, names))})">')
    _, *parts = start.split(text)
    entries = dict(zip(parts[::2], map(plain, parts[1::2]), strict=True))
    assert set(entries) == set(names)
    for name in found.__all__:
        entry, thing = entries[f"{module}.{name}"], getattr(found, name)
        if inspect.isfunction(thing):
            assert all(argument in entry for argument in inspect.signature(thing).parameters), name
        assert ">>>" in entry, name


def test_the_reference_has_each_name_once():
    for module in MODULES:
        listed = re.findall(
            r"^\.\. auto(?:class|function):: (\S+)$", reference(module), re.MULTILINE
        )
        assert len(listed) == len(set(listed)) > 2


def test_links_are_those_of_the_site_and_code_is_left_alone():
    text = "[a](../notebooks/03_many_to_one.ipynb#cell-id=c-1) `[b](c.ipynb#cell-id=d)` [e](f.md#g)"
    assert linked(text, ROOT / "docs") == ("[a](#cell-03-c-1) `[b](c.ipynb#cell-id=d)` [e](f.md#g)")
    here = {"1-·-A": "cell-10-a"}
    assert linked("[a](#1-·-A) [b](#b)", ROOT / "docs", here) == "[a](#cell-10-a) [b](#b)"
    assert linked("[r](../README.md) [s](https://n.org/t#u)", ROOT / "docs") == (
        "[r](/index.md) [s](https://n.org/t#u)"
    )


def test_a_published_lesson_has_its_launch_links_below_the_title(tmp_path):
    path = tmp_path / "notebooks" / PATHS[0].name
    path.parent.mkdir()
    path.write_text(published(PATHS[0], "https://github.com/OWNER/NAME", "1.2.3"), encoding="utf-8")
    title, launch, *_ = lesson(path).cells
    assert title.source.partition("\n")[2].startswith("# 01")
    assert launch.source == (
        "[Open in Colab](https://colab.research.google.com/github/OWNER/NAME/blob/v1.2.3/notebooks/"
        f"{path.name}) · [Open in Binder](https://mybinder.org/v2/gh/OWNER/NAME/v1.2.3"
        f"?labpath=notebooks/{path.name}) · {{download}}`Download this lesson "
        f"<../downloads/{path.name}>`"
    )


def test_formulas_are_mathml(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs" / "site")
    from docutils import nodes
    from formulas import drawn, in_a_line, of_its_own

    class Writer:
        def __init__(self):
            self.body = []

    for visit, tag in ((in_a_line, "<math "), (of_its_own, '<div class="math"><math ')):
        writer = Writer()
        with pytest.raises(nodes.SkipNode):
            drawn(visit)[0](writer, nodes.math("", r"c_t = f_t \odot c_{t-1} + i_t \odot g_t"))
        (made,) = writer.body
        assert made.startswith(tag)
        assert "<msub>" in made
        assert "⊙" in made


def test_the_lessons_and_the_package_can_be_had():
    (archive,) = SITE.glob("_downloads/*/lessons.zip")
    (wheel,) = SITE.glob("_downloads/*/lstm_helpers-*.whl")
    with zipfile.ZipFile(archive) as together:
        held = {name.removeprefix("lessons/"): together.read(name) for name in together.namelist()}
    assert held == {path.name: path.read_bytes() for path in PATHS}
    assert f'"./{wheel.name}[notebooks]"' in plain((SITE / "index.html").read_text("utf-8"))
    assert "lstm_helpers/windowing.py" in zipfile.ZipFile(wheel).namelist()

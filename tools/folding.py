"""Which cells are folded, and how JupyterLab, Colab and the site are told.

The tag `proof` folds a cell, and the set-up cell is folded as well. All else follows from that, and
is written whenever a notebook is stored.
"""

from lessons import set_up, tags

HIDE = "hide-input"  # what myst-nb looks for among the tags
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}  # Colab, JupyterLab


def metadata(notebook) -> list[dict]:
    """What the metadata of each cell has to be: its tags, and the folding that they ask for."""
    first = set_up(notebook)
    found = []
    for cell in notebook.cells:
        own = [tag for tag in dict.fromkeys(tags(cell)) if tag != HIDE]
        if cell is first or (cell.cell_type == "code" and "proof" in own):
            found.append({**FOLDED, "tags": [*own, HIDE]})
        else:
            found.append({"tags": own} if own else {})
    return found


def fold(notebook) -> None:
    """Give each cell this metadata, in place of what it had."""
    for cell, needed in zip(notebook.cells, metadata(notebook), strict=True):
        cell.metadata = needed

"""What a lesson is made of, and how long it takes: read from its notebook, which is not run."""

import re
from itertools import pairwise
from statistics import median

CHECK = re.compile(r'^check\("([\d.]+)"', re.MULTILINE)
NOT_READ = re.compile(r"<details>.*?</details>|```.*?```|^\*Figure: .*?$", re.DOTALL | re.MULTILINE)
BADGES = "[!["  # how the cell begins that leads to Colab and Binder


def tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text_cells(notebook) -> list:
    """The Markdown cells, without the badges."""
    texts = (cell for cell in notebook.cells if cell.cell_type == "markdown")
    return [cell for cell in texts if not cell.source.startswith(BADGES)]


def is_gallery(notebook) -> bool:
    """Whether the title has the tag `gallery`: many small entries, to look things up."""
    return "gallery" in tags(text_cells(notebook)[0])


def set_up(notebook):
    """The first code cell: the one that finds the package."""
    return code_cells(notebook)[0]


def proofs(notebook) -> list:
    return [cell for cell in code_cells(notebook) if "proof" in tags(cell)]


def exercises(notebook) -> list[tuple]:
    """The two cells of each exercise: for the answer, and the check right below it."""
    return [(above, cell) for above, cell in pairwise(notebook.cells) if CHECK.search(cell.source)]


def shown(notebook) -> list:
    """The code cells that tell the story: no set-up, no proof, no cell of an exercise."""
    others = [set_up(notebook), *proofs(notebook)]
    others += [cell for pair in exercises(notebook) for cell in pair]
    return [cell for cell in code_cells(notebook) if not any(cell is other for other in others)]


def line_counts(notebook) -> list[int]:
    """How many lines each shown cell has."""
    return [cell.source.count("\n") + 1 for cell in shown(notebook)]


def words(notebook) -> int:
    """The words that are read: not what is folded, nor code, nor what describes a figure."""
    return sum(len(NOT_READ.sub("", cell.source).split()) for cell in text_cells(notebook))


def minutes(notebook) -> int:
    """4 for each exercise, and words / 180 + shown lines of code / 10, rounded up."""
    in_180ths = words(notebook) + 18 * sum(line_counts(notebook))
    return 4 * len(exercises(notebook)) - (-in_180ths // 180)


def sizes(notebook) -> dict[str, float]:
    """All that is counted of a lesson."""
    lines = line_counts(notebook)
    return {
        "shown cells": len(lines),
        "lines": sum(lines),
        "median": median(lines),
        "longest": max(lines),
        "words": words(notebook),
        "minutes": minutes(notebook),
    }


# The least and the most of what is counted. A gallery may have more cells and minutes.
LIMITS = {"shown cells": (1, 22), "median": (3, 5), "longest": (1, 20), "minutes": (1, 30)}


def outside(notebook) -> list[str]:
    """Which of the sizes are outside their limits."""
    free = ("shown cells", "minutes") if is_gallery(notebook) else ()
    counted = sizes(notebook)
    return [
        name
        for name, (least, most) in LIMITS.items()
        if name not in free and not least <= counted[name] <= most
    ]

"""Execute notebooks in place and store their outputs, the same bytes each time.

    python tools/store_notebooks.py [notebooks/01_univariate.ipynb ...]

All of notebooks/ without arguments. A notebook that fails is left as it was. The badge and the
set-up cell are written as `publish.py` writes them, and cells are folded as their tags ask for.
"""

import os
import sys
import time
from pathlib import Path

import nbformat
from folding import fold
from nbclient import NotebookClient
from publish import project, published

ROOT = Path(__file__).parents[1]
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# One thread and no progress bars, as in the tests: sums in another order differ in the last digit.
os.environ.update(OMP_NUM_THREADS="1", PYTHONHASHSEED="0", TQDM_DISABLE="1")
os.environ.pop("MPLBACKEND", None)  # a kernel with another backend shows no figure


def store(path: Path) -> None:
    """Run one notebook from top to bottom and write it back."""
    notebook = nbformat.reads(published(path, *project()), as_version=4)
    start = time.perf_counter()
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    leave_pages_out(notebook)
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    fold(notebook)
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf-8")
    print(f"{path.name}: {time.perf_counter() - start:.0f} s")


def leave_pages_out(notebook) -> None:
    """Of a whole page in a frame, such as `explore_shapes()` shows, keep the line of text only."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "srcdoc=" in data.get("text/html", "") and "text/plain" in data:
                del data["text/html"]


if __name__ == "__main__":
    given = [Path(name).resolve() for name in sys.argv[1:]]
    for path in given or sorted((ROOT / "notebooks").glob("*.ipynb")):
        store(path)

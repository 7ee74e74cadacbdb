"""A bar for what takes a while."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(
    what: str, unit: str, total: int | None = None, after: float = 2.0
) -> Iterator[Callable[[], None]]:
    """Yields what to call after each unit; a bar is drawn once it takes longer than some seconds.

    Silent with TQDM_DISABLE, as `fit` is, and where nobody looks: no terminal and no notebook.
    """
    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    if not watched or os.environ.get("TQDM_DISABLE", "0") not in ("", "0"):
        yield lambda: None
        return
    from tqdm.auto import tqdm

    bar = tqdm(desc=what, unit=f" {unit}", total=total, delay=after, leave=False, disable=False)
    try:
        yield bar.update
    finally:
        bar.close()

"""What `import lstm_helpers` costs beside the libraries that it stands on."""

import subprocess
import sys

from measuring import ROUNDS, Measure


def seconds(imports: str) -> float:
    """Of a process that does nothing else."""
    import resource  # Windows has none

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", f"import {imports}"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ratios() -> list[float]:
    pairs = [[seconds(names) for names in ("lstm_helpers", "torch, pandas")]
             for _ in range(ROUNDS + 1)]  # fmt: skip
    return [ours / theirs for ours, theirs in pairs[1:]]


MEASURES = [
    Measure(
        "import lstm_helpers / import torch, pandas",
        ratios,
        at_most=1.05,
        linux=True,
        why="beside torch and pandas it reads only its own files, and jaxtyping where that is "
        "installed, as here: some hundredths of a second, about what the import of torch itself "
        "varies by.",
    )
]

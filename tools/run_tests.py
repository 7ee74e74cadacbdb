"""Run every test of the project, and end with one line: `N passed, M failed`.

1. The style of the code: `ruff check` and `ruff format --check`.
2. The tests in tests/, the one in a browser among them, and the examples in the docstrings.
3. The model contract once more, with the shapes in the signatures enforced by jaxtyping.
4. Every notebook, cell by cell, against its stored outputs.

With --quick: 1, and of 2 the examples and the tests that are not marked as slow, each property
with few drawn examples. What takes long enough to be marked is listed at the end.

With --stress: only the tests that are marked as stress, which the others leave out.

With --site: the site is built, a warning being an error, and then tests/site looks at it.
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).parents[1]
STYLE = [["check", "."], ["format", "--check", "."]]
TESTS = ["-n", "2", "--ignore=tests/site", "--doctest-modules", "tests", "lstm_helpers"]
RUNS = {
    "tests": [*TESTS, "-m", "not stress"],
    "shapes in signatures": [
        "--jaxtyping-packages=lstm_helpers,beartype.beartype",
        "tests/test_contract.py",
    ],
    # loadscope: the cells of one notebook belong to one worker
    "notebooks": [
        *("-n", "2", "--dist", "loadscope"),
        *("--nbval", "--nbval-current-env", "--nbval-sanitize-with", "tests/sanitize.cfg"),
        "notebooks",
    ],
}
QUICK = {
    "quick tests": [
        *(*TESTS, "-m", "not slow and not stress"),
        *("--hypothesis-profile=quick", "--durations=0", "--durations-min=2"),
    ],
}
STRESS = {"stress": ["-n", "2", "-m", "stress", "--ignore=tests/site", "tests"]}
SITE = {"the site in a browser": ["tests/site"]}
# Threads add in another order, and progress bars differ each time: neither is compared.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "TQDM_DISABLE": "1",
    "CI": "1",
}


def passes(what: str, *command: str) -> bool:
    """Run one command of Python; whether it ends well."""
    print(f"\n== {what}", flush=True)
    return subprocess.run([sys.executable, *command], cwd=ROOT).returncode == 0


def begin(runs: dict[str, list[str]]) -> list[bool]:
    """What comes before pytest, and whether it passes: the style, or the site's build."""
    if runs is SITE:
        return [passes("the site in build/site", "tools/build_site.py")]
    if runs is STRESS:
        return []
    return [passes(f"ruff {' '.join(how)}", "-m", "ruff", *how) for how in STYLE]


def run(name: str, arguments: list[str], report: Path) -> tuple[int, int, int]:
    """One pytest run; how many passed, how many failed or could not run, how many were skipped."""
    print(f"\n== {name}", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-rs", f"--junitxml={report}", *arguments]
    environment = os.environ | ENVIRONMENT
    environment.pop("MPLBACKEND", None)  # a kernel with another backend shows no figure
    code = subprocess.run(command, cwd=ROOT, env=environment).returncode
    suites = ET.parse(report).getroot().findall("testsuite") if report.exists() else []
    count = {
        key: sum(int(suite.get(key)) for suite in suites)
        for key in ("tests", "failures", "errors", "skipped")
    }
    failed = count["failures"] + count["errors"]
    passed = count["tests"] - failed - count["skipped"]
    # pytest may end badly without a failed test: no test found, or a crash
    return passed, failed or int(code != 0), count["skipped"]


def main(runs: dict[str, list[str]]) -> int:
    clean = begin(runs)
    passed, failed, skipped = clean.count(True), clean.count(False), 0
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, arguments) in enumerate(runs.items()):
            good, bad, not_run = run(name, arguments, Path(folder) / f"{number}.xml")
            passed, failed, skipped = passed + good, failed + bad, skipped + not_run
    print(f"\n{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return int(failed > 0)


if __name__ == "__main__":
    wanted = {"--quick": QUICK, "--stress": STRESS, "--site": SITE}
    sys.exit(main(next((wanted[word] for word in sys.argv[1:] if word in wanted), RUNS)))

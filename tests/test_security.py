"""What docs/security.md promises is so in every line of the package."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lstm_helpers
from notebooks import ROOT

PACKAGE = Path(lstm_helpers.__file__).parent
FILES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in PACKAGE.rglob("*.py")
}
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NETWORK = {
    *("aiohttp", "asyncio", "fsspec", "ftplib", "gdown", "http", "httpx", "huggingface_hub"),
    *("imaplib", "poplib", "pooch", "requests", "selectors", "smtplib", "socket", "socketserver"),
    *("ssl", "subprocess", "telnetlib", "tornado", "urllib", "urllib3", "webbrowser", "xmlrpc"),
    *("torch.hub", "torchvision", "kagglehub"),
}
UNPICKLES = {"cloudpickle", "dill", "joblib", "jsonpickle", "marshal", "shelve", "yaml"}
RUNS = {"eval", "exec", "compile", "__import__", "execfile", "runpy.run_path", "os.system"}
WRITES = {"write_text", "write_bytes", "mkdir", "makedirs", "touch", "unlink", "replace", "rename"}
WRITES |= {"rmtree", "savefig", "to_csv", "to_pickle", "tofile", "savez", "dump"}


def imported(tree) -> set[str]:
    """All modules that are imported, and what is imported from them, with dots."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def calls(tree) -> Iterator[tuple[str, ast.Call]]:
    """Every call, and what is called, with dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def talks(tree) -> list[str]:
    """It talks to nobody."""
    above = {".".join(name.split(".")[:n]) for name in imported(tree) for n in (1, 2)}
    return [*(above & NETWORK), *(name for name, _ in calls(tree) if name.startswith("torch.hub."))]


def loads(tree) -> list[str]:
    """A file can't run code: torch.load alone reads one, and makes tensors and numbers only."""
    found = [name for name in imported(tree) if name.split(".")[0] in UNPICKLES]
    found += {n for n in imported(tree) if n.startswith("pickle.")} - {"pickle.PicklingError"}
    found += {"torch.load", "torch.package"} & imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "pickle":
            found += [node.attr] * (node.attr != "dumps")
    for name, call in calls(tree):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        last = name.rpartition(".")[2]
        if last == "load" and ast.unparse(given.get("weights_only", ast.Constant(None))) != "True":
            found.append(name)
        found += [name] * (last in ("read_pickle", "Unpickler", "loads") and name != "json.loads")
        found += ["allow_pickle"] * ("allow_pickle" in given)
    return found


def evaluates(tree) -> list[str]:
    """Nothing that is read from a file is evaluated."""
    return [name for name, _ in calls(tree) if name in RUNS or name.startswith("builtins.")]


def writes(tree) -> list[str]:
    """Nothing else is written."""
    found = []
    for name, call in calls(tree):
        last, given = name.rpartition(".")[2], [*call.args, *(k.value for k in call.keywords)]
        modes = [g.value for g in given if isinstance(g, ast.Constant) and isinstance(g.value, str)]
        opened = last in ("open", "memmap") and any(set(mode) & set("wax+") for mode in modes)
        of_table = last in ("replace", "rename") and not name.startswith("os.")  # or of a text
        found += [name] * (opened or (last in WRITES and not of_table) or name == "torch.save")
    return found


def reads_environment(tree) -> list[str]:
    """Which variables it reads; the source where the name is no text."""
    found = [
        call.args[0]
        for name, call in calls(tree)
        if name in ("os.environ.get", "os.getenv", "os.environ.pop", "environ.get", "getenv")
    ]
    found += [
        node.slice
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ")
    ]
    return [one.value if isinstance(one, ast.Constant) else ast.unparse(one) for one in found]


def where(promise) -> dict[str, list[str]]:
    return {file: found for file, tree in FILES.items() if (found := promise(tree))}


def test_it_talks_to_nobody():
    assert len(FILES) > 150
    assert where(talks) == {}


def test_a_file_can_not_run_code():
    assert where(loads) == {}
    read = {file: [name for name, _ in calls(tree)] for file, tree in FILES.items()}
    assert {file for file, names in read.items() if "torch.load" in names} == {"_files.py"}


def test_nothing_is_evaluated_but_annotations():
    assert where(evaluates) == {"_tracing/annotations.py": ["eval"]}
    assert "`trace_shapes` evaluates annotations" in PAGE


def test_only_the_files_that_are_named_are_written():
    assert set(where(writes)) == {"_files.py"}


def test_the_variables_of_the_environment_that_are_named_are_read_and_no_others():
    row = r"^\| reads three variables of the environment \| (.+?) \|"
    (named,) = re.findall(row, PAGE, re.MULTILINE)
    found = {name for names in where(reads_environment).values() for name in names}
    assert found == set(re.findall("`(.+?)`", named))


@pytest.mark.parametrize(
    ("promise", "code"),
    [
        (talks, "import urllib.request"),
        (talks, "def f():\n    from socket import socket"),
        (talks, "from torch import hub"),
        (talks, "torch.hub.load('a', 'b')"),
        (loads, "torch.load(path)"),
        (loads, "torch.load(path, weights_only=False)"),
        (loads, "torch.load(path, weights_only=safe)"),
        (loads, "from torch import load"),
        (loads, "np.load(path, allow_pickle=True)"),
        (loads, "pickle.loads(text)"),
        (loads, "from pickle import loads"),
        (loads, "read = pickle.load"),
        (loads, "pd.read_pickle(path)"),
        (loads, "import yaml"),
        (evaluates, "eval(file['model'])"),
        (evaluates, "exec(text)"),
        (evaluates, "builtins.eval(text)"),
        (writes, "path.open('wb')"),
        (writes, "open(path, mode='a')"),
        (writes, "np.memmap(path, mode='r+')"),
        (writes, "path.write_text(text)"),
        (writes, "os.replace(a, b)"),
        (writes, "frame.to_csv(path)"),
        (reads_environment, "os.environ['HOME']"),
        (reads_environment, "os.getenv(name)"),
    ],
)
def test_what_breaks_a_promise_is_seen(promise, code):
    assert promise(ast.parse(code))


def test_what_keeps_them_is_let_through():
    code = "torch.load(f, weights_only=True); json.loads(t); text.replace('a', 'b'); open(path)"
    tree = ast.parse(f"import json\n{code}\npath.open('rb'); pickle.dumps(x)")
    assert not any(each(tree) for each in (talks, loads, evaluates, writes, reads_environment))

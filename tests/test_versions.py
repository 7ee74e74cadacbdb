"""Floors, pins and lists of versions agree: pyproject.toml owns them."""

import os
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from notebooks import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OPTIONAL = [requirement for extra in EXTRAS.values() for requirement in extra]
COLAB = tomllib.loads((ROOT / "tests" / "colab_versions.toml").read_text(encoding="utf-8"))
NEEDED = {r.name: r.specifier for r in map(Requirement, PROJECT["dependencies"])}
USED = {r.name: r.specifier for r in map(Requirement, EXTRAS["notebooks"])}


def floors(requirements):
    """name -> lowest version; a floor is all that a requirement may have."""
    found = {}
    for requirement in requirements:
        name, floor = re.fullmatch(r"([\w-]+)>=([\d.]+)", requirement).groups()
        found[name] = floor
    return found


def test_every_dependency_has_a_floor_and_no_cap():
    assert len(floors(PROJECT["dependencies"])) == 7
    assert floors(OPTIONAL)
    assert re.fullmatch(r">=3\.\d+", PROJECT["requires-python"])


@pytest.mark.parametrize("runtime", ["current", "earlier"])
def test_colab_has_versions_that_every_floor_admits(runtime):
    allowed = NEEDED | USED | {"python": SpecifierSet(PROJECT["requires-python"])}
    allowed |= dict.fromkeys(("scipy", "beartype", "ipython", "ipykernel"), SpecifierSet())
    for name, versions in COLAB[runtime].items():
        for version in [versions] if isinstance(versions, str) else versions:
            assert Version(version) in allowed[name], f"{name} {version}"


def test_all_that_the_package_needs_is_known_of_colab():
    assert set(NEEDED) <= set(COLAB["current"])


def conda(file):
    """Channels, and name -> spec of an environment file in which every entry was understood."""
    content = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    assert set(content) == {"name", "channels", "dependencies"}
    assert content["name"] == PROJECT["name"]
    assert content["channels"] == ["conda-forge"]
    specs, pip = {}, []
    for entry in content["dependencies"]:
        if isinstance(entry, dict):
            pip.append(entry)
        else:
            name, spec = re.fullmatch(r"([a-z][\w-]*)((?:>=|=)\d+(?:\.\d+)*)?", entry).groups()
            assert name not in specs
            specs[name] = spec
    return specs, pip, list(content["dependencies"])


def test_conda_environment_has_the_same_floors():
    specs, pip, entries = conda("environment.yml")
    assert specs.pop("python") == "=3.12"
    assert Version("3.12") in SpecifierSet(PROJECT["requires-python"])
    assert specs.pop("pip") is None
    specs["torch"] = specs.pop("pytorch-cpu")
    expected = floors(PROJECT["dependencies"]) | floors(EXTRAS["notebooks"])
    assert specs == {name: f">={floor}" for name, floor in expected.items()}
    # pip's part comes last: before pytorch-cpu it would fetch the build for GPUs
    assert pip == [{"pip": ["-e ."]}] == entries[-1:]


def test_binder_installs_the_same_and_then_the_package_alone():
    specs, pip, _ = conda("binder/environment.yml")
    assert (specs, pip) == (conda("environment.yml")[0], [])
    script = ROOT / "binder" / "postBuild"
    if os.name == "nt":  # no file is executable there
        pytest.skip("it is a script for a POSIX shell")
    assert script.stat().st_mode & 0o111, "Binder runs it: it has to be executable"
    assert "pip install --no-deps ." in script.read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", script], check=True)


def test_reference_environment_satisfies_the_floors():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    first, *lines = text.splitlines()
    assert first.startswith("# ")
    pins = dict(re.fullmatch(r"([\w.-]+)==(\S+)", line).groups() for line in lines)
    pins = {canonicalize_name(name): Version(version) for name, version in pins.items()}
    assert len(pins) == len(lines)
    for requirement in map(Requirement, [*PROJECT["dependencies"], *OPTIONAL]):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier
    assert pins["torch"] == Version("2.13.0")


WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"


@pytest.mark.slow
@pytest.mark.parametrize("schema", ["github-workflows", "github-workflows-require-timeout"])
def test_the_workflow_is_one_by_its_published_schema(schema):
    schema = {"github-workflows": "vendor.github-workflows"}.get(schema, f"custom.{schema}")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, WORKFLOW]
    result = subprocess.run(check, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


JOBS = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
LINES = [step["run"] for job in JOBS.values() for step in job["steps"] if "run" in step]


def test_the_workflow_runs_make_targets_that_exist():
    targets = re.findall(r"^([\w \\\n-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    versions = [row["target"] for row in JOBS["other-versions"]["strategy"]["matrix"]["include"]]
    assert versions == ["test-colab", "test-floors", "test-newest"]
    named = {name for line in LINES for name in re.findall(r"\bmake ([\w-]+)", line)}
    assert named == {"dist"}
    assert named | {*versions, *JOBS["reference"]["strategy"]["matrix"]["target"]} <= set(
        " ".join(targets).split()
    )


@pytest.mark.skipif(os.name == "nt", reason="it is a line for a POSIX shell")
@pytest.mark.parametrize(("tag", "code"), [("v0.2.1", 0), ("v0.2.0", 1), ("v0.2", 1)])
def test_a_tag_that_is_not_the_version_releases_nothing(tmp_path, tag, code):
    assert "wheel" in JOBS["publish-wheel"]["needs"]
    (step,) = (step for step in JOBS["wheel"]["steps"] if "TAG" in step.get("env", {}))
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "lstm_helpers-0.2.1-py3-none-any.whl").touch()
    run = subprocess.run(["sh", "-c", step["run"]], cwd=tmp_path, env={**os.environ, "TAG": tag})
    assert run.returncode == code


def test_one_run_at_a_time_for_each_branch_and_only_those_of_pull_requests_are_ended():
    group = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["concurrency"]
    assert "github.ref }}" in group["group"]
    assert group["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"


def test_the_workflow_and_ci_run_the_same_targets():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^targets=\((.+)\)$", script, re.MULTILINE)
    assert targets.split() == JOBS["reference"]["strategy"]["matrix"]["target"]
    assert "make ${{ matrix.target }}" in LINES
    assert 'make "$target"' in script


def test_systems_without_make_run_the_lines_of_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for row in JOBS["other-systems"]["strategy"]["matrix"]["include"]:
        steps = [step["run"] for step in JOBS["other-systems"]["steps"] if "run" in step]
        lines = [line.replace("${{ matrix.python }}", row["python"]) for line in steps]
        assert lines[0] == "python -m venv .venv"
        assert "\n".join(lines[:2]) + "\n" in readme, row["system"]
        assert f"{row['python']} tools/run_tests.py --quick" in lines


def test_pre_commit_runs_the_same_ruff_on_every_system():
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [hook["entry"] for hook in local["hooks"]] == ["ruff check --fix", "ruff format"]
    (pin,) = re.findall(r"^ruff==.+$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    for hook in local["hooks"]:  # no path of .venv, which has other names on Windows
        assert (hook["language"], hook["additional_dependencies"]) == ("python", [pin])

"""The page on ONNX: its code runs, prints what it says, and what it claims beside that is so."""

import re
import subprocess
import sys
from importlib.util import find_spec

import pytest

from notebooks import ROOT

TEXT = (ROOT / "docs" / "onnx.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
NEEDED = ("onnx", "onnxruntime", "onnxscript")
CLAIMS = """
import warnings
from contextlib import redirect_stdout
from io import StringIO

from lstm_helpers import fit


def refused(session, x):
    try:
        session.run(None, {"x": x})
    except Exception as error:
        return str(error)
    raise AssertionError("it ran")


files = {path: onnxruntime.InferenceSession(path) for path in ("forecaster.onnx", "one.onnx")}
wide, x = files["forecaster.onnx"], np.random.rand(7, 12, 2)
print("claim:", refused(files["one.onnx"], x.astype(np.float32)))
print("claim:", refused(wide, x[:, :9].astype(np.float32)))
print("claim:", refused(wide, x))

# the model is as before, and learns on
for model in (model, carried):
    for name, weights in zip(model.lstm._flat_weights_names, model.lstm._flat_weights, strict=True):
        assert getattr(model.lstm, name) is weights
x, y = torch.rand(5, 12, 2), torch.rand(5, 12, 1)
before = [weights.clone() for weights in carried.parameters()]
fit(carried, [(x, y)], epochs=2, device="cpu", progress=False)
changed = zip(before, carried.parameters(), strict=True)
assert all(not torch.equal(old, new) for old, new in changed)

# seq, asked for with a name
model = ManyToOneLSTM(2, 8, horizon=3).eval()
free = ({0: batch, 1: torch.export.Dim("seq")},)
torch.onnx.export(model, (torch.rand(2, 12, 2),), "seq.onnx", input_names=["x"],
                  dynamic_shapes=free, dynamo=True, external_data=False)
print("claim:", onnxruntime.InferenceSession("seq.onnx").get_inputs()[0].shape)

# the older exporter
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    torch.onnx.export(model, (torch.rand(2, 12, 2),), "old.onnx", input_names=["x"],
                      dynamic_axes={"x": {0: "batch", 1: "seq"}}, dynamo=False)
old = onnxruntime.InferenceSession("old.onnx")
for size, steps in ((1, 5), (7, 19)):
    x = torch.rand(size, steps, 2)
    (yhat,) = old.run(None, {"x": x.numpy()})
    assert np.abs(yhat - model(x).detach().numpy()).max() < 1e-6
print("claim:", *[each.message for each in told])
"""


@pytest.mark.slow
@pytest.mark.skipif(
    any(find_spec(name) is None for name in NEEDED), reason=f"{', '.join(NEEDED)} are needed"
)
def test_the_page_runs_and_is_true(tmp_path):
    """In a process of its own, since an export imports much and warns of itself."""
    (tmp_path / "page.py").write_text("\n".join([*CODE, CLAIMS]), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "page.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
    lines = [line for line in result.stdout.splitlines() if not line.startswith("[torch.onnx]")]
    claims = "\n".join(lines).split("claim: ")
    assert claims[0].split("\n")[:-1] == re.findall(r"It prints `(.+?)`", TEXT)
    quoted = re.search(r"raises `(.+?)`, `(.+?)`", TEXT)
    assert all(part in claims[1] for part in quoted.groups())
    assert "index: 1 Got: 9 Expected: 12" in claims[2]
    assert "expected: (tensor(float))" in claims[3]
    assert claims[4].strip() == "['batch', 12, 2]"
    assert "will be removed" in claims[5]
    assert "with a batch_size other than 1" in claims[5]
    files = {path.name: path.stat().st_size for path in tmp_path.glob("*.onnx*")}
    assert set(files) == {"forecaster.onnx", "one.onnx", "step.onnx", "seq.onnx", "old.onnx"}


def test_every_file_that_the_page_makes_is_compared_at_three_sizes():
    assert len(re.findall(r"for size in \(1, 7, 64\):", TEXT)) == 2
    assert len(re.findall(r"< 1e-6$", TEXT, re.MULTILINE)) == 4

"""Is a target its input, some steps later?"""

import torch
from torch import Tensor


def is_shifted(x: Tensor, y: Tensor, names: list[str]) -> bool | None:
    """Whether all of y is x, some steps later; None where their shapes can't tell.

    Args:
        names: those of the axes of x, "batch" and "seq" among them; y has the same.
    """
    x, y = (_rows(tensor, names) for tensor in (x, y))
    if y is None or y.shape[1] > x.shape[1] or y.shape[1] < 3 or len(y) != len(x):
        return None
    start = x.shape[1] - y.shape[1]
    columns = x.unbind(-1)
    for ahead in range(1, y.shape[1] // 2 + 1):
        corner = min(3, y.shape[1] - ahead)  # most are told apart by a few numbers
        beside = x[:2, start + ahead : start + ahead + corner].unsqueeze(-1)
        if not _near(beside, y[:2, :corner].unsqueeze(-2)).all((0, 1)).any(0).all():
            continue
        later = [c[:, start + ahead :] for c in columns]
        now = [c[:, start : x.shape[1] - ahead] for c in columns]
        moving = [a for a, b in zip(later, now, strict=True) if not torch.equal(a, b)]
        told = y[:, : y.shape[1] - ahead].unbind(-1)
        if all(any(_close(column, a) for a in moving) for column in told):
            return True
    return False


def _rows(tensor, names):
    """(sample, step, variable), read in the order of the names, or None."""
    if tensor.ndim == len(names) - 1 and "feature" in names:
        tensor = tensor.unsqueeze(names.index("feature"))
    if tensor.ndim != len(names):
        return None
    rows = tensor.movedim((names.index("batch"), names.index("seq")), (0, 1))
    return rows.unsqueeze(-1) if rows.ndim == 2 else rows


def _close(a, b):
    return a.shape == b.shape and bool(_near(a, b).all())


def _near(a, b):
    return torch.isclose(a.double(), b.double(), rtol=1e-5, atol=1e-6)

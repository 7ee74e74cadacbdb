"""How each overridable function of torch is called in the sweep, and what becomes of the axes.

A recipe is `arguments -> axes of the result`. What stands before `|` is also given by position.
The arguments are the tensors of `tensors()` below, and expressions. The axes are initials:
`B S F` is (batch, seq, feature), `.` an axis whose name nobody promises, `;` parts results, and
`~` says that no tensor is returned. A name in front is for the functions of one place only.
"""

import torch

AXES = {
    "B": "batch",
    "S": "seq",
    "F": "feature",
    "C": "channel",
    "D": "depth",
    "H": "height",
    "W": "width",
    "R": "row",
    "Q": "column",
}


def tensors() -> dict[str, tuple[torch.Tensor, str]]:
    """The tensors that recipes are made of, and the initials of their axes; all sizes differ."""
    torch.manual_seed(0)
    x, square = torch.rand(5, 7, 3) * 0.8 + 0.1, torch.rand(5, 4, 4)
    symmetric = square @ square.mT + torch.eye(4)
    return {
        "x": (x, "B S F"),
        "y": (torch.rand(5, 7, 3) * 0.8 + 0.1, "B S F"),
        "z": (torch.rand(5, 7, 3) * 0.8 + 0.1, "B S F"),
        "mask": (x > 0.5, "B S F"),
        "whole": (torch.randint(1, 9, (5, 7, 3)), "B S F"),
        "whole2": (torch.randint(1, 4, (5, 7, 3)), "B S F"),
        "waves": (torch.complex(x, x.flip(0)), "B S F"),
        "pairs": (torch.rand(5, 7, 2), "B S ."),
        "table": (torch.rand(7, 3) * 0.8 + 0.1, "S F"),
        "rows": (torch.rand(5, 7) * 0.8 + 0.1, "B S"),
        "columns": (torch.rand(3, 7), "F S"),
        "series": (torch.rand(7) * 0.8 + 0.1, "S"),
        "features": (torch.rand(3) * 0.8 + 0.1, "F"),
        "numbers": (torch.randint(0, 3, (7,)), "S"),
        "words": (torch.randint(0, 6, (5, 7)), "B S"),
        "labels": (torch.randint(0, 3, (5,)), "B"),
        "channels": (torch.rand(5, 3, 7), "B F S"),
        "image": (torch.rand(5, 4, 9, 11), "B C H W"),
        "volume": (torch.rand(5, 4, 6, 9, 11), "B C D H W"),
        "square": (square, "B R Q"),
        "symmetric": (symmetric, "B R R"),
        "lower": (torch.linalg.cholesky(symmetric), "B R Q"),
        "right": (torch.rand(5, 4, 3), "B R F"),
        "w": (torch.rand(6, 3), ". ."),
        "bias": (torch.rand(6), "."),
    }

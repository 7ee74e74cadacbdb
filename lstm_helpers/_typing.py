"""Shapes in signatures: jaxtyping where it is installed, `Annotated` where it is not."""

from typing import Annotated

from torch import Tensor

try:
    from jaxtyping import Float, Int, Shaped
except ModuleNotFoundError:

    class _Unchecked:
        """Reads `Float[Tensor, "batch seq"]` as `Annotated[Tensor, "batch seq"]`."""

        def __class_getitem__(cls, item):
            return Annotated[item]

    Float = Int = Shaped = _Unchecked

__all__ = ["Float", "Int", "Shaped", "Tensor"]

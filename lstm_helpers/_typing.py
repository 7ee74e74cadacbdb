"""Shapes in signatures: jaxtyping where it is installed, plain `Tensor` where it is not."""

from torch import Tensor

try:
    from jaxtyping import Float, Int, Shaped
except ModuleNotFoundError:

    class _Unchecked:
        """Reads `Float[Tensor, "batch seq"]` as `Tensor`."""

        def __class_getitem__(cls, item):
            return item[0]

    Float = Int = Shaped = _Unchecked

__all__ = ["Float", "Int", "Shaped", "Tensor"]

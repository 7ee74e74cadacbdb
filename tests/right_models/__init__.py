"""Right models in many people's styles; none of them may raise an alarm. `RIGHT_MODELS` has all."""

from mutants.registry import RIGHT_MODELS, RightModel

from . import axes, components, heads, lengths, long_horizons, per_step

__all__ = [
    "RIGHT_MODELS",
    "RightModel",
    "axes",
    "components",
    "heads",
    "lengths",
    "long_horizons",
    "per_step",
]

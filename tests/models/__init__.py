"""The zoo: models that are wrong, each with its one mistake, and models that are right.

`WRONG` holds the wrong ones in the order of `MISTAKES`, `RIGHT` the right ones. A model stands
below its decorator, which says what is wrong and what a checker has to say about it.
test_models_are_what_they_say.py proves every entry without a checker.
"""

from importlib import import_module
from pkgutil import iter_modules

from .registry import MISTAKES, RIGHT, WRONG, Model

for module in iter_modules(__path__):  # each enters its models
    import_module(f"{__name__}.{module.name}")

WRONG.sort(key=lambda model: list(MISTAKES).index(model.mistake))

__all__ = ["MISTAKES", "RIGHT", "WRONG", "Model"]

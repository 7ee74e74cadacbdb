"""The zoo of preparations: those that read later rows or share them, and those that do not.

`WRONG` holds the wrong ones in the order of `MISTAKES`, `RIGHT` the right ones. A preparation
stands below its decorator, which says what is wrong and what a checker has to find.
test_preparations_are_what_they_say.py proves every entry without a checker.
"""

from importlib import import_module
from pkgutil import iter_modules

from .registry import END, MISTAKES, RIGHT, SHARED, TRAIN, WRONG, AtLeast, Preparation

for module in iter_modules(__path__):  # each enters its preparations
    import_module(f"{__name__}.{module.name}")

WRONG.sort(key=lambda entry: list(MISTAKES).index(entry.mistake))

__all__ = ["END", "MISTAKES", "RIGHT", "SHARED", "TRAIN", "WRONG", "AtLeast", "Preparation"]

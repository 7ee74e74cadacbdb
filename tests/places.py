"""Places where a file can't be written, and files that must not be unpickled."""

import os
from contextlib import contextmanager

import pytest


class Code:
    """What runs when it is unpickled: it makes a folder."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@contextmanager
def room_for(size):
    """No file may be larger, as on a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def as_usual_user():
    """Who may write everywhere can't try what happens where one may not."""
    if not hasattr(os, "geteuid"):
        pytest.skip("no users here")
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)

"""Some letters that stand for content: equal content, equal letters, also in another process."""

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np
import pandas as pd
import torch

from lstm_helpers._typing import Tensor

VALUES = (bool, int, float, str, type(None), np.number)


def digest(content) -> str:
    """Some letters that stand for nested content; what is no data counts by its kind."""
    hashed = blake2b(digest_size=12)
    for piece in _pieces(content):
        hashed.update(piece)
    return hashed.hexdigest()


def _pieces(content):
    if isinstance(content, Tensor):
        if content.layout is not torch.strided or content.is_quantized or content.is_meta:
            yield f"{content.layout}{tuple(content.shape)}".encode()
            return
        content = content.detach().cpu()
        yield f"{content.dtype}{tuple(content.shape)}".encode()
        yield content.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    elif isinstance(content, pd.DataFrame | pd.Series | pd.Index):
        yield from _pieces([type(content).__name__, content.to_numpy()])
    elif isinstance(content, np.ndarray) and content.dtype != object:
        yield f"{content.dtype}{content.shape}".encode()
        yield np.ascontiguousarray(content).tobytes()
    elif isinstance(content, Mapping):
        yield b"dict"
        for key, value in content.items():
            yield repr(key).encode()
            yield from _pieces(value)
    elif isinstance(content, list | tuple | set | frozenset | np.ndarray):
        yield f"{type(content).__name__}{len(content)}".encode()
        for one in (
            content if not isinstance(content, set | frozenset) else sorted(content, key=repr)
        ):
            yield from _pieces(one)
    elif isinstance(content, (*VALUES, bytes, complex, range)):
        yield repr(content).encode()
    else:  # of another object what is plain, lest it lead around in a circle
        yield type(content).__qualname__.encode()
        if not callable(content):
            kinds = (*VALUES, Tensor, np.ndarray)
            held = getattr(content, "__dict__", {}).items()
            yield from _pieces({name: one for name, one in held if isinstance(one, kinds)})

"""What names, attributes and items are in a frame, looked up without running anybody's code."""

import ast
from collections import OrderedDict, defaultdict
from inspect import getattr_static
from types import FrameType, MemberDescriptorType

ABSENT = object()
INDEXED = (list, dict, tuple, OrderedDict, defaultdict)


def numbers(frame: FrameType, global_names: list[str]) -> dict[str, int]:
    """The ints in scope: locals, attributes of `self`, and these globals."""
    local = frame.f_locals
    found = {name: frame.f_globals.get(name) for name in global_names} | dict(local)
    own = getattr(local.get("self"), "__dict__", {})
    found |= {f"self.{name}": value for name, value in own.items()}
    return {name: value for name, value in found.items() if type(value) is int}


def look_up(target: ast.expr, frame: FrameType):
    """The value of a name, an attribute or an item, or ABSENT; no property's code is run."""
    if isinstance(target, ast.Constant):
        return target.value
    if isinstance(target, ast.Name):
        local = frame.f_locals
        return local[target.id] if target.id in local else frame.f_globals.get(target.id, ABSENT)
    if isinstance(target, ast.UnaryOp) and isinstance(target.op, ast.USub):
        value = look_up(target.operand, frame)
        return -value if type(value) is int else ABSENT
    if isinstance(target, ast.Attribute):
        return _attribute(look_up(target.value, frame), target.attr)
    if isinstance(target, ast.Subscript):
        base, key = look_up(target.value, frame), look_up(target.slice, frame)
        try:
            if type(base) in INDEXED and key is not ABSENT:
                return base[key] if not isinstance(base, dict) or key in base else ABSENT
        except (IndexError, TypeError):
            return ABSENT
    return ABSENT


def _attribute(thing, name):
    own = getattr(thing, "__dict__", {})
    for held in (own, own.get("_buffers"), own.get("_parameters")):
        if isinstance(held, dict) and name in held:
            return held[name]
    is_slot = isinstance(getattr_static(thing, name, None), MemberDescriptorType)
    return getattr(thing, name, ABSENT) if is_slot else ABSENT

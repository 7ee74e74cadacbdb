"""Names against the truth: where each element went is followed by moving its coordinates.

The coordinates of every element are tensors like any other. The same operations move them, and
what a name claims about an axis is then read off: along `seq`, the seq coordinate runs and no
other does; along `batch*seq`, both run as in `divmod(i, seq)`; along `seq//4`, `seq // 4` does.
"""

import re
from math import prod

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_helpers import trace_shapes
from lstm_helpers._tracing.call import NamedCall

AXES = ("batch", "seq", "feature", "layer")
PARTS = ("slice", "cat", "recat", "list", "flip")  # not every position once, in order
FACTOR = re.compile(r"(\([^()]+\)|[a-z]+)(?://(\d+))?(?:%(\d+))?")


def coordinates(sizes):
    """For each axis a tensor of that shape: every element's position on the axis."""
    grids = torch.meshgrid(*map(torch.arange, sizes), indexing="ij")
    return dict(zip(AXES, grids, strict=False))


def runs_along(values, dim, expected) -> bool:
    """Whether `values` is `expected(i)` at index i of `dim`, whatever the other indices are."""
    i = torch.arange(values.shape[dim]).view([-1 if d == dim else 1 for d in range(values.dim())])
    return bool((values == expected(i)).all())


def read_factors(name, moved, sizes):
    """(values, size) of each factor of a name such as `batch*(seq%3*feature)//2`."""
    factors = []
    for source, stride, modulo in FACTOR.findall(name):
        if source.startswith("("):
            values, total = 0, 1
            for inner, size in read_factors(source[1:-1], moved, sizes):
                values, total = values * size + inner, total * size
        else:
            values, total = moved[source], sizes[source]
        size = int(modulo or total // int(stride or 1))
        factors.append((values // int(stride or 1) % size, size))
    return factors


def claim_holds(name, dim, moved, sizes, whole, repeats) -> bool:
    """Whether an axis called `name` is what the moved coordinates say."""
    length = next(iter(moved.values())).shape[dim]
    if length == 1 or "?" in name:
        return True
    words = set(re.findall("[a-z]+", name))
    for axis, values in moved.items():
        first = values.select(dim, 0).unsqueeze(dim)
        if axis not in words and bool((values != first).any()):
            return False  # another axis runs along this one
    if "+" in name:
        return not whole
    factors = read_factors(name, moved, sizes)
    if len(factors) == 1 and name in AXES:  # perhaps sliced, reordered, or some of it twice
        values = moved[name].movedim(dim, 0).reshape(length, -1)
        steps = len(set(values[:, 0].tolist()))
        return bool((values == values[:, :1]).all()) and (repeats or steps == length)
    if not whole:  # how long a part is, its name does not say
        return True
    inner = 1
    for values, size in reversed(factors):
        if not runs_along(values, dim, lambda i, inner=inner, size=size: i // inner % size):
            return False
        inner *= size
    return inner == length


@st.composite
def sizes_of_axes(draw):
    count = draw(st.integers(2, 4))
    return tuple(draw(st.lists(st.sampled_from([2, 3, 4, 6, 1]), min_size=count, max_size=count)))


def some_view(draw, shape):
    """The sizes of a view: neighbours merged, an axis split, or any way to write the number."""
    kind = draw(st.sampled_from(["any", "any", "merge", "split"]))
    first = draw(st.integers(0, max(len(shape) - 1, 0)))
    last = {"merge": first + 2, "split": first + 1, "any": len(shape)}[kind]
    first = 0 if kind == "any" else first
    left, middle = prod(shape[first:last]), []
    while left > 1 and len(middle) < 4 and kind != "merge":
        middle.append(draw(st.sampled_from([n for n in range(2, left + 1) if left % n == 0])))
        left //= middle[-1]
    sizes = [*shape[:first], *middle, *([left] if left > 1 or not middle else []), *shape[last:]]
    if draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    return tuple(sizes)


OPERATIONS = [
    *("view", "view", "view", "reshape", "transpose", "permute", "unflatten", "flatten", "mT"),
    *("movedim", "squeeze", "squeeze_all", "unsqueeze", "None", "select", "index", "slice"),
    *("unstack", "recat", "cat", "list", "flip"),
]


def one_operation(draw, x):
    """What it is called in a failure, and a function for tensors of x's shape."""
    kind = draw(st.sampled_from(OPERATIONS if x.dim() > 1 else ["view", "unsqueeze", "flatten"]))
    shape, dims = tuple(x.shape), x.dim()
    dim = draw(st.integers(0, dims - 1)) if dims else 0
    size = shape[dim] if dims else 1
    before = (slice(None),) * dim
    if kind in ("view", "reshape"):
        sizes = some_view(draw, shape)
        if kind == "view":
            return f"view{sizes}", lambda x: x.contiguous().view(sizes)
        return f"reshape{sizes}", lambda x: x.reshape(*sizes)
    if kind == "permute":
        order = draw(st.permutations(range(dims)))
        return f"permute{order}", lambda x: x.permute(*order)
    if kind == "unflatten":
        outer = draw(st.sampled_from([n for n in range(1, size + 1) if size % n == 0]))
        return f"unflatten({dim}, {outer})", lambda x: x.unflatten(dim, (outer, -1))
    if kind in ("select", "index", "slice"):
        at = draw(st.integers(-size, size - 1))
        return {
            "select": (f"select({dim}, {at})", lambda x: x.select(dim, at)),
            "index": (f"[:, {at}]", lambda x: x[(*before, at)]),
            "slice": (f"slice({dim}, {at})", lambda x: x[(*before, slice(at, None))]),
        }[kind]
    return f"{kind}({dim})", {
        "transpose": lambda x: x.transpose(dim, -1),
        "flatten": lambda x: x.flatten(dim),
        "mT": lambda x: x.mT,
        "movedim": lambda x: x.movedim(dim, 0),
        "squeeze": lambda x: x.squeeze(dim),
        "squeeze_all": lambda x: x.squeeze(),
        "unsqueeze": lambda x: x.unsqueeze(dim),
        "None": lambda x: x[(*before, None)],
        "unstack": lambda x: torch.stack(list(x.unbind(dim)), dim),
        "recat": lambda x: torch.cat(x.chunk(2, dim)[::-1], dim),
        "cat": lambda x: torch.cat([x.narrow(dim, 0, 1), x], dim),
        "list": lambda x: x[(*before, [0, size - 1])],
        "flip": lambda x: x.flip(dim),
    }[kind]


@st.composite
def compositions(draw):
    sizes = draw(sizes_of_axes())
    x, operations = torch.zeros(sizes), []
    for _ in range(draw(st.integers(1, 6))):
        name, function = one_operation(draw, x)
        x = function(x)
        operations.append((name, function))
    return sizes, operations


def applied(operations, x):
    results = []
    for _, function in operations:
        x = function(x)
        results.append(x)
    return results


COUNT = {"known": 0, "unknown": 0, "scrambled": 0}


@settings(max_examples=200, derandomize=True, deadline=None)
@given(compositions())
def check_one(composition):
    check_names(*composition)


def check_names(sizes, operations):
    names = AXES[: len(sizes)]
    trace = trace_shapes(lambda x: applied(operations, x), torch.zeros(sizes), axes=" ".join(names))
    assert trace.error is None
    by_name = dict(zip(names, sizes, strict=True))
    moved = [applied(operations, grid) for grid in coordinates(sizes).values()]
    for position, shape in enumerate(trace.outputs):
        after = dict(zip(names, [m[position] for m in moved], strict=True))
        described = [kind for kind, _ in operations[: position + 1]]
        whole = not any(kind.startswith(PARTS) for kind in described)
        repeats = any(kind.startswith(("cat", "list")) for kind in described)
        assert shape.sizes == tuple(after["batch"].shape)
        for dim, name in enumerate(shape.names):
            assert claim_holds(name, dim, after, by_name, whole, repeats), (
                f"{sizes} after {described}: axis {dim} of {shape} is not {name}"
            )
            if shape.sizes[dim] > 1:
                COUNT["unknown" if "?" in name else "known"] += 1
                COUNT["scrambled"] += "(" in name


def test_names_agree_with_where_the_elements_went():
    check_one()
    total = COUNT["known"] + COUNT["unknown"]
    assert COUNT["unknown"] < 0.05 * total  # "?" is allowed, but not as the cheap way out
    assert COUNT["scrambled"] > 10  # views that cut across axes were among them


def test_stand_ins_hold_no_numbers(monkeypatch):
    """A device in the call must not turn a stand-in of huge sizes into a tensor of that device."""
    repeated, plain = [], NamedCall.repeated_on

    def watched(call, stand_ins):
        repeated.extend(found := plain(call, stand_ins))
        return found

    monkeypatch.setattr(NamedCall, "repeated_on", watched)
    x = torch.rand(5, 12)
    device = torch.device("cpu")
    trace = trace_shapes(
        lambda x: torch.cumsum(torch.zeros_like(x, device=device).to(device), 1),
        x,
        axes="batch seq",
    )
    assert trace.outputs[0].names == ("batch", "seq")
    assert repeated
    assert all(ghost.is_meta for ghost in repeated)


def test_parts_of_an_axis_that_are_no_neighbours_are_not_one_part():
    """12 = 2 * 2 * 3, and the middle factor goes: what is left runs 0 1 2 6 7 8, not 0 to 5."""
    operations = [
        ("view(2, 2, 3, 2)", lambda x: x.reshape(2, 2, 3, 2)),
        ("index", lambda x: x[:, 0]),
        ("reshape(6, 2)", lambda x: x.reshape(6, 2)),
    ]
    check_names((12, 2), operations)

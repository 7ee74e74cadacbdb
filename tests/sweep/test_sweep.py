"""Every overridable function of torch on tensors with named axes: no trace ends by itself.

What a name claims is held against two witnesses: the recipe, and the function itself. Where one
slice of an input along `seq` changes the same slice of an axis of the result and no other, that
axis is `seq`, and may be called nothing else.
"""

import pytest
import torch
from calling import Case, overridable, reason_for, recipe_for

from lstm_helpers._running.tensors import tensors_in

pytestmark = pytest.mark.filterwarnings("ignore")
WRITTEN_FOR = (2, 13)  # other versions have other functions, and call some arguments otherwise
VERSION = tuple(map(int, torch.__version__.split(".")[:2]))
FUNCTIONS = overridable()
SWEPT = [name for name in FUNCTIONS if recipe_for(name) and not reason_for(name)]
# One or two of each family stay in `make test`.
OFTEN = """
    torch.add Tensor.add_ Tensor.__radd__ torch.where torch.tanh Tensor.to torch.softmax
    functional.softmax torch.cumsum torch.sort torch.topk Tensor.sum torch.max torch.mean
    functional.normalize torch.cat torch.stack Tensor.unfold functional.unfold torch.flatten
    Tensor.view torch.matmul Tensor.__rmatmul__ torch.addmm torch.baddbmm functional.tensordot
    functional.einsum torch.index_add torch.scatter torch.gather torch.take_along_dim
    Tensor.__getitem__ functional.linear functional.conv1d functional.conv2d
    functional.conv_transpose1d functional.max_pool2d functional.layer_norm
    functional.cross_entropy torch.lstm torch.gru_cell functional.scaled_dot_product_attention
    fft.fft_rfft linalg.linalg_inv Tensor.mT torch.view_as_complex
"""
ALWAYS = {*OFTEN.split()}
MADE = ("feature", "channel")  # what layers call their own new axes


def slices_that_change(case, name) -> list | None:
    """For each index along the axis `name` of the inputs: where the results change with it.

    None where the function can't be asked: on such values, or with that axis twice in a tensor.
    """
    places = [names.index(name) if name in names else None for names in case.axes()]
    if any(names.count(name) > 1 for names in case.axes()):
        return None
    inputs = case.inputs()
    (size,) = {x.shape[at] for x, at in zip(inputs, places, strict=True) if at is not None}
    plain, found = answer(case, inputs), []
    for index in range(size):
        changed = [x.clone() for x in inputs]
        for x, original, at in zip(changed, inputs, places, strict=True):
            if at is not None:
                other = original.select(at, (index + 1) % size)
                x.select(at, index).copy_(other.flip(0) if other.dim() else other)
        try:
            after = answer(case, changed)
        except RuntimeError:
            return None
        if [x.shape for x in after] != [x.shape for x in plain]:
            return None
        found.append([differs(a, b) for a, b in zip(plain, after, strict=True)])
    return found


def answer(case, inputs):
    torch.manual_seed(0)
    return [x.detach() for x in tensors_in(case(*[x.clone() for x in inputs]))]


def differs(a, b):
    a, b = (x.to_dense() for x in (a, b))
    return (a != b) & ~((a != a) & (b != b))


def kept(case) -> dict[tuple[int, int], str]:
    """(result, axis) -> the axis of the inputs that it is, where the function shows it."""
    found = {}
    for name in {name for names in case.axes() for name in names} - {"?"}:
        if not (changes := slices_that_change(case, name)):
            continue
        for result, first in enumerate(changes[0]):
            for axis in range(first.dim()):
                if first.shape[axis] != len(changes) or not any(c[result].any() for c in changes):
                    continue
                own = [c[result].movedim(axis, 0) for c in changes]
                if not any(
                    where[j].any() for i, where in enumerate(own) for j in range(len(own)) if i != j
                ):
                    found[result, axis] = name
    return found


def only_at(index, where) -> bool:
    return not any(changed.any() for i, changed in enumerate(where) if i != index)


def can_be_called(case) -> bool:
    try:
        case(*case.inputs())
    except (TypeError, RuntimeError):
        return False
    return True


def check(case) -> list[str]:
    """The names of all axes of the results."""
    trace = case.trace()
    assert trace.error is None
    if case.expected is None:
        return []
    shown = [shape.names for shape in trace.outputs]
    assert [len(names) for names in shown] == [len(names) for names in case.expected]
    known = kept(case)
    given = {name for names in case.axes() for name in names} - {"?"}
    for result, (names, expected) in enumerate(zip(shown, case.expected, strict=True)):
        for axis, (name, promised) in enumerate(zip(names, expected, strict=True)):
            truth = known.get((result, axis))
            fits_the_function = truth in (None, name.rstrip("2")) or "?" in name or "*" in name
            # A name that nobody promised needs the function for a witness, or is a layer's own.
            has_witness = promised != "." or truth or name not in given or name in MADE
            agrees = promised in (name, ".") and fits_the_function and has_witness
            assert agrees, f"axis {axis} of {trace.outputs[result]}: {promised}, {truth}"
    return [name for names in shown for name in names]


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in ALWAYS else pytest.mark.stress) for n in SWEPT],
)
def test_a_function_keeps_its_names(name, record_property):
    """By position, and where it has a keyword form, by keyword."""
    cases = [Case(name, FUNCTIONS[name])]
    if cases[0].has_keywords:
        cases.append(Case(name, FUNCTIONS[name], by_keyword=True))
    if VERSION != WRITTEN_FOR:
        cases = [case for case in cases if can_be_called(case)]
    names = [name for case in cases for name in check(case)]
    record_property("axes swept", len(names))
    record_property("axes without a name", names.count("?"))


def test_every_function_is_swept_or_left_out_with_a_reason(capsys):
    forgotten = [name for name in FUNCTIONS if not recipe_for(name) and not reason_for(name)]
    assert VERSION != WRITTEN_FOR or not forgotten
    left_out = sum(reason_for(name) is not None for name in FUNCTIONS)
    with capsys.disabled():
        print(f"\n{len(SWEPT)} functions of torch have a recipe, {left_out} are left out.")
    assert len(SWEPT) >= 350
    assert VERSION != WRITTEN_FOR or set(SWEPT) >= ALWAYS

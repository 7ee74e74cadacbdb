"""Which call lets go of steps that the output has to see, and what to type there."""

from math import prod

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Why, never_in_the_way
from lstm_helpers._checking.indices import cut, is_whole_but, picked, the_index, with_items
from lstm_helpers._checking.locate import Compared, last_reader
from lstm_helpers._running.calls import CELLS, RECURRENT, Call, ancestors


def is_over_one(call: Call) -> bool:
    """Whether it normalises an axis of one, which makes the same number of all that it reads."""
    if call.name == "scaled_dot_product_attention":
        return call.arg("key").shape[-2] == 1
    if call.name == "layer_norm":
        return prod(call.arg("normalized_shape")) == 1
    if call.name not in ("softmax", "log_softmax"):
        return False
    dim = call.arg("dim")
    return isinstance(dim, int) and call.results[0].ndim > 0 and call.results[0].shape[dim] == 1


@never_in_the_way
def why_dropped(case: Case, draw, where, what: str) -> Why:
    """Which call lets go of what is changed `where`."""
    call = last_reader(Compared(case, draw, where))
    return Why(_drops(call, what)) if call else Why()


@never_in_the_way
def why_steps_are_dropped(case: Case, missed: int, what: str) -> Why:
    """What lets go of the newest `missed` steps."""
    compared = Compared(case, case.draw(0), case.newest(missed))
    call = last_reader(compared)
    if call is None:
        return _first_turns(compared)
    return Why(_drops(call, what), _steps_kept(case, compared, call, missed))


@never_in_the_way
def why_x_is_dropped(case: Case) -> Why:
    """What lets go of all that the model is given."""
    compared = Compared(case, case.draw(0), case.at_steps(slice(None)))
    call = last_reader(compared)
    if call is None:
        return _never_read(compared)
    if not is_over_one(call):
        return Why(_drops(call, "x"))
    always = {"softmax": "1", "scaled_dot_product_attention": "the one value"}.get(call.name, "0")
    if call.name == "layer_norm":
        always += ", but for its bias,"
        repair = "leave it out, or scale over the steps: x - x.mean(1, keepdim=True)."
    else:
        repair = "leave it out; a probability is torch.sigmoid(...) of the one number."
    return Why(
        f"{call.name} on {call.shape}{call.place} goes over an axis of one, and is {always} "
        "whatever it reads.",
        repair,
    )


@never_in_the_way
def why_samples_are_dropped(case: Case, where) -> Why:
    """What lets go of all samples but one."""
    call = last_reader(Compared(case, case.draw(0), where))
    if call is None:
        return Why()
    return Why(_drops(call, "the other samples"), _samples_kept(case, call))


def _drops(call, what):
    plain = f"{call.name} on {call.shape}{call.place}"
    return f"{the_index(call) if call.name == '__getitem__' else plain} drops {what}."


def _first_turns(compared) -> Why:
    """Of a loop of cells the state after the first turns is read."""
    loops = {}
    for call in compared.plain.watch.calls:
        if call.name in CELLS:
            loops.setdefault(id(call.arg("w_hh")), []).append(call)
    for turns in loops.values():
        read = [turn for turn in turns if compared.knows(turn)]
        if read and len(read) < len(turns) and read == turns[: len(read)]:
            which = "the first is" if len(read) == 1 else f"the first {len(read)} are"
            return Why(
                f"of the {len(turns)} turns of the loop over {turns[0].name}{turns[0].place} only "
                f"{which} read.",
                "read the state after the last turn.",
            )
    return Why()


def _never_read(compared) -> Why:
    """The last layer with a memory, else the last call, that reads x and is itself not read."""
    unread = compared.unread()
    walks = [call for call in unread if call.name in (*RECURRENT, *CELLS)]
    if not unread:
        return Why()
    call = (walks or unread)[-1]
    cause = f"what {call.name}{call.place} makes of x is never read."
    after = next((c for c in compared.calls if c.name in RECURRENT), None)
    if not walks:
        return Why(cause)
    if after is not None and after.path != call.path:
        return Why(cause, f"hand its state on: {after.path or after.name}(..., state).")
    last = "h_n[-1]" if call.name in RECURRENT else "the h of its last turn"
    return Why(cause, f"read {last}, which it returns.")


def _steps_kept(case, compared, call, missed) -> str:
    if call.name == "conv1d":
        return _windows_to_the_end(case, call, missed)
    if call.name != "__getitem__":
        return ""
    if len(at := picked(call, case.steps)) == 1:
        return f"{with_items(call, {at[0]: -1})} in its place."
    if len(at := cut(call, case.steps)) != 1:
        return ""
    (axis,) = at
    left = call.results[0].shape
    if len(left) == len(call.shape) and left[axis] == 1:
        return f"{with_items(call, {axis: slice(-1, None)})} in its place."
    if not (is_whole_but(call, axis) and left[axis] == case.steps - missed):
        return ""
    shifted = any(
        c.name == "cat" and id(call) in ancestors(c) and case.steps in c.results[0].shape
        for c in compared.calls
    )
    return f"leave the shift out, and give all {case.steps} steps." if shifted else "leave it out."


def _windows_to_the_end(case, call, missed) -> str:
    stride = call.arg("stride", 1)
    (stride,) = stride if isinstance(stride, tuple) else (stride,)
    if call.shape[-1] != case.steps or missed >= stride:
        return ""
    return (
        f"F.pad(..., ({stride - missed}, 0)) before it: then its windows, {stride} steps apart, "
        "end at the newest step."
    )


def _samples_kept(case, call) -> str:
    """The last step in the place of the last sample."""
    if call.name != "__getitem__":
        return ""
    shape, samples, steps = call.shape, case.samples, case.steps
    if at := picked(call, samples):
        later = [axis for axis in range(at[0] + 1, len(shape)) if shape[axis] == steps]
        return (
            f"{with_items(call, {at[0]: slice(None), later[0]: -1})} in its place." if later else ""
        )
    if picked(call, samples * steps) == [0] and case.batch == 0:
        return f"unflatten(0, (-1, {steps})) before it, and [:, -1]."
    return ""

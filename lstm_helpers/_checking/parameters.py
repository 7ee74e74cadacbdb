"""Does every parameter get a gradient? Layers that are never read do not."""

from torch import nn

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.dropped import is_over_one
from lstm_helpers._checking.finding import Finding, Why, sentence, verdicts
from lstm_helpers._checking.gradients import why_no_gradient
from lstm_helpers._checking.reads import Reads
from lstm_helpers._running.calls import CELLS, RECURRENT, ancestors
from lstm_helpers._running.probe import differs
from lstm_helpers._running.tensors import first_tensor

right, wrong, question = verdicts("parameters")


def parameters(case: Case, *, sees_x: bool) -> Finding | None:
    """Every parameter that can be trained gets a gradient, in eval or in training mode.

    Args:
        sees_x: whether the output depends on x at all; else another check says why not.
    """
    reads = case.reads
    if not reads.parameters:
        return None
    training = Reads(case.probe, train=True) if not reads.calls or reads.dead() else None
    if not reads.calls:
        reads = training
    if not reads.calls:
        why = (
            f"the backward pass raises {type(reads.failure).__name__}: {sentence(reads.failure)}"
            if reads.failure
            else "the result has none: integers, or no_grad inside."
        )
        return question(f"Do all parameters get a gradient? That can't be told: {why}")
    dead = reads.dead()
    if training and training.calls:
        dead = [name for name in dead if name in training.dead()]
    if not dead:
        return (
            _unlisted(case, reads)
            or _never_handed_on(reads)
            or right("Every parameter gets a gradient.")
        )
    if not sees_x:  # what a layer makes of x is lost: that is told already
        used = {id(t) for call in reads.calls for t in call.tensors}
        dead = [name for name in dead if id(reads.parameters[name]) not in used]
    if not dead:
        return None
    if all(_ends_a_chain(reads, name, dead) for name in dead):
        text = (
            f"{_listed(dead)} never {_get(dead)} a gradient: the last ones of several, and nothing "
            "comes after them. Are they spare? Then leave them out, or freeze them with "
            "requires_grad_(False). If not, something forgot to read them."
        )
        return question(text)
    weighing = (call for call in reads.calls if call.name != "layer_norm")
    trivial = [call for call in weighing if is_over_one(call)]
    if {id(reads.parameters[name]) for name in dead} <= _fed_into(reads, trivial):
        said = f"{_listed(dead)} never {_get(dead)} a gradient: the softmax{trivial[0].place}"
        return question(
            f"{said} goes over an axis of one, and is 1 whatever it reads. One variable, one "
            "patch? Then nothing is to be weighed, and it is right. Else another dim is meant."
        )
    says = f"{_listed(dead)} never {_get(dead)} a gradient."
    return wrong(says, *_why(case, reads, dead))


def _never_handed_on(reads) -> Finding | None:
    """A loop of single steps, each of which starts anew: its recurrent weights read only zeros."""
    loops = {}
    for call in reads.cells:
        loops.setdefault(id(call.arg("w_hh")), []).append(call)
    for rnn in reads.recurrences:
        if not rnn.packed and rnn.input.ndim == 3 and rnn.input.shape[rnn.seq_axis] == 1:
            loops.setdefault(id(rnn.weights[1]), []).append(rnn.call)
    names = {id(p): name for name, p in reads.parameters.items()}
    for weight, calls in loops.items():
        before = ancestors(*(parent for call in calls for parent, _ in call.parents))
        chained = any(id(call) in before for call in calls)
        if len(calls) < 3 or chained or weight not in names or reads.alive(names[weight]):
            continue
        name = calls[0].name
        return wrong(
            f"{names[weight]} never gets a gradient: {len(calls)} calls of {name}{calls[0].place} "
            "start from the same state, and each has seen its own step only.",
            "the state that a step returns is not handed to the next one.",
            f"{_handed_on(calls[0])}, with the state of the step before.",
        )
    return None


def _handed_on(call) -> str:
    if call.name == "lstm_cell":
        return "h, c = cell(x_t, (h, c))"
    return "h = cell(x_t, h)" if call.name in CELLS else "out, state = layer(x_t, state)"


def _unlisted(case, reads) -> Finding | None:
    """Layers in a plain list or dict: they work, and no optimizer hears of them."""
    root = case.probe.model
    if not isinstance(root, nn.Module):
        return None
    listed = {id(p) for p in root.parameters()}
    known = _names_in_containers(root)
    parameters = reads.parameters.items()
    unlisted = [known.get(id(p), name) for name, p in parameters if id(p) not in listed]
    if not unlisted:
        return None
    return wrong(
        f"{_listed(unlisted)} {_get(unlisted)} a gradient, but model.parameters() does not list "
        f"{_them(unlisted)}: no optimizer that is made of it trains {_them(unlisted)}.",
        *_why_unlisted(root, unlisted),
    )


def _why_unlisted(root, unlisted) -> Why:
    for path, module in root.named_modules():
        for attribute, held in vars(module).items():
            where = f"{path}.{attribute}".lstrip(".")
            if isinstance(held, list | tuple | dict) and all(
                name.startswith(f"{where}[") for name in unlisted
            ):
                better = "nn.ModuleDict" if isinstance(held, dict) else "nn.ModuleList"
                return Why(
                    f"self.{where} is a plain {type(held).__name__}, in which a module does not "
                    "look for layers.",
                    f"self.{where} = {better}(...).",
                )
    return Why("their layers are kept where a module does not look.")


def _names_in_containers(root) -> dict[int, str]:
    """The parameters of layers in plain lists and dicts, named as Python reaches them."""
    names = {}
    for path, module in root.named_modules():
        for attribute, held in vars(module).items():
            pairs = held.items() if isinstance(held, dict) else ()
            pairs = enumerate(held) if isinstance(held, list | tuple) else pairs
            for key, layer in pairs if not attribute.startswith("_") else ():
                if isinstance(layer, nn.Module):
                    where = f"{path}.{attribute}".lstrip(".") + f"[{key!r}]"
                    names |= {id(p): f"{where}.{n}" for n, p in layer.named_parameters()}
    return names


def _get(names):
    return "gets" if len(names) == 1 else "get"


def _them(names):
    return "it" if len(names) == 1 else "them"


def _listed(names):
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more


def _why(case, reads, dead) -> Why:
    ids = {id(reads.parameters[name]) for name in dead}
    if _change_the_answer(case, ids):
        why = why_no_gradient(case, ids)
        return (
            why
            if why.cause
            else Why("the output changes with other values, but no gradient passes.")
        )
    for rnn in reads.recurrences:
        unread = [i for i, group in enumerate(rnn.groups) if all(id(p) in ids for p in group)]
        if unread and len(unread) < len(rnn.groups):
            return _unread_part(reads, rnn, unread)
    if case.probe.opaque:
        return Why(repair="look inside: check the model as it was before torch.jit.")
    users = [call for call in reads.calls if any(id(t) in ids for t in call.tensors)]
    if not users:
        return Why("forward never uses them.", "use the layer, or take it out.")
    layers = {(call.name, call.place) for call in users}
    if len(layers) > 1:
        return Why("what they compute is never read.")
    ((name, place),) = layers
    last = {"": "its result", "cell": "its last state", "layer": "h_n[-1]"}[_kind(name)]
    return Why(
        f"what {name}{place} computes is never read.", f"read {last}, or take the layer out."
    )


def _kind(name) -> str:
    return "cell" if name in CELLS else "layer" if name in RECURRENT else ""


def _unread_part(reads, rnn, unread) -> Why:
    """Of a fused layer one direction, or one layer of several."""
    name = f"{rnn.call.name}{rnn.call.place}"
    layer, direction = divmod(unread[0], rnn.directions)
    both = "torch.cat((h_n[-2], h_n[-1]), dim=-1)"
    if rnn.directions == 2 and layer == rnn.layers - 1 and len(unread) == 1:
        ignored, read = ("forward", "backward")[:: -1 if direction else 1]
        width = 2 * rnn.call.results[1].shape[-1]
        return Why(
            f"nothing reads the {ignored} direction of {name}, only the {read} one"
            f"{_states_read(reads, rnn)}.",
            f"{both}, which is {width} numbers for what follows, or bidirectional=False.",
        )
    layers = sorted({str(i // rnn.directions) for i in unread})
    which = f"layers {' and '.join(layers)}" if len(layers) > 1 else f"layer {layer}"
    return Why(
        f"nothing reads {which} of {name}, counted from 0{_states_read(reads, rnn)}.",
        f"{both if rnn.directions == 2 else 'h_n[-1]'}, the last layer.",
    )


def _states_read(reads, rnn) -> str:
    """`: of its states only h_n[0] is read`, where the output is not read."""
    output, *states = reads.read(rnn.call)
    if output.any():
        return ""
    rows = [
        f"{name}[{row}]"
        for name, state in zip(("h_n", "c_n"), states, strict=False)
        for row in state.flatten(1).any(1).nonzero().flatten().tolist()
    ]
    verb = "is" if len(rows) == 1 else "are"
    return f": of its states only {' and '.join(rows)} {verb} read" if rows else ""


def _fed_into(reads, calls):
    """The ids of all tensors that these calls depend on."""
    before = ancestors(*calls)
    return {id(t) for call in reads.calls if id(call) in before for t in call.tensors}


def _ends_a_chain(reads, name, dead):
    """Whether it is the last of layers that are alike and read, and have no memory.

    The last residual of a chain has no reader. A whole block unread is another matter.
    """
    parts, known = name.split("."), reads.parameters
    if any(known[name] is t for call in reads.walks for t in call.tensors):
        return False
    for i, part in enumerate(parts):
        if not part.isdigit():
            continue
        before, after = (
            ".".join([*parts[:i], str(int(part) + by), *parts[i + 1 :]]) for by in (-1, 1)
        )
        if before in known and after not in known and before not in dead:
            block = ".".join(parts[: i + 1]) + "."
            is_one_layer = len(parts) == i + 2
            return is_one_layer or any(n.startswith(block) and n not in dead for n in known)
    return False


def _change_the_answer(case, ids):
    """Whether other values of these parameters give another answer."""
    probe = case.probe
    for draw in filter(None, map(case.draw, range(1, 4))):
        both = zip(probe.weights, draw.weights, strict=True)
        weights = [value + 0.1 if id(p) in ids else value for p, value in both]
        try:
            answer = first_tensor(probe.run(draw.x, weights=weights))
        except Exception:
            continue  # not every value is valid for this model
        if differs(draw.answer, answer, probe.rounding).any():
            return True
    return False

"""How layers read their input: the roles they give to its axes, and the axes they make."""

from torch import Tensor

from lstm_helpers._running.calls import Recurrence
from lstm_helpers._tracing.axes import Packed, Piece, new_axis, resized


def recurrent(call, result):
    """`torch.lstm`, `gru`, `rnn_tanh`, `rnn_relu`, padded or packed."""
    rnn = Recurrence(call)
    x, both = rnn.input, rnn.directions == 2
    if rnn.packed:
        call.read(x, (None, "feature"))
        steps = call.axes(x)[:1]
        origin = steps[0][0].origin
        batch = origin.batch if isinstance(origin, Packed) else new_axis(rnn.states[0].shape[-2])
    else:
        order = ("batch", "seq", "feature") if rnn.batch_first else ("seq", "batch", "feature")
        call.read(x, order, f"batch_first={rnn.batch_first}")
        steps = call.axes(x)[:2]
        batch = steps[order.index("batch")]

    output, h_n, *c_n = result
    w_ih, w_hh = rnn.weights[:2]
    layer = call.own_axis(w_ih, "layer", rnn.layers)
    direction = call.own_axis(w_ih, "direction", 2) if both else ()
    cell = call.own_axis(w_hh, "hidden", (c_n or [h_n])[0].shape[-1])
    projected = c_n and h_n.shape[-1] != c_n[0].shape[-1]
    out = call.own_axis(w_hh, "proj", h_n.shape[-1]) if projected else cell
    for state, last in zip(rnn.states, (out, cell), strict=False):
        call.read(state, ("layer*direction" if both else "layer", "batch", last[0].name))

    call.give(output, (*steps, direction + out))
    call.give(h_n, (layer + direction, batch, out))
    for state in c_n:
        call.give(state, (layer + direction, batch, cell))


def cell(call, result):
    """`torch.lstm_cell`, `gru_cell`, `rnn_tanh_cell`, `rnn_relu_cell`: one step."""
    x, state, w_hh = call.arg("input"), call.arg("hx"), call.arg("w_hh")
    call.read(x, ("batch", "feature"))
    call.read_one_step(x)
    hidden = call.own_axis(w_hh, "hidden", w_hh.shape[1])
    for old in [state] if isinstance(state, Tensor) else state:
        call.read(old, ("batch", "hidden"))
    for new in [result] if isinstance(result, Tensor) else result:
        call.give(new, (call.axes(x)[0], hidden))
        call.mark_like(new, x)


def linear(call, result):
    x, weight = call.arg("input"), call.arg("weight")
    *leading, last = call.axes(x)
    for piece in last:
        piece.label.suggest("feature")
    if weight.dim() == 1:  # one output without an axis of its own
        call.give(result, tuple(leading))
        return
    call.give(result, (*leading, call.own_channels(weight, "feature", result.shape[-1], leading)))


def embedding(call, result):
    x, weight = call.arg("input", call.arg("index")), call.arg("weight")
    axes = call.axes(x)
    call.give(result, (*axes, call.own_channels(weight, "feature", result.shape[-1], axes)))


def convolution(call, result):
    """One to three dimensions, transposed or not."""
    x, weight = call.arg("input"), call.arg("weight")
    places = weight.dim() - 2
    name, along = ("feature", ("seq",)) if places == 1 else ("channel", (None,) * places)
    call.read(x, ("batch", name, *along)[-x.dim() :])
    axes = call.axes(x)
    batch, moved = axes[: -places - 1], axes[-places:]
    kept = [resized(a, n) for a, n in zip(moved, result.shape[-places:], strict=True)]
    others = (*batch, *kept)
    channels = call.own_channels(weight, name, result.shape[-places - 1], others)
    call.give(result, (*batch, channels, *kept))


def batch_norm(call, result):
    x = call.arg("input")
    if x.dim() < 4:
        call.read(x, ("batch", "feature", "seq")[: x.dim()])
    call.give(result, call.axes(x))


def attention(call, result):
    """`F.multi_head_attention_forward`, which always gets (seq, batch, feature)."""
    query, key = call.arg("query"), call.arg("key")
    for x in (query, key):
        call.read(x, ("seq", "batch", "feature") if x.dim() == 3 else ("seq", "feature"))
    seq, *batch, _ = call.axes(query)
    output, weights = result
    call.give(output, call.axes(query))
    if weights is not None:
        leading = [*batch, *(new_axis(n) for n in weights.shape[len(batch) : -2])]
        call.give(weights, (*leading, seq, call.axes(key)[0]))


def dot_product_attention(call, result):
    query, value = call.axes_of("query"), call.axes_of("value")
    call.give(result, (*query[:-1], value[-1]))


def pack(call, result):
    """`_pack_padded_sequence(input, lengths, batch_first)`."""
    x, lengths, batch_first = (call.arg(name) for name in ("input", "lengths", "batch_first"))
    roles = ("batch", "seq") if batch_first else ("seq", "batch")
    call.read(x, roles, f"batch_first={bool(batch_first)}")
    call.read(lengths, ("batch",))
    axes = call.axes(x)
    batch, seq = axes[:2] if batch_first else axes[1::-1]
    data, batch_sizes = result
    rows = (Piece(data.shape[0], origin=Packed(batch, seq)),)
    call.give(data, (rows, *axes[2:]))
    call.give(batch_sizes, (resized(seq, batch_sizes.shape[0]),))


def pad(call, result):
    """`_pad_packed_sequence(data, batch_sizes, batch_first, ...)`."""
    batch_first = call.arg("batch_first")
    rows, *rest = call.axes_of("input")
    padded, lengths = result
    origin = rows[0].origin
    if isinstance(origin, Packed):
        batch, seq = origin.batch, origin.seq
        seq = resized(seq, padded.shape[1 if batch_first else 0])
    else:
        batch, seq = (new_axis(n) for n in padded.shape[:2])
    call.give(padded, ((batch, seq) if batch_first else (seq, batch)) + tuple(rest))
    call.give(lengths, (batch,))


def pad_sequence(call, result):
    """A list of sequences, each (seq, ...), becomes one padded batch."""
    sequences, batch_first = call.arg("sequences"), call.arg("batch_first", False)
    seq, *rest = call.axes(sequences[0])
    seq[0].label.suggest("seq")
    batch = new_axis(len(sequences), hint="batch")
    seq = resized(seq, result.shape[1 if batch_first else 0])
    call.give(result, ((batch, seq) if batch_first else (seq, batch)) + tuple(rest))

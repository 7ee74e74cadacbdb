"""Other valid inputs and other weights of the same size, drawn from a generator."""

import torch
from torch import nn

OPEN, CLOSED = 8.0, 4.0  # in front of a sigmoid: 0.9997 stays at each step, 0.018 comes in


def another_input(x, *, feature, real, generator, normal):
    """Another valid input: each variable keeps to values that it has in x."""
    columns = x.movedim(feature, -1) if feature is not None else x.unsqueeze(-1)
    result = torch.empty_like(columns)
    for i, column in enumerate(columns.unbind(-1)):
        pool = (column[real.to(x.device)] if real is not None else column).flatten()
        constant = bool((pool == pool[0]).all())
        whole = not constant and bool((pool == pool.round()).all())
        if whole or not x.is_floating_point():
            kinds = pool.unique() if pool.dtype != torch.bool else torch.tensor([False, True])
            place = torch.searchsorted(kinds.double(), column.double().contiguous())
            step = torch.randint(1, max(len(kinds), 2), column.shape, generator=generator)
            result[..., i] = kinds[(place + step.to(place.device)) % len(kinds)]
        elif normal or constant:
            result[..., i] = torch.randn(column.shape, generator=generator, dtype=x.dtype)
        else:
            # Between two values that it has: a model may refuse what is out of its range.
            one, two = torch.randint(len(pool), (2, *column.shape), generator=generator)
            share = torch.rand(column.shape, generator=generator, dtype=x.dtype)
            result[..., i] = pool[one.to(x.device)].lerp(pool[two.to(x.device)], share.to(x.device))
    return result.movedim(-1, feature) if feature is not None else result.squeeze(-1)


def drawn_weights(parameter, generator):
    """New weights of the same size. A zero among others is meant: the row of a padding token."""
    value = parameter.detach()
    scale = value.abs().pow(2).mean().sqrt().item()
    new = torch.randn(value.shape, generator=generator, dtype=value.dtype).to(value.device)
    return new * scale * (value != 0) if scale else new * 0.3


def memory_gates(modules) -> dict[int, list[tuple[slice, float]]]:
    """{id of a bias: [(a gate in it, what to add there)]}, so that nothing is forgotten for long.

    The second of PyTorch's gates decides how much of the memory stays: an LSTM's forget gate
    (i, f, g, o), a GRU's update gate (r, z, n). An LSTM's input gate is closed in return: else its
    cells fill over the steps, and behind a full one no step shows.
    """
    return {
        id(parameter): _gates(module)
        for module in modules
        if isinstance(module, (nn.LSTM, nn.GRU, nn.LSTMCell, nn.GRUCell))
        for name, parameter in module.named_parameters(recurse=False)
        if name.startswith("bias_ih")
    }


def _gates(module):
    size = module.hidden_size
    first, second = slice(0, size), slice(size, 2 * size)
    if isinstance(module, (nn.LSTM, nn.LSTMCell)):
        return [(first, -CLOSED), (second, OPEN)]
    return [(second, OPEN)]

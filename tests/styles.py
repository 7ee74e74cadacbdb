"""More styles, wrong and right: each built from layers and a forward on one line."""

import numpy as np
import torch
from small_models import series, words
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm, weight_norm
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

LENGTHS = torch.tensor([12, 9, 7, 6, 5])
TOKENS = (1 + words() % 6) * (torch.arange(12) < LENGTHS[:, None])


class Built(nn.Module):
    """A module of these layers whose forward is this function."""

    def __init__(self, function, **layers):
        super().__init__()
        for name, layer in layers.items():
            setattr(self, name, layer)
        self.function = function

    def forward(self, *inputs):
        return self.function(self, *inputs)


def lstm(*sizes, **options):
    return nn.LSTM(*(sizes or (2, 3)), **{"batch_first": True} | options)


def encoder(width=4, **options):
    return nn.TransformerEncoder(
        nn.TransformerEncoderLayer(width, 2, 8, **options), 2, enable_nested_tensor=False
    )


def unpacked(self, x, lengths):
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(self.rnn(packed)[0], batch_first=True)[0]


def heads(self, x):
    """Two heads of four, split by view and transpose."""
    h = self.rnn(x)[0]
    q, k, v = (p.view(len(x), 12, 2, 4).transpose(1, 2) for p in self.qkv(h).chunk(3, -1))
    mixed = torch.softmax(q @ k.transpose(-1, -2) / 2, -1) @ v
    return self.fc(mixed.transpose(1, 2).reshape(len(x), 12, 8)[:, -1])


def per_channel(self, x):
    """Every variable a univariate series of its own, as PatchTST has it."""
    batch, seq, feature = x.shape
    rows = x.permute(0, 2, 1).reshape(batch * feature, seq, 1)
    return self.fc(self.rnn(rows)[1][0][-1]).view(batch, feature, 6).permute(0, 2, 1)


def normed(self, x):
    mean, std = x.mean(1, keepdim=True).detach(), x.std(1, keepdim=True).detach()
    return self.fc(self.rnn((x - mean) / std)[0][:, -1:]) * std + mean


def by_mask(self, tokens):
    packed = (self.embed(tokens), (tokens != 0).sum(1))
    packed = pack_padded_sequence(*packed, batch_first=True, enforce_sorted=False)
    return self.fc(self.rnn(packed)[1][0][-1])


def remembering(self, x):
    self.memory.append(self.rnn(x)[0][:, -1])
    return self.fc(torch.stack(self.memory[-3:]).mean(0))


def with_memory():
    model = Built(remembering, rnn=lstm(), fc=nn.Linear(3, 1))
    model.memory = []
    return model


def own_generator():
    model = Built(
        lambda s, x: s.fc(s.rnn(x)[0][:, -1]) + torch.rand(5, 1, generator=s.numbers),
        rnn=lstm(),
        fc=nn.Linear(3, 1),
    )
    model.numbers = torch.Generator().manual_seed(1)
    return model


def frozen():
    model = Built(lambda s, x: s.fc(s.rnn(x)[0][:, -1]), rnn=lstm(), fc=nn.Linear(3, 1))
    model.rnn.requires_grad_(False)
    return model


def last(function=lambda s, x: s.rnn(x)[0][:, -1], *, out=1, width=3, rnn=None, **layers):
    """`function` picks what the head gets."""
    return Built(
        lambda s, *inputs: s.fc(function(s, *inputs)),
        rnn=rnn or lstm(),
        fc=nn.Linear(width, out),
        **layers,
    )


CAUSAL = {"causal": True}

# name: (how to build it, inputs after x, keywords with x where it is another, words of the cause)
WRONG = {
    "an encoder layer without batch_first": (
        lambda: Built(lambda s, x: s.t(s.e(x))[:, -1], e=nn.Linear(2, 4), t=encoder()),
        (), {}, "batch_first was forgotten"),
    "the second of two layers without batch_first": (
        lambda: last(lambda s, x: s.top(s.rnn(x)[0])[0][:, -1], top=nn.LSTM(3, 3)),
        (), {}, "lstm in top .* walks along the batch axis"),
    "all windows behind one another": (
        lambda: last(lambda s, x: s.rnn(x.reshape(1, -1, 2))[0][:, -1]),
        (), {}, "batch and seq were merged"),
    "packed without batch_first": (
        lambda: last(lambda s, x: s.rnn(pack_padded_sequence(x, [5] * 12))[1][0][-1],
                     rnn=nn.LSTM(2, 3)),
        (), {}, "batch_first was forgotten"),
    "features first, reshaped": (
        lambda: last(lambda s, x: s.rnn(x.reshape(5, 12, 2))[0][:, -1]),
        (), {"x": series().mT.contiguous(), "axes": "batch feature seq"}, "transpose"),
    "pooled over a reshaped axis": (
        lambda: last(lambda s, x: s.rnn(x)[0].reshape(5, 3, -1).mean(-1)), (), {}, "transpose"),
    "h and c side by side, viewed": (
        lambda: last(lambda s, x: torch.cat(s.rnn(x)[1], -1).view(5, -1), width=12,
                     rnn=lstm(2, 3, 2)),
        (), {}, "view of h_n"),
    "normalised over the batch": (
        lambda: last(lambda s, x: s.rnn(F.normalize(x, dim=0))[0][:, -1]),
        (), {}, "statistics over the batch"),
    "batch_norm in training mode": (
        lambda: last(lambda s, x: F.batch_norm(s.rnn(x)[0][:, -1], None, None, training=True)),
        (), {}, "statistics over the batch"),
    "a memory of answers": (with_memory, (), {}, "hidden state is kept"),
    "a fresh Dropout in forward": (
        lambda: last(lambda s, x: nn.Dropout(0.5)(s.rnn(x)[0][:, -1])),
        (), {}, "dropout is active"),
    "a generator of its own": (own_generator, (), {}, "rand draws numbers in eval mode"),
    "numpy's generator": (
        lambda: last(lambda s, x: s.rnn(x)[0][:, -1] + np.random.rand()),
        (), {}, "numbers drawn outside torch"),
    "a stride that leaves steps over": (
        lambda: last(lambda s, x: s.conv(x.mT).mean(-1), conv=nn.Conv1d(2, 3, 5, stride=5)),
        (), {}, "newest 2 input steps of 12"),
    "a layer over all steps by einsum": (
        lambda: last(lambda s, x: torch.einsum("bth,st->bsh", s.rnn(x)[0], s.mix),
                     mix=nn.Parameter(torch.rand(12, 12))),
        (), CAUSAL, "one layer over all steps"),
    "attention without a mask": (
        lambda: Built(lambda s, x: s.t(s.e(x)), e=nn.Linear(2, 4), t=encoder(batch_first=True)),
        (), CAUSAL, "attention without a mask"),
    "a centred moving average": (
        lambda: last(lambda s, x: s.rnn(F.avg_pool1d(x.mT, 3, 1, 1).mT)[0]),
        (), CAUSAL, "pads on both sides"),
    "scaled by the window's extreme": (
        lambda: last(lambda s, x: s.rnn(x / x.abs().amax(1, keepdim=True).detach())[0]),
        (), CAUSAL, "amax takes a statistic over the whole window"),
    "the last state at every step": (
        lambda: last(lambda s, x: s.rnn(x)[0] + s.rnn(x)[1][0][-1].unsqueeze(1)),
        (), CAUSAL, "last state given to every step"),
    "packed, both directions, last real step": (
        lambda: last(lambda s, x, n: unpacked(s, x, n)[torch.arange(5), n - 1], width=6,
                     rnn=lstm(2, 3, bidirectional=True)),
        (LENGTHS,), {"lengths": LENGTHS}, "has seen one step"),
    "the forward half alone": (
        lambda: last(lambda s, x: s.rnn(x)[0][:, -1, :3], rnn=lstm(2, 3, bidirectional=True)),
        (), {}, "nothing reads the backward direction"),
    "the largest state, padding included": (
        lambda: last(lambda s, x: s.rnn(x)[0].amax(1)), (), {"lengths": LENGTHS}, "padded"),
}  # fmt: skip

RIGHT = {
    "a causal transformer": (
        lambda: Built(
            lambda s, x: s.t(s.e(x), mask=nn.Transformer.generate_square_subsequent_mask(12)),
            e=nn.Linear(2, 4), t=encoder(batch_first=True)),
        (), CAUSAL),
    "the window normalised and back": (
        lambda: Built(normed, rnn=lstm(), fc=nn.Linear(3, 2)), (), {}),
    "heads by view and transpose": (
        lambda: Built(heads, rnn=lstm(2, 8), qkv=nn.Linear(8, 24), fc=nn.Linear(8, 1)), (), {}),
    "a series for each variable": (
        lambda: Built(per_channel, rnn=lstm(1, 3), fc=nn.Linear(3, 6)), (), {}),
    "a learnt first state of zeros": (
        lambda: last(lambda s, x: s.rnn(x, (s.h.expand(1, 5, 3).contiguous(),) * 2)[0][:, -1],
                     h=nn.Parameter(torch.zeros(1, 1, 3))),
        (), {}),
    "normed weights": (
        lambda: Built(lambda s, x: s.b(s.a(s.rnn(x)[0][:, -1])), rnn=lstm(),
                      a=weight_norm(nn.Linear(3, 4)), b=spectral_norm(nn.Linear(4, 2))),
        (), {}),
    "read backwards": (lambda: last(lambda s, x: s.rnn(x.flip(1))[0][:, -1]), (), {}),
    "pooled in time": (
        lambda: last(lambda s, x: s.rnn(F.max_pool1d(x.mT, 2).mT)[0][:, -1]), (), {}),
    "patches": (
        lambda: last(lambda s, x: s.rnn(x.reshape(5, 4, 6))[0][:, -1], rnn=lstm(6, 3)), (), {}),
    "windows in the window": (
        lambda: last(lambda s, x: s.rnn(x.unfold(1, 4, 2).flatten(2))[0][:, -1], rnn=lstm(8, 3)),
        (), {}),
    "the logarithm of positive values": (
        lambda: last(lambda s, x: s.rnn(x.log())[0][:, -1]), (), {"x": series().exp()}),
    "a number for each sample": (lambda: nn.Sequential(last(), nn.Flatten(0)), (),
                                 {"y": torch.rand(5)}),
    "an autoencoder": (
        lambda: Built(lambda s, x: s.d(s.rnn(x)[1][0][-1].unsqueeze(1).repeat(1, 12, 1))[0],
                      rnn=lstm(), d=lstm(3, 2)),
        (), {"y": series()}),
    "frozen": (frozen, (), {}),
    "projected": (lambda: last(rnn=lstm(2, 5, proj_size=3)), (), {}),
    "a horizon as long as the window": (lambda: last(out=12), (), {}),
    "features first, transposed": (
        lambda: last(lambda s, x: s.rnn(x.mT)[0][:, -1]),
        (), {"x": series().mT, "axes": "batch feature seq"}),
    "padding known by its value": (
        lambda: Built(by_mask, embed=nn.Embedding(7, 4), rnn=lstm(4, 3), fc=nn.Linear(3, 1)),
        (), {"x": TOKENS, "axes": "batch seq", "lengths": LENGTHS}),
    "a sum over rows of zeros for padding": (
        lambda: Built(lambda s, x, n: s.fc(s.embed(x).sum(1) / n[:, None]),
                      embed=nn.Embedding(7, 4, padding_idx=0), fc=nn.Linear(4, 1)),
        (LENGTHS,), {"x": TOKENS, "axes": "batch seq", "lengths": LENGTHS}),
    "lengths that the checker is not told": (
        lambda: last(lambda s, x, n: unpacked(s, x, n)[torch.arange(5), n - 1]), (LENGTHS,), {}),
    "an input of zeros": (last, (), {"x": torch.zeros(5, 12, 2)}),
    "classes": (lambda: last(out=4), (), {"y": torch.randint(4, (5,))}),
    "clamped": (lambda: nn.Sequential(last(), nn.Hardtanh(0, 1)), (), {}),
    "two steps": (last, (), {"x": series(2, 2)}),
}  # fmt: skip

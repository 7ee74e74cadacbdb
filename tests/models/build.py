"""Models made of layers and a forward on one line."""

from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


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
    """An LSTM with the batch first, from 2 variables to 3 hidden units where nothing is said."""
    return nn.LSTM(*(sizes or (2, 3)), **{"batch_first": True} | options)


def last(self, x):
    """What the model's head makes of the last step."""
    return self.fc(self.rnn(x)[0][:, -1])


def net(function=last, **more):
    """`function` with an LSTM `rnn`, a head `fc` and what more there is."""
    return Built(function, **{"rnn": lstm(), "fc": nn.Linear(3, 1)} | more)


def head_on(read, **more):
    """What `read` picks goes into the head of `net`."""
    return net(lambda self, *inputs: self.fc(read(self, *inputs)), **more)


class Last(nn.Module):
    """The last step of a recurrent layer's output."""

    def forward(self, result):
        out, _ = result
        return out[:, -1]


def encoder(width=4, **options):
    """Two encoder layers of a transformer."""
    layer = nn.TransformerEncoderLayer(width, 2, 8, **options)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)


def pack(x, lengths):
    return pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)


def unpacked(self, x, lengths):
    """The outputs of the model's packed layer."""
    return pad_packed_sequence(self.rnn(pack(x, lengths))[0], batch_first=True)[0]

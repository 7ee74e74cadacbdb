"""Ways to write lines: each class or function is one model, called with x (5, 12, 2)."""

# fmt: off
# ruff: noqa: E701, E702, E731, F841, RET504
from contextlib import nullcontext
from dataclasses import dataclass
from functools import wraps

import torch
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 3, batch_first=True)
        self.cell = nn.LSTMCell(2, 3)
        self.fc = nn.Linear(3, 4)
        self.calls = 0


class Unpacks(Base):
    def forward(self, x):
        """What nobody needs to see here."""
        out, (h_n, _) = self.lstm(x)
        self.memory = out[:, -1]
        d = {"last": h_n[0]}
        d["first"], *rest = self.memory, h_n, out
        return d


class Loops(Base):
    def forward(self, x):
        h, c = x.new_zeros(5, 3), x.new_zeros(5, 3)
        seen = []
        for t, x_t in enumerate(x.unbind(1)):
            h, c = self.cell(x_t, (h, c))
            seen.append(h)
            path = torch.stack(seen, dim=1)
            if t == 6:
                break
            if t == 2:
                continue
        while (n := len(seen)) > 3: part = seen.pop()
        return path


class InPlace(Base):
    def forward(self, x):
        x += 1
        x.unsqueeze_(1)
        x[:, 0] = 2
        y = x.squeeze(1).clone()
        y[:, 1:].mul_(3)
        nn.init.zeros_(y)
        torch.add(y, 1, out=y)
        y = y.transpose(1, 2); y = y[:, 0]
        return y


def doubled(function):
    @wraps(function)
    def inner(*args):
        result = function(*args)
        return result * 2

    return inner


class Calls(Base):
    @property
    def head(self):
        return self.fc

    @doubled
    def last(self, out): return out[:, -1]


    def halves(self, x):
        yield x[:, :6]
        got = yield x[:, 6:]

    def fold(self, x, depth):
        if depth == 0:
            return x
        return self.fold(x[:, ::2], depth - 1)

    def forward(self, x):
        out = self.lstm(x)[0]
        both = [half.mean(1) for half in self.halves(out)]
        with torch.no_grad(), nullcontext(out) as kept:
            tanh = lambda z: z.tanh()
            kept = tanh(kept)

        def scaled(z):
            """Not to be seen either."""
            return z / out.std()

        short = self.fold(
            scaled(kept),
            2,
        )
        return self.head(self.last(short))


class Tries(Base):
    def forward(self, x):
        try:
            y = x @ x
            y = 3
        except RuntimeError:
            y = x[:, 0]
        finally:
            z = y[0]
        match (y, z):
            case (first, second):
                w = first * second
            case _:
                w = None
        try:
            return w
        finally:
            v = w[:2]


@dataclass
class Answer:
    mean: torch.Tensor
    width: torch.Tensor | None = None


@dataclass(eq=False)
class Configured(nn.Module):
    hidden: int = 3

    def __post_init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, self.hidden, batch_first=True)

    def forward(self, x):
        out, state = self.lstm(x)
        answer = Answer(out.mean(1))
        return answer


def closure():
    weight = torch.rand(2, 3)

    def forward(x):
        y = x @ weight  # a comment of the reader's
        return y.sum(1)

    return forward


only_lambda = lambda x: x.mean(1)


class Keeps(Base):
    state = None

    def forward(self, x):
        h = None if self.state is None else self.state[0]
        out, self.state = self.lstm(x, self.state)
        return out


class Reader(Base):
    def forward(self, x):
        out, _ = self.lstm(x)
        for t in range(12):
            if t == 2:
                out = nn.functional.linear(
                    out, self.fc.weight[:, :2]
                )
            out = out + 1
        return out


class Raises(Base):
    def __init__(self):
        super().__init__()
        self.reader = Reader()

    def forward(self, x):
        y = x.tanh()
        y = self.reader(y)
        return y


class Stops(Base):
    def forward(self, x):
        y = x.mean(1)
        breakpoint()
        z = y * 2
        return z


class Rolls(Base):
    def forward(self, x):
        h, c = x.new_zeros(5, 3), x.new_zeros(5, 3)
        outputs = []
        for x_t in x.unbind(1):
            h, c = self.cell(x_t, (h, c))
            y = self.fc(h)
            outputs.append(y)
        return torch.stack(outputs, dim=1)

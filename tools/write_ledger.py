"""Write the shape ledger, docs/shapes.md: every shape of the course, from code that is run.

python tools/write_ledger.py
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_helpers import (
    EncoderDecoderLSTM,
    ManyToManyLSTM,
    ManyToOneLSTM,
    Windows,
    label,
    load_flights,
    load_nyc_departures,
    roll_out,
)

PAGE = Path(__file__).parents[1] / "docs" / "shapes.md"
SET_UP = """\
windows = Windows(load_flights(), seq_len=12)
x, y = windows[:5]
eleven, _ = windows[:11]
nyc = load_nyc_departures()
lags = Windows(nyc["dep_delay"], 7).x[:803, :, 0]
lstm = nn.LSTM(input_size=1, hidden_size=3, batch_first=True)
stacked = nn.LSTM(1, 3, num_layers=2, bidirectional=True, batch_first=True)
gru = nn.GRU(1, 3, batch_first=True)
linear = nn.Linear(3, 1)
indices = torch.tensor([[4, 2, 5, 3], [4, 0, 5, 1]])
lengths = torch.tensor([4, 7, 10, 5])
packed = pack_padded_sequence(
    torch.rand(4, 10, 10), lengths, batch_first=True, enforce_sorted=False
)
spelled = nn.LSTM(10, 3, batch_first=True)(packed)
"""
HEAD = f"""# Shape ledger

Every shape of the course with the name of every axis. This page is written by
`tools/write_ledger.py`, which runs the code below and that of the first column: no shape is
typed in.

```python
{SET_UP}```
"""
SECTIONS = {
    "Lesson 01: windows, a batch, a forecast": {
        "load_flights()": "month column",
        "windows[0][0]": "seq feature",
        "windows[0][1]": "horizon target",
        "x": "batch seq feature",
        "y": "batch horizon target",
        "lstm(x)[0]": "batch seq hidden",
        "linear(lstm(x)[0])": "batch seq target",
        "lstm(x)[0][:, -1]": "batch hidden",
        "linear(lstm(x)[0][:, -1])": "batch target",
        "linear(lstm(x)[0][:, -1])[:, None]": "batch horizon target",
    },
    "Lesson 02: rows that are steps, rows that are samples": {
        "nyc": "hour column",
        'Windows(nyc[["dep_delay", "departures", "temp"]], 19).x': "window seq feature",
        'Windows(nyc, 19, target="dep_delay").y': "window horizon target",
        "Windows(3 * [torch.rand(31 * 19, 1)], 19)[:][0]": "window seq feature",
        "torch.rand(4000, 3)[:, :, None]": "batch seq feature",
        "lags[:, :, None]": "batch seq feature",
        "lags[:, None, :]": "batch seq feature",
        'Windows(nyc[["dep_delay", "departures"]], 12)[:2][0]': "batch seq feature",
        "torch.rand(10_000).reshape(200, 50, 1)": "batch seq feature",
        'Windows(nyc, 19, horizon=7, target=["dep_delay", "departures"])[:5][1]': (
            "batch horizon target"
        ),
    },
    "Lesson 03: states, flattening, time first": {
        "lstm(x)[1][0]": "layer batch hidden",
        "lstm(x)[1][1]": "layer batch hidden",
        "lstm(x)[1][0][-1]": "batch hidden",
        "gru(x)[1]": "layer batch hidden",
        "stacked(x)[0]": "batch seq direction*hidden",
        "stacked(x)[1][0]": "layer*direction batch hidden",
        "nn.LSTM(4, 6, 2, bidirectional=True)(torch.rand(20, 8, 4))[1][0]": (
            "layer*direction batch hidden"
        ),
        "torch.cat((stacked(x)[1][0][-2], stacked(x)[1][0][-1]), dim=-1)": "batch direction*hidden",
        "lstm(x)[0].reshape(-1, 3)": "batch*seq hidden",
        "lstm(x[:1])[0].reshape(1, -1)": "batch seq*hidden",
        "torch.rand(107, 1, 1) - torch.rand(107)": "forecast horizon label",
        "x.transpose(0, 1)": "seq batch feature",
        "nn.Linear(3, 6 * 2)(lstm(x)[0][:, -1]).unflatten(1, (6, 2))": "batch horizon target",
    },
    "Lesson 04: a target at every step": {
        "Windows(load_flights(), 12, shifted=True)[:5][1]": "batch seq target",
        "linear(lstm(x)[0])": "batch seq target",
        "nn.Linear(3, 6 * 2)(lstm(x)[0]).unflatten(2, (6, 2))": "batch seq horizon target",
        "lstm(x)[0].reshape(-1, 3)": "batch*seq hidden",
        "linear(lstm(x)[0]).reshape(-1, 1)": "batch*seq target",
        "nn.Linear(3, 4)(lstm(x)[0])": "batch seq class",
        "nn.Linear(3, 4)(lstm(x)[0]).transpose(1, 2)": "batch class seq",
        "nn.Linear(3, 4)(lstm(x)[0]).argmax(2)": "batch seq",
        "lstm(x)[0].flatten(1)": "batch seq*hidden",
        "nn.Linear(3 * 12, 7)(lstm(x)[0].flatten(1))[:, :, None]": "batch horizon target",
        "nn.LSTM(1, 3, bidirectional=True, batch_first=True)(x)[0]": "batch seq direction*hidden",
    },
    "Lesson 05: the state that is passed in": {
        "eleven.new_zeros(1, len(eleven), 3)": "layer batch hidden",
        "lstm(x[0])[1][0]": "layer hidden",
        "stacked(eleven)[1][1]": "layer*direction batch hidden",
        "stacked(eleven)[1][0].view(2, 2, 11, 3)": "layer direction batch hidden",
        "stacked(eleven)[0].view(11, 12, 2, 3)": "batch seq direction hidden",
        "torch.cat((stacked(eleven)[1][0][0::2], stacked(eleven)[1][0][1::2]), dim=2)": (
            "layer batch direction*hidden"
        ),
        "torch.rand(11, 6).view(11, 2, 3).transpose(0, 1)": "layer batch hidden",
        "lstm(x[:, 6:], lstm(x[:, :6])[1])[0]": "batch seq hidden",
        "gru(x, x.new_zeros(1, 5, 3))[1]": "layer batch hidden",
        "nn.LSTMCell(1, 3)(x[:, 0])[0]": "batch hidden",
    },
    "Lesson 06: weights, projections, one step": {
        "nn.LSTM(1, 2).weight_ih_l0": "4*hidden feature",
        "nn.LSTM(1, 2).weight_hh_l0": "4*hidden hidden",
        "nn.LSTM(1, 2).bias_ih_l0": "4*hidden",
        "nn.LSTM(1, 5, num_layers=2).weight_ih_l1": "4*hidden hidden",
        "nn.LSTM(3, 5, num_layers=2, bidirectional=True).weight_ih_l1": (
            "4*hidden direction*hidden"
        ),
        "nn.LSTM(1, 5, proj_size=3).weight_hr_l0": "proj hidden",
        "nn.LSTM(1, 5, proj_size=3).weight_hh_l0": "4*hidden proj",
        "nn.LSTM(1, 5, proj_size=3, batch_first=True).double()(x.double())[0]": "batch seq proj",
        "nn.LSTM(1, 5, proj_size=3, batch_first=True).double()(x.double())[1][1]": (
            "layer batch hidden"
        ),
        "nn.GRU(1, 2).weight_ih_l0": "3*hidden feature",
        "nn.RNN(1, 2).weight_ih_l0": "hidden feature",
        "nn.LSTMCell(1, 2)(x[:, 0])[0]": "batch hidden",
        "nn.RNN(1, 1)(torch.rand(9, 1))[1]": "layer hidden",
        "lstm(x)[0][:, -1:].expand(-1, 7, -1)": "batch seq hidden",
    },
    "Lesson 07: forecasts ahead": {
        "windows.newest()": "batch seq feature",
        "Windows(load_flights(), 12, horizon=12).y": "window horizon target",
        "ManyToOneLSTM(1, 16, horizon=12)(windows.newest())": "batch horizon target",
        "ManyToOneLSTM(3, 16, 3, horizon=10)(torch.rand(5, 12, 3))": "batch horizon target",
        "ManyToManyLSTM(1, 16).step(x)[0]": "batch seq target",
        "roll_out(ManyToManyLSTM(1, 16), x, 7)": "batch horizon target",
        "EncoderDecoderLSTM(1, 16, horizon=7).encoder(x)[1][0]": "layer batch hidden",
        "EncoderDecoderLSTM(1, 16, horizon=7)(x)": "batch horizon target",
        'Windows(nyc, 19, horizon=7, target="temp")[:5][1]': "batch horizon known",
        "lstm(x)[1][0][-1][:, None] + lstm(x)[0]": "batch seq hidden",
    },
    "Lesson 08: words, unequal lengths, classes": {
        "indices": "batch seq",
        "nn.Embedding(6, 10).weight": "word feature",
        "nn.Embedding(6, 10)(indices)": "batch seq feature",
        "packed.data": "letter feature",
        "packed.batch_sizes": "step",
        "pad_packed_sequence(spelled[0], batch_first=True)[0]": "batch seq hidden",
        "spelled[1][0][-1]": "batch hidden",
        "torch.rand(4, 11, 61)": "batch seq class",
        "torch.rand(4, 11, 61).transpose(1, 2)": "batch class seq",
        "torch.rand(4, 11, 61).view(-1, 61)": "batch*seq class",
        "torch.rand(4, 11, 61)[torch.arange(11) <= lengths[:, None]]": "step class",
        "torch.rand(4, 11)[torch.arange(11) <= lengths[:, None]]": "step",
        "torch.rand(4, 11, 61).argmax(2)": "batch seq",
        "nn.Linear(3, 2)(lstm(x)[1][0][-1])": "batch class",
        "nn.Linear(3, 2)(lstm(x)[1][0][-1]).argmax(1)": "batch",
        "nn.Linear(3, 1)(lstm(x)[1][0][-1])[:, 0]": "batch",
    },
    "Lesson 09: several series, and the way back": {
        "Windows(3 * [torch.rand(31 * 19, 4)], 19, target=0)[:][0]": "window seq feature",
        "Windows(3 * [torch.rand(31 * 19, 4)], 19, target=0)[:][1]": "window horizon target",
        "Windows(torch.rand(31 * 19, 3), 19).x": "window seq feature",
        "Windows(torch.rand(31 * 19, 3), 19).y": "window horizon target",
        'Windows(nyc[["dep_delay", "departures", "temp"]], 19).x.flatten(0, 1)': (
            "window*seq feature"
        ),
        'Windows(nyc, 6, horizon=19, target="dep_delay").y': "window horizon target",
        'Windows(nyc[-1059:], 19, target="dep_delay").y': "window horizon target",
    },
    "Lesson 10: shapes of silent mistakes": {
        "linear(lstm(x)[0][:, -1]) - y": "forecast label target",
        'Windows(nyc[["departures", "temp"]], 12)[:5][0].reshape(1, -1, 2)': "batch seq feature",
        "linear(lstm(x)[0][-1])[:, None]": "seq horizon target",
        "linear(lstm(x)[0][:, -7:])": "batch seq target",
    },
    "Lesson 11: shapes in messages, repaired": {
        "eleven": "batch seq feature",
        "lstm(eleven)[0]": "batch seq hidden",
        "nn.Linear(3, 4)(lstm(eleven)[0]).transpose(1, 2)": "batch class seq",
        "lstm(eleven)[0].transpose(1, 2)": "batch hidden seq",
        "lstm(eleven)[1][0][-1][:, None] + lstm(eleven)[0]": "batch seq hidden",
        "torch.cat((eleven, linear(lstm(eleven)[0][:, -1:])), dim=1)": "batch seq feature",
    },
    "Lesson 12: the same information, for an LSTM and for trees": {
        "Windows(torch.rand(4836 + 19, 28), 19, target=0).x": "window seq feature",
        "torch.rand(1040, 40)": "sample feature",
    },
}


def page() -> str:
    """The whole page as Markdown."""
    names = {"torch": torch, "nn": nn, "Windows": Windows, "load_flights": load_flights}
    names["load_nyc_departures"] = load_nyc_departures
    forecasters = (EncoderDecoderLSTM, ManyToManyLSTM, ManyToOneLSTM, roll_out)
    names |= {one.__name__: one for one in forecasters}
    names["pack_padded_sequence"] = pack_padded_sequence
    names["pad_packed_sequence"] = pad_packed_sequence
    exec(SET_UP, names)
    lines = [HEAD]
    for title, rows in SECTIONS.items():
        lines += [f"## {title}\n", "| code | shape | axes |", "|---|---|---|"]
        for code, axes in rows.items():
            shape, named = label(eval(code, names), axes).split("  ")
            lines.append(f"| `{code}` | {shape} | {named} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

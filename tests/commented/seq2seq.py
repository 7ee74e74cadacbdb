"""An encoder and a decoder with attention, one step at a time."""

import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.gru = nn.GRU(input_size, hidden_size, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hidden_size, hidden_size)

    def forward(self, src):
        # src: (batch_size, src_len, input_size)
        outputs, hidden = self.gru(src)
        # outputs: (batch_size, src_len, 2 * hidden_size)
        # hidden: (num_layers * num_directions, batch_size, hidden_size)
        hidden = torch.cat((hidden[-2], hidden[-1]), dim=1)  # (batch_size, 2 * hidden_size)
        hidden = torch.tanh(self.fc(hidden))  # (batch_size, hidden_size)
        return outputs, hidden


class Attention(nn.Module):
    def __init__(self, hidden_size):
        super().__init__()
        self.attn = nn.Linear(3 * hidden_size, hidden_size)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, hidden, encoder_outputs):
        # hidden = [batch size, hidden size]
        # encoder_outputs = [batch size, src len, 2 * hidden size]
        src_len = encoder_outputs.shape[1]
        hidden = hidden.unsqueeze(1).repeat(1, src_len, 1)
        # hidden = [batch size, src len, hidden size]
        energy = torch.tanh(self.attn(torch.cat((hidden, encoder_outputs), dim=2)))
        # energy = [batch size, src len, hidden size]
        attention = self.v(energy).squeeze(2)
        # attention = [batch size, src len]
        return torch.softmax(attention, dim=1)


class Seq2Seq(nn.Module):
    def __init__(self, input_size, hidden_size, output_size, tgt_len):
        super().__init__()
        self.tgt_len, self.output_size = tgt_len, output_size
        self.encoder = Encoder(input_size, hidden_size)
        self.attention = Attention(hidden_size)
        self.cell = nn.GRUCell(output_size + 2 * hidden_size, hidden_size)
        self.out = nn.Linear(hidden_size, output_size)

    def forward(self, src):  # (batch, src_len, feature) -> (batch, tgt_len, output_size)
        outputs, hidden = self.encoder(src)
        y = src.new_zeros(len(src), self.output_size)  # (batch, output_size)
        predictions = []
        for _ in range(self.tgt_len):
            weights = self.attention(hidden, outputs)  # (batch, src_len)
            context = (weights[:, None] @ outputs)[:, 0]  # (batch, 2 * hidden)
            hidden = self.cell(torch.cat([y, context], dim=1), hidden)  # (batch, hidden)
            y = self.out(hidden)  # (batch, output_size)
            predictions.append(y)
        return torch.stack(predictions, dim=1)  # (batch, tgt_len, output_size)


def model():
    return Seq2Seq(input_size=3, hidden_size=4, output_size=5, tgt_len=6)


def inputs():
    return (torch.rand(2, 9, 3),)

"""A tag for each word: LSTMs over characters and, in both directions, over words."""

import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self, words, chars, tags, word_dim=6, char_dim=4, hidden=5):
        super().__init__()
        self.word_embedding = nn.Embedding(words, word_dim)
        self.char_embedding = nn.Embedding(chars, char_dim)
        self.char_lstm = nn.LSTM(char_dim, hidden, batch_first=True)
        self.lstm = nn.LSTM(word_dim + hidden, hidden, bidirectional=True, batch_first=True)
        self.hidden2tag = nn.Linear(2 * hidden, tags)

    def forward(
        self,
        sentence,  # (batch, seq_len)
        characters,  # (batch, seq_len, word_len)
    ):
        batch_size, seq_len, word_len = characters.shape
        flat = characters.view(batch_size * seq_len, word_len)  # (batch_size * seq_len, word_len)
        embedded = self.char_embedding(flat)  # (batch*seq, word_len, char_dim)
        _, (h_n, _) = self.char_lstm(embedded)  # h_n: (1, batch*seq, hidden)
        spelled = h_n[-1].view(batch_size, seq_len, -1)  # (batch_size, seq_len, hidden)
        words = self.word_embedding(sentence)  # -> (batch_size, seq_len, word_dim)
        both = torch.cat(
            [
                words,  # (batch, seq_len, word_dim)
                spelled,  # (batch, seq_len, hidden)
            ],
            dim=-1,
        )  # (batch, seq_len, word_dim + hidden)
        out, (h, c) = self.lstm(both)  # out: (batch, seq, 2*hidden), h: (2, batch, hidden)
        forward, backward = out.chunk(2, dim=-1)  # both (batch, seq, hidden)
        assert h.shape == c.shape  # (num_directions, batch, hidden)
        logits = self.hidden2tag(torch.cat((forward, backward), -1))  # (batch, seq, tags)
        return logits.argmax(-1), logits  # (batch, seq), (batch, seq, tags)


def model():
    return Tagger(words=17, chars=11, tags=9)


def inputs():
    return torch.randint(0, 17, (3, 7)), torch.randint(0, 11, (3, 7, 8))

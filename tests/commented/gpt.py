"""A small GPT: a letter for each axis, taken from x.shape where a function begins."""

import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head, self.n_embd = n_head, n_embd
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)
        self.c_proj = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.size()  # batch size, sequence length, embedding width (n_embd)
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)  # (B, T, C) each
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)  # (B, nh, T, hs)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)  # (B, nh, T, hs)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)  # (B, nh, T, hs)
        # scores: (B, nh, T, hs) @ (B, nh, hs, T) -> (B, nh, T, T)
        att = (q @ k.transpose(-2, -1)) * k.size(-1) ** -0.5
        mask = torch.tril(torch.ones(T, T))  # (T, T)
        att = att.masked_fill(mask == 0, float("-inf"))  # (B, nh, T, T)
        att = F.softmax(att, dim=-1)
        y = att @ v  # (B, nh, T, T) x (B, nh, T, hs) -> (B, nh, T, hs)
        y = y.transpose(1, 2).contiguous().view(B, T, C)  # (B, T, C): the heads side by side
        return self.c_proj(y)  # (B, T, C)


class Head(nn.Module):
    """One head, narrower than the model."""

    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        B, T, C = x.shape
        k = self.key(x)  # (B,T,hs)
        q = self.query(x)  # (B,T,hs)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5  # (B,T,hs) @ (B,hs,T) -> (B,T,T)
        wei = F.softmax(wei, dim=-1)  # (B,T,T)
        v = self.value(x)  # (B,T,hs)
        out = wei @ v  # (B,T,T) @ (B,T,hs) -> (B,T,hs)
        return out + 0 * x.view(B * T, C).sum()


class GPT(nn.Module):
    def __init__(self, vocab_size, block_size, n_embd, n_head, head_size):
        super().__init__()
        self.vocab_size = vocab_size
        self.wte = nn.Embedding(vocab_size, n_embd)
        self.wpe = nn.Embedding(block_size, n_embd)
        self.attn = Attention(n_embd, n_head)
        self.head = Head(n_embd, head_size)
        self.out = nn.Linear(n_embd + head_size, vocab_size)

    def forward(self, idx):
        b, t = idx.size()
        pos = torch.arange(0, t)  # shape (t)
        tok_emb = self.wte(idx)  # token embeddings of shape (b, t, n_embd)
        pos_emb = self.wpe(pos)  # position embeddings of shape (t, n_embd)
        x = tok_emb + pos_emb  # (B,T,C)
        x = x + self.attn(x)  # (B,T,C)
        x = torch.cat([x, self.head(x)], dim=-1)
        logits = self.out(x)  # (B,T,vocab_size)
        logits = logits[:, -1, :]  # becomes (B, vocab_size)
        return F.softmax(logits, dim=-1)  # (b, vocab_size)


def model():
    return GPT(vocab_size=19, block_size=11, n_embd=12, n_head=4, head_size=5)


def inputs():
    return (torch.randint(0, 19, (2, 7)),)

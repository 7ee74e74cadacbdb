"""True comments of well-known kinds of models are never called wrong, spoilt ones mostly are."""

import importlib
import pkgutil
import re
from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache

import commented
import pytest
import torch
from commented.spoil import axes_in, spoilt
from torch import nn
from torch.nn import functional as F

from lstm_helpers import trace_shapes
from lstm_helpers._tracing.comments import comments, judged, unsure

NAMES = [m.name for m in pkgutil.iter_modules(commented.__path__) if m.name != "spoil"]


@cache
def trace(name):
    module = importlib.import_module(f"commented.{name}")
    torch.manual_seed(0)
    traced = trace_shapes(module.model(), *module.inputs())
    assert traced.error is None
    return traced


def test_there_are_many_kinds():
    assert len(NAMES) >= 9


@pytest.mark.parametrize("name", NAMES)
def test_no_true_comment_is_called_wrong(name):
    found = trace(name).comments()
    assert found.wrong == found.did_not_run == []
    assert len(found.right) > 2 * len(found.questions) or name == "documents"


def sizes_of(found):
    """The sizes of the axes of each comment with one shape, and those of each axis by its name."""
    whole, named = {}, defaultdict(set)
    for comment in found:
        axes = axes_in(comment.text)
        sizes = [int(size) for size in re.findall(r"=(\d+)", comment.seen)]
        alone = len(re.findall(r"[(\[]", comment.text)) == 1 or "->" in comment.text
        if comment.verdict == "right" and axes and alone and len(axes) == len(sizes):
            whole[comment.number] = sizes
            for axis, size in zip(axes, sizes, strict=True):
                named[axis].add(size)
    return whole, named


def rejudged(name, comment, text):
    """What is said of a comment once it reads otherwise."""
    functions, lines = {}, []
    for line in trace(name).lines:
        old = line.function
        at = comment.number - old.first
        if 0 <= at < len(old.source):
            source = list(old.source)
            assert comment.text in source[at]
            source[at] = source[at].replace(comment.text, text)
            new = functions.setdefault(id(old), replace(old, source=tuple(source)))
            lines.append(replace(line, function=new))
    found = judged(lines, unsure(trace(name)))
    return next((c.verdict for c in found if c.number == comment.number), "not read")


def spoilt_verdicts(name):
    """(how, verdict) for each way to spoil each comment."""
    found = judged(trace(name).lines, unsure(trace(name)))
    whole, named = sizes_of(found)
    for comment in found:
        axes, sizes = axes_in(comment.text), whole.get(comment.number)

        def differ(i, j, axes=axes, sizes=sizes):
            if sizes:
                return sizes[i] != sizes[j]
            a, b = named[axes[i]], named[axes[j]]
            return bool(a and b and not a & b)

        if axes:  # not `B x T x C`
            for how, text in spoilt(comment.text, differ):
                yield how, rejudged(name, comment, text)


def test_most_spoilt_comments_are_called_wrong(record_property):
    counts = Counter(pair for name in NAMES for pair in spoilt_verdicts(name))
    total, wrong = Counter(), Counter()
    for (how, verdict), times in counts.items():
        total[how] += times
        wrong[how] += times * (verdict == "wrong")
    assert total["swapped"] > 400
    assert min(total["dropped"], total["added"]) > 300
    for how in total:
        record_property(f"spoilt comments: {how}", f"{wrong[how]} of {total[how]} called wrong")
    assert wrong.total() >= 0.85 * total.total(), (wrong, total)
    assert wrong["swapped"] >= 0.75 * total["swapped"], (wrong, total)


class Head(nn.Module):
    """As in a famous lecture: the comments say C, but a head is narrower than the model."""

    def __init__(self, n_embd, head_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        B, T, C = x.shape
        k = self.key(x)  # (B,T,C)
        q = self.query(x)  # (B,T,C)
        scores = q @ k.mT * C**-0.5  # (B,T,C) @ (B,C,T) -> (B,T,T)
        scores = F.softmax(scores, dim=-1)  # (B, T, T)
        v = self.value(x)  # (B,T,C); again
        return scores @ v  # (B,T,T) @ (B,T,C) -> (B,T,C)


def test_the_head_of_a_famous_lecture():
    found = trace_shapes(Head(384, 64), torch.rand(2, 8, 384)).comments()
    why = "axis 2 has size 64, but C is 384 here"
    assert [c.text for c in found.wrong] == [
        "# (B,T,C)",
        "# (B,T,C)",
        "# (B,T,C); again",
        "# (B,T,T) @ (B,T,C) -> (B,T,C)",
    ]
    assert {c.why for c in found.wrong} == {why}
    assert len(found.right) == 2


def test_some_functions_without_a_comment():
    assert str(comments([])) == "shape comments: none in the functions of yours that ran"

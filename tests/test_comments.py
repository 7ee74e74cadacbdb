"""Shape comments: what they claim, and what is said of them."""

import importlib.util

import pytest
import torch
from torch import nn

from lstm_helpers import trace_shapes
from lstm_helpers._tracing.comments import agreement, judged
from lstm_helpers._tracing.compare import Scope, compare
from lstm_helpers._tracing.lines import Seen
from lstm_helpers._tracing.shape_comments import claims

READ = {
    "# (batch, seq, hidden)": ["(batch, seq, hidden)"],
    "#(B, T, C)": ["(B, T, C)"],
    "# (B,T,C)": ["(B, T, C)"],
    "# [B, T, C]": ["(B, T, C)"],
    "# (b, t, c)": ["(b, t, c)"],
    "# x: (5, 12, 3)": ["x (5, 12, 3)"],
    "# x.shape = (B, T)": ["x (B, T)"],
    "# x.shape: torch.Size([5, 12])": ["x (5, 12)"],
    "# torch.Size([5, 12, 3])": ["(5, 12, 3)"],
    "# Tensor[B, T, C]": ["(B, T, C)"],
    "# batch x seq x hidden": ["(batch, seq, hidden)"],
    "# B x T x C": ["(B, T, C)"],
    "# BxTxC": ["(B, T, C)"],
    "# 5 x 12 x 3": ["(5, 12, 3)"],
    "# [batch x seq x hidden]": ["(batch, seq, hidden)"],
    "# batch × seq × 2*hidden": ["(batch, seq, 2*hidden)"],
    "# -> (N, 1)": ["(N, 1)"],
    "# -> (N)": ["(N)"],
    "# x -> (B, T)": ["(B, T)"],
    "# (B, T) -> (B, T, C)": ["given (B, T)", "(B, T, C)"],
    "# (B, T) => (B, T, C)": ["given (B, T)", "(B, T, C)"],
    "# (B, T, C) to (B, C, T)": ["given (B, T, C)", "(B, C, T)"],
    "# (B, T, C) -> Linear -> (B, T, D)": ["given (B, T, C)", "(B, T, D)"],
    "# b t (h d) -> b h t d": ["(b, h, t, d)"],
    "# (B,T,C) @ (B,C,T) -> (B,T,T)": ["given (B, T, C)", "given (B, C, T)", "(B, T, T)"],
    "# shape: (batch, seq)": ["(batch, seq)"],
    "# shape (t)": ["(t)"],
    "# token embeddings of shape (b, t, n_embd)": ["(b, t, n_embd)"],
    "# out: [batch, seq, 2*hidden]": ["out (batch, seq, 2 * hidden)"],
    "# output: (batch, seq)": ["(batch, seq)"],
    "# hidden = [batch size, hidden size]": ["hidden (batch_size, hidden_size)"],
    "# (batch size, sequence length, number of heads)": [
        "(batch_size, sequence_length, num_heads)"
    ],
    "# (num_layers * num_directions, batch, hidden)": [
        "(num_layers * num_directions, batch, hidden)"
    ],
    "# (N, L, H_in)": ["(N, L, H_in)"],
    "# (2B, T')": ["(2 * B, T_)"],
    "# (B, C, H/2, W//2)": ["(B, C, H // 2, W // 2)"],
    "# (B, T+1)": ["(B, T + 1)"],
    "# (B×T, C)": ["(B * T, C)"],
    "# (B,)": ["(B)"],
    "# (B, ..., C)": ["(B, ..., C)"],
    "# (*, H)": ["(..., H)"],
    "# (?, seq)": ["(?, seq)"],
    "# ()": ["()"],
    "# (B, T, n_heads * self.head_size)": ["(B, T, n_heads * self.head_size)"],
    "# x (batch=5, seq=12), h_n (layer=1, batch=5)": ["x (5, 12)", "h_n (1, 5)"],
    "# h_n, c_n: (layer, batch, hidden)": [
        "h_n (layer, batch, hidden)",
        "c_n (layer, batch, hidden)",
    ],
    "# (batch, seq), (batch, hidden)": ["(batch, seq)", "(batch, hidden)"],
    "# ((L, B, H), (L, B, H))": ["(L, B, H)", "(L, B, H)"],
    "# (batch, hidden): has seen the whole window": ["(batch, hidden)"],
    "# (seq, feature) and (horizon, target)": ["(seq, feature)", "(horizon, target)"],
    "# reshape to (B, T, C)": ["(B, T, C)"],
    "# a tensor (batch, 2 * hidden)": ["(batch, 2 * hidden)"],
    "# x is (batch, seq, feature)": ["x (batch, seq, feature)"],
    "# [bsz, seqlen, dim]": ["(bsz, seqlen, dim)"],
}
UNSURE = {
    "# (B,T,C) @ (B,C,T)": ["(B, T, C)", "(B, C, T)"],
    "# (L, N, H) or (N, H)": ["(L, N, H)", "(N, H)"],
    "# flatten (batch, seq) into one": ["(batch, seq)"],
    "# (B, T, C) for each head": ["(B, T, C)"],
    "# each (B, T)": ["(B, T)"],
    "# mask of shape (B, T)": ["(B, T)"],
    "# (5, 1, 1), (5, 2, 1), ...": ["(5, 1, 1)", "(5, 2, 1)"],
    "# [3, 5, 2]": ["(3, 5, 2)"],
    "# must be (B, T)": ["(B, T)"],
}
NOT_READ = """# cnn_channels[-1]
# (see above)
# (Cho et al., 2014)
# (1) first do
# https://here.org/c(B, T)
# type: (int, B) -> str
# noqa: E501 (B, T)
# (hidden, cell)
# (Q, K, V)
# permute (0, 2, 1)
# dim=(1, 2)
# [0, T)
# in [1, V]
# softmax(QK^T / sqrt(d))
# f(B, T)
# (LSTM, GRU)
# kernel (3, 3)
# 3x3 conv
# (batch)
# (forward, backward)
# no error
# (first, then the second)
# batch size, sequence length, embedding width (n_embd)
# [-1, -1]: the last window, its last step
# (last hidden state, unused)
# x[:, -1]
# (B, T, C)[:, -1]
# args = (size,)
# slice -> frame
# more than x.shape[1]
# [[A, B], [C, D]]
# ["wald", "score"]
# an intermediate tensor (as_strided)""".splitlines()


def written(claim):
    return "given " * claim.given + f"{claim.name} {claim}".strip()


@pytest.mark.parametrize("text", READ)
def test_a_shape_is_read(text):
    said = claims(text, shown={"x", "h_n", "out"})
    assert [written(claim).replace("2 * h", "2*h") for claim in said] == [
        shape.replace("2 * h", "2*h") for shape in READ[text]
    ]
    assert all(claim.firm for claim in said if not claim.given)


@pytest.mark.parametrize("text", UNSURE)
def test_where_prose_leaves_doubt_a_claim_is_not_firm(text):
    said = claims(text, variables={"mask"})
    assert [written(claim) for claim in said] == UNSURE[text]
    assert not said[-1].firm


@pytest.mark.parametrize("text", NOT_READ)
def test_what_is_no_shape_is_not_read(text):
    assert claims(text) == []


@pytest.fixture
def comments_of(tmp_path):
    """The comments of functions that are written into a file and run on tensors, as
    {comment: (verdict, why)}."""

    def ask(source, *inputs, name="f"):
        path = tmp_path / "model.py"
        path.write_text(f"import torch\nfrom torch import nn\n\n{source}\n", encoding="utf-8")
        spec = importlib.util.spec_from_file_location("model", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found = trace_shapes(getattr(module, name), *inputs).comments()
        listed = [*found.right, *found.wrong, *found.questions, *found.did_not_run]
        return {c.text: (c.verdict, c.why) for c in listed}

    return ask


X = torch.rand(5, 12, 3)
LSTM = "lstm = nn.LSTM(3, 4, 2, batch_first=True)\n"


def test_wrong_is_what_can_not_be_meant(comments_of):
    found = comments_of(
        LSTM
        + """
def f(x):  # (batch, feature)
    B, T, C = x.shape
    out, (h_n, c_n) = lstm(x)  # h_n: (batch, layers, hidden)
    last = out[:, -1]  # (batch, seq)
    same = out + 0  # (B, T, C)
    fixed = out + 1  # (5, 12, 7)
    return out  # x -> (B, C, T)
""",
        X,
    )
    assert found == {
        "# (batch, feature)": ("wrong", "it has 3 axes, the comment 2"),
        "# h_n: (batch, layers, hidden)": ("wrong", "axis 0 is layer=2, not batch"),
        "# (batch, seq)": ("wrong", "axis 1 is hidden=4, not seq"),
        "# (B, T, C)": ("wrong", "axis 2 has size 4, but C is 3 here"),
        "# (5, 12, 7)": ("wrong", "axis 2 has size 4, not 7"),
        "# x -> (B, C, T)": ("wrong", "axis 1 has size 12, but C is 3 here"),
    }


def test_what_may_be_meant_is_no_alarm(comments_of):
    found = comments_of(
        LSTM
        + """
batch_size, steps = 32, 24

def f(x, layer=1):
    size = batch_size + steps
    out, (h, c) = lstm(x)  # (32, 24, 4)
    for t in range(3):
        longer = torch.cat([out] * (t + 1), 1)  # (batch, 12, hidden)
    out = out * size  # (batch_size, steps, hidden)
    h = h + 1  # (layer, batch, hidden)
    a = out[:, :, :2]  # (E, F, G)
    b = out[:, :, :3]  # (E, F, G); two of G
    d = (out @ out.mT).sum(2)  # (batch, seq, seq)
    return h  # each (batch, hidden)
""",
        X,
    )
    assert {text: verdict for text, (verdict, _) in found.items()} == {
        "# (32, 24, 4)": "question",
        "# (batch, 12, hidden)": "question",
        "# (batch_size, steps, hidden)": "right",
        "# (layer, batch, hidden)": "right",
        "# (E, F, G)": "question",
        "# (E, F, G); two of G": "question",
        "# (batch, seq, seq)": "question",
        "# each (batch, hidden)": "question",
    }


def test_a_batch_size_that_is_set_once_proves_nothing(comments_of):
    source = """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.batch_size, self.hidden_size = 64, 4
        self.lstm = nn.LSTM(3, 4, batch_first=True)

    def forward(self, x):
        out, _ = self.lstm(x)  # (batch_size, seq, hidden_size)
        wide = torch.cat([out, out], -1)  # (batch_size, seq, hidden_size); twice
        return out.mT  # (batch_size, hidden_size, 24)

f = Model()
"""
    found = comments_of(source, X)
    assert [verdict for verdict, _ in found.values()] == ["right", "wrong", "question"]


def test_two_axes_in_the_wrong_order(comments_of):
    found = comments_of(
        """
def f(x):  # (P, Q, R)
    y = x + 1  # (P, Q, R); more
    z = x.mT  # (P, Q, R), turned
    return z
""",
        X,
    )
    assert found["# (P, Q, R), turned"] == ("wrong", "axes 1 and 2 are swapped")
    assert [verdict for verdict, _ in found.values()].count("right") == 2


def test_a_line_of_its_own_is_about_the_statement_below_or_above(comments_of):
    found = comments_of(
        """
def f(x):
    # (batch, seq, hidden)
    out, _ = lstm(x)
    # out: (batch, seq, hidden)

    last = out[:, -1]
    # (batch, hidden)
    # x: (batch, feature)
    return last
"""
        + LSTM,
        X,
    )
    assert [verdict for verdict, _ in found.values()] == ["right", "right", "right", "wrong"]


def test_lines_of_a_statement_with_several(comments_of):
    found = comments_of(
        LSTM
        + """
def f(
    x,  # (batch, seq, feature)
    h,  # (batch, 2, 4)
):
    out, _ = lstm(
        x,  # (seq, feature)
        (h, h),  # (1, batch, hidden)
    )  # (batch, seq, hidden)
    return out
""",
        X,
        torch.rand(2, 5, 4),
    )
    assert {text: verdict for text, (verdict, _) in found.items()} == {
        "# (batch, seq, feature)": "right",
        "# (batch, 2, 4)": "wrong",
        "# (seq, feature)": "wrong",
        "# (1, batch, hidden)": "question",
        "# (batch, seq, hidden)": "right",
    }


def test_an_arrow_behind_def_leads_to_what_is_returned(comments_of):
    source = LSTM + "def f(x):  # (batch, seq, feature) -> {}\n    return lstm(x)[0]\n"
    for shape, verdict in {"(batch, seq, hidden)": "right", "(batch, hidden)": "wrong"}.items():
        assert [v for v, _ in comments_of(source.format(shape), X).values()] == [verdict]


def test_of_lines_that_did_not_run_nothing_is_said(comments_of):
    source = (
        "def f(x):\n    if len(x) > 9:\n        x = x[0]  # (B, T, C)\n    return x  # (B, T, C)!\n"
    )
    assert [v for v, _ in comments_of(source, X).values()] == ["right", "did not run"]


def test_docstrings_are_no_comments(comments_of):
    assert comments_of('def f(x):\n    """(batch, feature)  # (B, T)"""\n    return x\n', X) == {}


def test_methods_with_texts_that_are_less_indented(comments_of):
    source = '''
class Model(nn.Module):
    def forward(self, x):  # (batch, feature)
        self.said = """
less indented
"""
        return (lambda a: a + 1)(x)  # (B, T, C)

f = Model()
'''
    assert [v for v, _ in comments_of(source, X).values()] == ["right", "wrong"]


def test_a_lambda_in_a_part_of_a_statement():
    found = trace_shapes(
        lambda x: x.mT,  # (batch, seq)
        X,
    )
    assert found.comments().wrong == []


def test_where_layers_disagree_what_an_axis_is_words_prove_nothing(comments_of):
    source = """
words, sentences = nn.GRU(3, 4, batch_first=True), nn.GRU(4, 6, batch_first=True)

def f(x):
    vectors = words(x)[1]  # (1, batch, hidden)
    return sentences(vectors)[0]  # (batch, seq, hidden)
"""
    assert [v for v, _ in comments_of(source, X).values()] == ["right", "question"]


def test_what_is_printed(comments_of, tmp_path):
    comments_of("def f(x):  # (B, T)\n    return x  # (B, T, C)\n", X)
    spec = importlib.util.spec_from_file_location("model", tmp_path / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    trace = trace_shapes(module.f, X, axes="batch seq feature")
    assert str(trace.comments()) == (
        "shape comments: 1 right, 1 wrong, 0 questions, 0 did not run\n"
        "wrong       model.py:4  # (B, T)\n"
        "            x (batch=5, seq=12, feature=3): it has 3 axes, the comment 2\n"
        "right       model.py:5  # (B, T, C)\n"
        "            (batch=5, seq=12, feature=3)"
    )
    found, path = judged(trace.lines), str(tmp_path / "model.py")
    said = [agreement(found, path, number) for number in (3, 4, 5)]
    assert said == ["none", "disagrees", "agrees"]


def test_without_code_of_ones_own_the_advice_leads_on():
    with pytest.raises(ValueError) as caught:
        trace_shapes(nn.LSTM(3, 4), X).comments()
    assert str(caught.value) == (
        "LSTM runs no code of yours, and comments are read from the source of the functions that "
        "run: call trace_shapes with the model whose forward has the comments."
    )


def test_without_a_source_the_advice_leads_on(comments_of):
    names = {}
    source = "def f(x):  # (B, T, C)\n    return x + 1\n"
    exec(source, names)
    with pytest.raises(ValueError) as caught:
        trace_shapes(names["f"], X).comments()
    assert str(caught.value) == (
        "the comments of f can't be read: code that exec or %%time runs has no source. Define it "
        "in a file, or in a cell that does not start with %%time. Then call "
        "trace_shapes(model, x).comments() again."
    )
    assert [v for v, _ in comments_of(source, X).values()] == ["right"]


def test_a_word_on_another_axis_is_a_question_where_layers_disagree():
    (claim,) = claims("# (batch, seq, hidden)")
    seen = Seen("out", (5, 12, 4), ("seq", "batch", "hidden"))
    assert compare(claim, seen, Scope()).verdict == "wrong"
    assert compare(claim, seen, Scope(unsure=True)).verdict == "question"


def test_a_letter_set_once_on_the_model_need_not_be_this_runs_batch_or_length(comments_of):
    source = """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.B, self.T, self.H = 32, 100, 9

    def forward(self, x):
        y = x[:, :-1]  # (B, T, C)
        z = y.mean(1)  # (B, H)
        return z.new_ones(5, 9)  # (N, T)


f = Model()"""
    found = comments_of(source, X)
    assert found["# (B, T, C)"][0] == "question"
    assert found["# (N, T)"][0] == "question"
    assert found["# (B, H)"] == ("wrong", "axis 1 has size 3, but H is 9 here")

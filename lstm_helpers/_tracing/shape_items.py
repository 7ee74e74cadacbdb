"""One axis as a comment writes it: `batch`, `2*H`, `T+1`, `seq length`, `hidden=3`, `...`."""

import ast
import operator
import re
from dataclasses import dataclass

from lstm_helpers._tracing.axes import UNKNOWN

MANY = "..."
_SAME = {
    "batch": "batch batches batch_size batchsize bs bsz n_batch num_batches minibatch",
    "seq": "seq seqs sequence seq_len seqlen seq_length sequence_length time times timestep "
    "timesteps time_step time_steps steps num_steps n_steps src_len tgt_len max_len",
    "layer": "layer layers num_layers n_layers n_layer num_layer direction directions "
    "num_directions n_directions num_direction",
}
FAMILY = {word: family for family, words in _SAME.items() for word in words.split()}
# Words that are as often the number of one of them as how many there are.
SINGLE = {"batch", "seq", "time", "step", "layer", "direction", "head", "channel", "feature"}
SINGLE |= {"target", "token", "node", "sample", "window", "class", "series", "horizon"}
KNOWN = {*FAMILY, *SINGLE, "step", "hidden", "features", "channels", "targets", "heads", "embed"}
KNOWN |= {"embedding", "emb", "vocab", "classes", "labels", "height", "width", "tokens", "nodes"}
KNOWN |= {"points", "units", "windows", "samples", "d_model", "dim", "length", "len", "proj"}
KNOWN |= {"gates", "outputs", "variables", "words", "chars", "latent", "tags", "quantiles"}
BESIDE = {"size", "dimension", "dims", "number", "num", "max", "source", "target", "src", "tgt"}
BESIDE |= {"input", "output", "total", "model", "query", "key", "value", "new", "n"}
# (hidden, cell) and (q, k, v) are tensors side by side, no axes.
NO_AXIS = {"cell", "state", "states", "unused", "mask", "h_n", "c_n", "h_0", "c_0", "h0", "c0"}
_SIZED = re.compile(r"(n|num|d|dim|max)_\w+|\w+_(size|len|length|dim|dims|features|channels)")
_LETTER = re.compile(r"[A-Z](_\w+|\d+)?_?")
_WORD = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_DO = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
_DO |= {ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow}


@dataclass(frozen=True)
class Item:
    """`says` is an expression of names and numbers; `word` the name that a number was given.

    "batch=5" has the word "batch" and says "5". `?` says nothing, `...` stands for any axes.
    """

    says: str
    word: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(match[0] for match in _WORD.finditer(self.says))

    @property
    def family(self) -> str | None:
        """ "batch", "seq" or "layer", where each name in it is a word for it."""
        found = {FAMILY.get(_plain(name)) for name in ([self.word] if self.word else self.names)}
        return found.pop() if len(found) == 1 else None

    @property
    def is_evidence(self) -> bool:
        """Whether such an item is seldom anything but an axis."""
        return any(is_known(name) or _LETTER.fullmatch(name) for name in (*self.names, self.word))

    @property
    def is_number(self) -> bool:
        return not self.names and self.says not in (UNKNOWN, MANY)

    def size(self, numbers: dict[str, int]) -> int | None:
        """What it comes to with these numbers, None where one is missing."""
        try:
            return _value(ast.parse(self.says, mode="eval").body, numbers)
        except (SyntaxError, KeyError, ZeroDivisionError, TypeError):
            return None


def is_known(name: str) -> bool:
    plain = _plain(name)
    return plain in KNOWN or plain.rstrip("s") in KNOWN or bool(_SIZED.fullmatch(plain))


def _plain(name):
    return re.sub(r"_?\d+$", "", name.removeprefix("self.").lower())


def _value(node, numbers):
    if isinstance(node, ast.BinOp):
        return _DO[type(node.op)](_value(node.left, numbers), _value(node.right, numbers))
    if isinstance(node, ast.Constant):
        return node.value
    name = ast.unparse(node)
    return numbers[name] if name in numbers else numbers[f"self.{name}"]


def item(text: str) -> Item | None:
    """One axis; None where the text can't be one."""
    text = re.sub(r"\s+", " ", text.strip().strip("`"))
    if text in ("...", "…", "*"):
        return Item(MANY)
    if text in ("?", "-1", "None", "_"):
        return Item(UNKNOWN)
    if given := re.fullmatch(r"([A-Za-z_][\w.*]*) ?[=:] ?(\d+)", text):
        return Item(given[2], given[1])
    if given := re.fullmatch(r"([A-Za-z_]\w*) ?\((\d+)\)", text):
        return Item(given[2], given[1])
    text = re.sub(r"(?<=\w)'", "_", text).replace("×", "*").replace("·", "*").replace("^", "**")
    text = re.sub(r"\b(\d+) ?(?=[A-Za-z_])", r"\1*", text)
    text = re.sub(r"(?<!/)/(?!/)", "//", text)
    text = re.sub(r"\b([A-Z]\w?)x(?=[A-Z])", r"\1*", text)
    text = re.sub(r"[A-Za-z_]\w*( [A-Za-z_]\w*)+", _one_name, text)
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    found = Item(ast.unparse(tree)) if _is_arithmetic(tree) else None
    wrong = found and (NO_AXIS & {*found.names} or (found.is_number and (found.size({}) or 0) < 1))
    return None if wrong else found


def _one_name(match):
    """ "sequence length" as sequence_length; anything else stays, and is no expression."""
    words = [w for w in match[0].split() if w.lower() not in ("the", "of")]
    words = ["num" if w.lower() == "number" else w for w in words]
    if any(is_known(w) for w in words) and all(is_known(w) or w in BESIDE for w in words):
        return "_".join(words)
    return match[0]


def _is_arithmetic(node):
    if isinstance(node, ast.BinOp):
        known = type(node.op) in _DO
        return known and _is_arithmetic(node.left) and _is_arithmetic(node.right)
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    return isinstance(node, ast.Name | ast.Attribute) and bool(_WORD.fullmatch(ast.unparse(node)))

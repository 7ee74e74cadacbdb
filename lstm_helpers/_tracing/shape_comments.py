"""What a comment claims: which tensor has which axes, in the many ways in which it is written.

A shape stands in brackets, or its axes stand between `x`: `(batch, seq)`, `B x T x C`. To be one
it needs a known word, a capital letter or only numbers, and a single axis a comma, an arrow or a
name as well. Prose around it makes it less than firm: what is doubtful must not be called wrong.
"""

import re
from dataclasses import dataclass, replace

from lstm_helpers._tracing.shape_items import Item, item

ARROW = re.compile(r"-+>|→|⇒|=+>|\binto\b")
_TO = re.compile(r"(?<=[)\]]) to (?=[(\[])")
_NO_CLAIM = re.compile(r"(type|noqa|pragma|fmt|ruff|mypy|pylint|pyright|isort|cspell)\b *[:(]|!|%%")
_URL = re.compile(r"\S*(https?:|www\.|arxiv|doi\.)\S*")
_OPEN, _CLOSE = "([", ")]"
_NAME = r"[A-Za-z_][\w.]*(?:\[[^\]]*\])?"
_NAMES = re.compile(rf"{_NAME}(?:(?: ?[,/&] ?| and ){_NAME})*")
_X = re.compile(r"(?<![\w.*])[\w.*+]+(?: [x×] [\w.*+]+)+|\b[A-Z]\w?(?:[x×][A-Z]\w?)+\b")
_X_NUMBERS = re.compile(r"\b\d+(?:[x×]\d+){2,}\b")
_SHAPE = {"shape", "shapes", "size", "sizes", "dims", "torch.Size", "Size"}
_LEADS = {"to", "becomes", "gives", "returns", "is", "now", "of", "has", "with", "a", "an", "the"}
_LEADS |= {"Tensor", "tensor", "array"}
_MAY_BE = {
    "must",
    "should",
    "would",
    "could",
    "can",
    "cannot",
    "need",
    "default",
    "because",
    "error",
}
_RESULT = {"out", "output", "outputs", "result", "return", "yields", "y", "res", "Out", "Output"}
_UNSURE = {"each", "every", "per", "list", "tuple", "dict", "before", "from", "was", "not", "no"}
_UNSURE |= {"if", "when", "unless", "either", "or", "eg", "input", "expects", "instead", "then"}
_UNSURE |= {"originally", "once", "after", "until", "without", "except", "needs", "want", "wants"}
_UNSURE |= _MAY_BE
_OTHER = {"dim", "axis", "axes", "kernel", "kernel_size", "stride", "padding", "pad", "permute"}
_OTHER |= {"dilation", "order", "perm", "transpose", "swap", "in", "range", "between", "indices"}
_OTHER |= {"index", "section", "equation", "figure", "lines", "years", "version", "strides"}


@dataclass(frozen=True)
class Claim:
    """`name` is "" for what the line binds or returns.

    Attributes:
        items: one for each axis.
        given: it stands before an arrow, and is what goes in.
        firm: it is clear that all of this is said of that tensor.
    """

    name: str
    items: tuple[Item, ...]
    given: bool = False
    firm: bool = True

    def __str__(self):
        return f"({', '.join(item.says for item in self.items)})"


@dataclass
class _Found:
    start: int
    end: int
    items: tuple[Item, ...]
    evident: bool = True  # by its words
    single: bool = False  # without a comma
    values: bool = False  # [1, 2, 3] may be what a tensor holds


def claims(text: str, shown=(), variables=()) -> list[Claim]:
    """What a comment says.

    Args:
        text: with or without its `#`.
        shown: the names that a word in front of a shape may mean, those that the line binds.
        variables: all names of the function; prose that has one may be about it.

    >>> [(claim.name, str(claim)) for claim in claims("x: (B, T, C), h_n: (1, B, C)")]
    [('x', '(B, T, C)'), ('h_n', '(1, B, C)')]
    >>> claims("(see above)")
    []
    """
    text = text.strip().lstrip("#:").strip()
    if _NO_CLAIM.match(text):
        return []
    text = _URL.sub(lambda match: "_" * len(match[0]), text)
    text = _TO.sub(" -> ", text)
    if text in ("()", "torch.Size([])"):
        return [Claim("", ())]
    if einsum := _einops(text):
        return [einsum]
    found = sorted(_groups(text, 0, len(text)), key=lambda f: f.start)
    arrows = [match.end() for match in ARROW.finditer(text)]
    arrows = [at for at in arrows if any(f.start >= at for f in found)]
    said, end, clear = [], 0, True
    for shape, following in zip(found, [*found, None][1:], strict=True):
        between = text[end : shape.start]
        before = ARROW.split(between)[-1]
        rest = text[shape.end : following.start if following else len(text)]
        last = shape.start >= max(arrows, default=0)
        names, sure = _lead(before, shown, variables)
        unnamed = names == [""]
        lonely = shape.single and unnamed and sure != "shape" and not arrows
        if names is None or lonely or not (shape.evident or sure == "shape"):
            continue
        if end and not ARROW.search(between):
            listed = re.fullmatch(_LIST, between) and (said[-1].firm or not unnamed)
            sure = sure if listed else ""
        if not said and unnamed:
            clear = _is_clear(before, variables)
        joint = ARROW.search(rest) or following is None or re.fullmatch(_LIST, rest)
        firm = bool(
            sure and clear and joint and not shape.values and (following or _harmless(rest))
        )
        said += [Claim(name, shape.items, not last, firm) for name in names]
        end = shape.end
    if re.search(r"[)\]],? *(\.\.\.|…)", text):  # (5, 1), (5, 2), ...: a list that grows
        said = [replace(claim, firm=False) for claim in said]
    results = [claim for claim in said if not claim.given]
    return said if results else [replace(claim, given=False, firm=False) for claim in said]


_LIST = rf"[\])]*\s*([,;]|,? ?and\b)\s*[\[(]*\s*({_NAMES.pattern}\s*[:=]?\s*(\w+ )?)?"


def _harmless(rest):
    """Whether what follows the last shape leaves it as it is."""
    rest = rest.lstrip(")]}").strip()
    if not rest or rest[0] in "#=" or ARROW.match(rest):
        return not rest
    if rest[0] in ":;,.—–-" or (rest[0] == "(" and rest[-1] == ")"):
        return not _UNSURE & {*re.findall(r"[a-z]+", rest.lower())} and not rest[1:2].isalnum()
    return False


def _lead(before: str, shown, variables):
    """The names and how sure it is ("shape", "yes" or ""); names None where this is no shape."""

    raw, sure, colon = before.rstrip("[( ").lstrip(" ,;.])"), "", False
    while raw:
        last = raw.split()[-1]
        bare = last.rstrip(":=")
        if bare and bare != last:
            colon, raw = True, raw[: len(raw) - len(last)] + bare
        elif bare in _SHAPE or bare.endswith((".shape", ".size()")):
            sure, keep = "shape", bare.rpartition(".")[0] if bare not in _SHAPE else ""
            raw, colon = (raw[: len(raw) - len(last)] + keep).rstrip(), colon or bool(keep)
            if keep:
                break
        elif bare in _LEADS or not bare:
            sure, raw = sure or "yes", raw[: len(raw) - len(last)].rstrip()
            colon = colon or bare in ("", "is")
        else:
            break
    raw = re.sub(r"^(and|so|thus|now|a|the)( |$)", "", raw).strip()
    if not raw:
        return [""], sure or "yes"
    if raw.split()[-1].lower() in _OTHER:
        return None, ""
    if _NAMES.fullmatch(raw):
        names = re.split(r" ?[,/&] ?| and ", raw)
        if all(name in shown for name in names) or (colon and raw not in _RESULT):
            return names, sure or "yes"
        if raw in _RESULT:
            return [""], sure or "yes"
    return [""], sure if _is_clear(raw, variables) else ""


def _is_clear(prose, variables) -> bool:
    """Whether these words leave no doubt of what the shape is said."""
    spoken = {*re.findall(r"[A-Za-z_]\w*", prose)}
    return not spoken & {*variables} and not _UNSURE & {word.lower() for word in spoken}


def prose(text: str) -> str:
    """What a comment says beside its shapes in brackets, before them or after them.

    >>> prose("# last step: (batch, hidden), after dropout"), prose("# out: (batch, hidden)")
    ('last step, after dropout', '')
    """
    text = text.strip().lstrip("#:").strip()
    if not (shapes := re.search(r"[(\[].*[)\]]", text)):
        return ""
    before, after = text[: shapes.start()].strip(" :=,;"), text[shapes.end() :].strip(" :;.—–-")
    words = before.split()
    if len(words) < 2 or _NAMES.fullmatch(before) or {*words} & (_SHAPE | _LEADS):
        before = ""  # the name of a tensor, which stands before ours too
    return (
        f"{before}{'' if after.startswith(',') else ', ' * bool(before and after)}{after}".lstrip(
            ", "
        )
    )


def _groups(text, start, end):
    """The shapes between two places, each in brackets or with its axes between `x`."""
    at, outside = start, []
    while at < end:
        if text[at] not in _OPEN or (close := _closing(text, at, end)) is None:
            outside.append(text[at])
            at += 1
            continue
        outside += " " * (close + 1 - at)
        inner = text[at + 1 : close]
        before = re.search(r"[\w.\])]*$", text[start:at])[0]
        called = before and not (before.endswith("Tensor") or before.endswith("Size"))
        if not called and text[close + 1 : close + 2] not in ("[", "^", "("):
            if found := _items(inner):
                sized = re.search(r"(Size\(|shape\W*)$", text[:at])
                values = text[at] == "[" and not sized and all(i.is_number for i in found[0])
                yield _Found(at, close + 1, *found, values)
            elif _may_hold_some(text[at], inner):
                yield from _groups(text, at + 1, close)
        at = close + 1
    blank = "".join(outside)
    for match in [*_X.finditer(blank), *_X_NUMBERS.finditer(blank)]:
        items = tuple(map(item, re.split(r"(?<=\w) ?[x×] ?(?=\w)", match[0])))
        if None not in items and _is_shape(items) and not (len(items) == 2 and items[0].is_number):
            yield _Found(start + match.start(), start + match.end(), items)


def _closing(text, at, end):
    if text[at : at + 1] not in ("(", "["):
        return None
    depth = []
    for i in range(at, end):
        if text[i] in _OPEN:
            depth.append(_CLOSE[_OPEN.index(text[i])])
        elif text[i] in _CLOSE:
            if not depth or depth.pop() != text[i]:
                return None
            if not depth:
                return i
    return None


def _may_hold_some(opened, inner):
    """((L, B, H), (L, B, H)) does; [[1, 2], [3, 4]] is a table."""
    only = not re.sub(r"[(\[][^()\[\]]*[)\]]|[,\s]", "", inner)
    table = opened == "[" and "," in re.sub(r"\[[^\]]*\]", "", inner) and "(" not in inner
    return (
        (only and not table) or "," not in inner or _closing(inner, 0, len(inner)) == len(inner) - 1
    )


def _items(inner):
    """The axes, whether their words say that it is a shape, and whether there is no comma."""
    parts, depth, part = [], 0, ""
    for char in inner:
        depth += (char in _OPEN) - (char in _CLOSE)
        if char == "," and not depth:
            parts.append(part)
            part = ""
        else:
            part += char
    comma = bool(parts)
    parts += [part] if part.strip() else []
    items = tuple(map(item, parts))
    if not items or None in items:
        return None
    if {i.says.upper() for i in items} <= {"Q", "K", "V"} and len(items) > 1:
        return None
    letters = all(re.fullmatch(r"[a-z]\d?|\d+", i.says) for i in items) and items[0].says == "b"
    evident = _is_shape(items) or (letters and len(items) > 1)
    return items, evident, not comma


def _is_shape(items):
    return any(i.is_evidence for i in items) or all(i.is_number for i in items)


def _einops(text):
    """`b t (h d) -> b h t d`: axes with nothing but spaces between them."""
    _, arrow, right = text.rpartition("->")
    token = r"(\([a-z0-9 ]+\)|[a-z]\d?|\d+|\.\.\.)"
    if not arrow or not re.fullmatch(rf"{token}( {token})* -> {token}( {token})+", text):
        return None
    parts = [match[0] for match in re.finditer(token, right)]
    items = tuple(item(part.strip("()").replace(" ", "*")) for part in parts)
    return None if None in items else Claim("", items)

"""Lesson 11, the index of error messages: each entry is really raised, and no message is missing.

The cells of its entries are run, and what they really raise is compared, not what is printed.
"""

import contextlib
import io
import re
from itertools import groupby

import pytest

import lstm_helpers
from notebooks import PATHS, ROOT, code_cells, printed, read

INDEX = read(ROOT / "notebooks" / "11_error_messages.ipynb")
HEADING = re.compile(r"^### (`.+)$", re.MULTILINE)
SPAN = re.compile(r"(`+) ?(.+?) ?\1")  # with backticks of its own between two of them
MESSAGE = re.compile(r"^(\w*(?:Error|Warning): .+)$", re.MULTILINE)
# Headings that another supported version, or another device, prints in place of its neighbour.
ELSEWHERE = {
    "input must have the type": "PyTorch 2.6",
    "expected scalar type Long but found": "PyTorch 2.6",
    "get_mkldnn_dtype: unsupported data type": "a float64 state in a float32 layer, on x86",
    "Expected all tensors to be on the same device": "a GPU",
}
# What was asked in public, with its numbers, as somebody pastes it into a search.
ASKED = """\
input must have 3 dimensions, got 2
Expected hidden size (1, 1, 1), got [1, 1, 9]
For unbatched 2-D input, hx should also be 2-D but got 3-D tensor
expected scalar type Float but found Long
Expected hidden[0] size (4, 10, 100), got [4, 4, 100]
Expected hidden[0] size (2, 4, 256), got (2, 64, 256)
For batched 3-D input, hx and cx should also be 3-D but got (2-D, 2-D) tensors
Expected hidden[0] size (2, 1, 512), got [2, 128, 512]
Input batch size 1 doesn't match hidden[0] batch size 512
Using a target size (torch.Size([64])) that is different to the input size (torch.Size([64, 1])) is deprecated
Using a target size (torch.Size([1, 1])) that is different to the input size (torch.Size([10, 1]))
Using a target size (torch.Size([1])) that is different to the input size (torch.Size([1, 20]))
Size of predictions: 1(C) x 128(B) x 20(T); size of targets: 1(C) x 128(B) x 1(T)
Trying to backward through the graph a second time
If a RNN is stateful, a complete input_shape must be provided (including batch size)
non-broadcastable output operand with shape (7,1) doesn't match the broadcast shape (7,3)
Found array with dim 3. Estimator expected <= 2
operands could not be broadcast together with shapes (2096,6) (3,) (2096,6)
The size of tensor a (3) must match the size of tensor b (5) at non-singleton dimension 1
`lengths` array must be sorted in decreasing order when `enforce_sorted` is True
dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=0.5 and num_layers=1
batch_input_shape
Exporting a model to ONNX with a batch_size other than 1, with a variable length with LSTM can cause an error
input.size(-1) must be equal to input_size. Expected 1, got 12
Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!
CUDA error: device-side assert triggered
could not convert string to float: '1,5'
'tuple' object has no attribute 'size'
Target 3 is out of bounds
shape '[1, 12, 1]' is invalid for input of size 24
stack expects each tensor to be equal size, but got [12, 1] at entry 0 and [9, 1] at entry 1
mat1 and mat2 shapes cannot be multiplied (11x36 and 3x1)
expected scalar type Long but found Float
element 0 of tensors does not require grad and does not have a grad_fn
Expected 3-dimensional input for 3-dimensional weight [3, 1, 5], but got 4-dimensional input of size [11, 12, 1, 1] instead
"""  # noqa: E501


def spans(markdown: str) -> list[str]:
    return [words for _, words in SPAN.findall(markdown)]


def entries() -> dict[str, list]:
    """The headings' messages of each entry -> its code cells, down to the next heading."""
    found, cells = {}, []
    for cell in INDEX.cells:
        if cell.cell_type == "code":
            cells.append(cell)
        elif heading := HEADING.search(cell.source):
            found[heading[1]] = cells = []
        elif re.search("^#", cell.source, re.MULTILINE):
            cells = []
    return found


ENTRIES = entries()
SOURCES = {  # the heading's messages -> the text of the entry
    heading[1]: cell.source
    for cell in INDEX.cells
    if cell.cell_type == "markdown" and (heading := HEADING.search(cell.source))
}
KEYS = [key for heading in ENTRIES for key in spans(heading)]
TEXT = "\n".join(cell.source for cell in INDEX.cells if cell.cell_type == "markdown")


def fits(key: str, message: str) -> bool:
    """Whether a message holds the words of a heading, where an ellipsis stands for any others."""
    return re.search(".+?".join(map(re.escape, key.split("…"))), message) is not None


def without_numbers(message: str) -> str:
    return re.sub(r"\d+", "", message)


@pytest.fixture(scope="module")
def raised() -> dict[str, list[str]]:
    """What the code of each cell really raises or warns of: the id of the cell -> messages."""
    found, names, running = {}, {}, []
    real = lstm_helpers.expect_error

    @contextlib.contextmanager
    def listening(kind, match=None):
        with contextlib.redirect_stdout(io.StringIO()) as whole, real(kind):
            yield
        assert match is None or match in whole.getvalue()
        found[running[-1]].append(whole.getvalue())

    for cell in code_cells(INDEX)[1:]:
        if cell.id == "silenced":  # the entries end here
            return found
        found[cell.id] = []
        running.append(cell.id)
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
            patch.setattr(lstm_helpers, "expect_error", listening)
            exec(compile(cell.source, cell.id, "exec"), names)
    raise AssertionError("the lesson has no cell `silenced` any more: where do its entries end?")


def test_there_are_entries():
    assert len(KEYS) > 80
    assert len(set(KEYS)) == len(KEYS)
    assert set(ELSEWHERE) <= set(KEYS)


@pytest.mark.parametrize("heading", ENTRIES)
def test_the_messages_of_a_heading_are_raised_by_its_cells(heading, raised):
    """And what stands there for other versions is beside one that is raised."""
    messages = [message for cell in ENTRIES[heading] for message in raised[cell.id]]
    keys = spans(heading)
    here = [key for key in keys if any(fits(key, message) for message in messages)]
    assert here, f"none of {keys} is in {messages}"
    assert set(keys) - set(here) <= set(ELSEWHERE)


@pytest.mark.parametrize("heading", ENTRIES)
def test_an_entry_prints_the_message_and_what_the_repair_gives(heading):
    lines = "".join(printed(cell) for cell in ENTRIES[heading]).splitlines()
    messages = [line for line in lines if MESSAGE.match(line)]
    assert messages
    assert lines.index(messages[-1]) < len(lines) - 1, "the repair prints nothing"


@pytest.mark.parametrize("heading", ENTRIES)
def test_an_entry_is_small(heading):
    lines = [cell.source.count("\n") + 1 for cell in ENTRIES[heading]]
    assert max(lines) <= 17
    assert len(lines) == 1


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_message_of_the_course_is_in_the_index(path, raised):
    """A lesson may print a part of a message only: then this part is in one that is raised here."""
    known = [without_numbers(message) for said in raised.values() for message in said]
    missing = [
        message
        for cell in code_cells(read(path))
        for message in MESSAGE.findall(printed(cell))
        if not any(fits(key, message) for key in KEYS)
        and not any(without_numbers(message.partition(": ")[2]) in other for other in known)
        and message.partition(": ")[2] not in TEXT
    ]
    assert not missing, f"lesson 11 has no entry for {missing}"


def searches(message: str) -> list[str]:
    """The two searches that the lesson tells the reader to do: up to four words in a row each.

    Words with a number, a bracket, a quotation mark or an underscore are left out, and a row ends
    there. Where no three words stand in a row, the longest row is the only search.
    """
    words = re.sub(r"[(\[{].*?[)\]}]", " 0 ", message).split()
    plain = [re.fullmatch(r"[A-Za-z-]+('[a-z]+)?[,.:]?", word) is not None for word in words]
    rows = [
        [word for word, _ in group]
        for fits, group in groupby(zip(words, plain, strict=True), key=lambda pair: pair[1])
        if fits
    ]
    fours = [row[i : i + 4] for row in rows or [words] for i in range(0, len(row), 4)]
    long = [four for four in fours if len(four) > 2][:2]
    return [" ".join(four).rstrip(",.:") for four in long or [max(fours, key=len)]]


@pytest.mark.parametrize("message", ASKED.splitlines())
def test_what_was_asked_in_public_is_found_within_two_searches(message):
    assert any(words in TEXT for words in searches(message)), searches(message)


@pytest.mark.parametrize("heading", ENTRIES)
def test_what_is_raised_is_found_in_its_entry_within_two_searches(heading, raised):
    """Whatever leads there is in the text of the entry itself, not anywhere on the page."""
    for message in (message for cell in ENTRIES[heading] for message in raised[cell.id]):
        said = message.partition(": ")[2].splitlines()[0]
        assert any(words in SOURCES[heading] for words in searches(said)), searches(said)


def test_a_search_is_of_words_in_a_row_without_numbers_and_names():
    assert searches("Expected hidden[0] size (1, 12, 3), got [1, 11, 3]") == ["Expected hidden"]
    assert searches("Tensor on device cpu is not on it") == ["Tensor on device cpu", "is not on it"]
    assert searches("could not convert string to float: '1,5'") == ["could not convert string"]


def test_the_table_leads_to_every_message():
    (table,) = (cell.source for cell in INDEX.cells if cell.id == "where")
    assert spans(re.sub(r"^\| .*? \|", "", table, flags=re.MULTILINE)) == KEYS
    headings = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    anchors = {heading.replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#(.+?)\)", table)) <= anchors
    assert len(re.findall(r"\]\(#(.+?)\)", table)) == 12


def test_the_ellipsis_of_a_heading_stands_for_other_words():
    assert not any(fits(key, "RuntimeError: of a new kind") for key in KEYS)
    assert fits("Target … is out of bounds", "IndexError: Target 12 is out of bounds.")
    assert not fits("Target … is out of bounds", "IndexError: index 12 is out of bounds")

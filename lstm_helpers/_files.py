"""Files that are whole at each moment, and told from all others."""

import os
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from pickle import PicklingError

import torch

from lstm_helpers._arguments import shown
from lstm_helpers._digest import digest


@dataclass(frozen=True)
class Kind:
    """What a kind of file holds, and how it is spoken of.

    Attributes:
        name: what the file is called in messages.
        mark: stands in the file, and changes with each version of it.
        part: where in the file its content is.
        holds: what another file does not hold.
        instead: what to do where the file is another one.
        not_loaded: what to say where the content could not be read again without running code.
    """

    name: str
    mark: str
    part: str
    holds: str
    instead: str
    not_loaded: str


def a_path(example: str, **argument) -> Path:
    """The path of a file in a folder that is there.

    Raises:
        TypeError: it is no path.
        ValueError: it is a folder, or in none, or can't be looked at.
    """
    ((name, path),) = argument.items()
    if not isinstance(path, str | os.PathLike) or not str(path):
        raise TypeError(
            f'{name} is {shown(path)}, but the path of a file is needed, such as "{example}".'
        )
    named = f"{name} is {shown(str(path))}"
    try:
        path = Path(path).absolute()
        if "\0" in str(path):  # is_dir would only say no
            raise ValueError("embedded null byte")
        is_folder, has_folder = path.is_dir(), path.parent.is_dir()
    except (OSError, ValueError, TypeError) as error:  # no permission, or no such name
        raise ValueError(
            f"{named}, which can't be looked at ({error}): name a file in a folder of your own."
        ) from None
    if is_folder:
        raise ValueError(f'{named}, which is a folder: name a file in it, such as "{example}".')
    if not has_folder:
        raise ValueError(
            f"{named}, but there is no folder {shown(str(path.parent))}: make it first."
        )
    return path


def read(path: Path, kind: Kind) -> dict | None:
    """What a file of this kind holds; None where there is no file.

    Raises:
        ValueError: it is no such file, or it was cut short or damaged. It is left as it is.
    """
    if not path.exists():
        return None
    try:
        content = BytesIO(path.read_bytes())
    except OSError as error:
        raise ValueError(_unusable(path, kind, f"can't be read ({error.strerror})")) from error
    try:
        file = torch.load(content, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ValueError(
            _unusable(path, kind, f"holds no {kind.holds}, or was cut short")
        ) from error
    if not isinstance(file, dict) or file.get("kind") != kind.mark:
        raise ValueError(_unusable(path, kind, f"holds no {kind.holds} of this version"))
    # torch does not look whether a number changed
    if digest(file.get(kind.part)) != file.get("digest"):
        raise ValueError(_unusable(path, kind, "is damaged"))
    return file[kind.part]


def _unusable(path: Path, kind: Kind, why: str) -> str:
    return f"{kind.name} {str(path)!r} {why}, and is left as it is: {kind.instead}."


def write(path: Path, kind: Kind, content: dict) -> None:
    """Write beside it, then rename: at each moment the file is whole, the old one or the new one.

    Raises:
        OSError: the folder can't be written to, or the disk is full; the old file is left.
        TypeError: something in the content can't be loaded without running code.
    """
    # torch's own writer hides what went wrong with a file, and what interrupts it
    written = BytesIO()
    try:
        file = {"kind": kind.mark, "digest": digest(content), kind.part: content}
        torch.save(file, written)
    except (AttributeError, TypeError, PicklingError) as error:
        raise TypeError(kind.not_loaded) from error
    beside = path.with_name(f"{path.name}.part")
    try:
        with beside.open("wb") as file:
            file.write(written.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        _check(beside, kind)
        os.replace(beside, path)
    except BaseException as error:
        with suppress(OSError):
            beside.unlink()
        if isinstance(error, OSError):
            raise _not_written(path, kind, error) from error
        raise


def try_folder(path: Path, kind: Kind) -> None:
    """Whether a file can be written there.

    Raises:
        OSError: it can't.
    """
    beside = path.with_name(f"{path.name}.part")
    try:
        beside.open("wb").close()
        beside.unlink()
    except OSError as error:
        raise _not_written(path, kind, error) from error


def _not_written(path: Path, kind: Kind, error: OSError) -> OSError:
    return OSError(
        error.errno,
        f"{kind.name} {str(path)!r} can't be written ({error.strerror}), and what it held before "
        "is left: make room, or name a file in another folder",
    )


def _check(path: Path, kind: Kind) -> None:
    try:
        torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise TypeError(kind.not_loaded) from error

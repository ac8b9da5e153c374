"""Verbs in process: options as words, answers as documents, endings as exceptions."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from typing import Any, NoReturn

from . import _core
from .errors import ArmisticeError, Interrupted, NotCertifiedWarning, ScenarioError

Path = str | PathLike[str]
Document = dict[str, Any]

DONE, INVALID, NOT_CERTIFIED, CHECK_FAILED, POINTS_FAILED, INTERRUPTED = 0, 2, 4, 5, 6, 130
# The result was written, with a reservation that the remarks name.
WRITTEN = (DONE, NOT_CERTIFIED, CHECK_FAILED, POINTS_FAILED)


def words(**options: object) -> list[str]:
    """Options as they would be typed: without ``None`` and ``False``, lists joined with commas, mappings repeated.

    >>> words(points=64, selections=True, claims=["a", "b"], set={"x": 0.5}, out=None)
    ['--points=64', '--selections', '--claims=a,b', '--set=x=0.5']
    """
    out: list[str] = []
    for name, value in options.items():
        flag = "--" + name.rstrip("_").replace("_", "-")
        if value is None or value is False or (isinstance(value, list | tuple | dict) and not value):
            continue
        if value is True:
            out.append(flag)
        elif isinstance(value, Mapping):
            out.extend(f"{flag}={key}={text(item)}" for key, item in value.items())
        elif isinstance(value, Iterable) and not isinstance(value, str | bytes | PathLike):
            out.append(f"{flag}={','.join(text(item) for item in value)}")
        else:
            out.append(f"{flag}={text(value)}")
    return out


def repeated(flag: str, values: Iterable[object]) -> list[str]:
    """An option given several times."""
    return [f"--{flag}={text(value)}" for value in values]


def text(value: object) -> str:
    """A value as it would be typed."""
    if isinstance(value, PathLike):
        return str(fspath(value))
    if isinstance(value, float):
        return repr(float(value))
    return str(value)


def call(verb: list[str], *, progress: bool = False, partial: bool = False) -> tuple[Document, int]:
    """Runs a verb that writes a document.

    ``partial`` says that what a stopped verb has is of use: then an interruption is an exit code and no exception.
    """
    code, output, remarks = _core.call([*verb, "--json", *([] if progress else ["--quiet"])])
    document = parsed(output)
    finish(code, document, remarks, partial=partial)
    return document, code


def call_text(verb: list[str], *, progress: bool = False) -> bytes:
    """Runs a verb that writes text or a table."""
    code, output, remarks = _core.call([*verb, *([] if progress else ["--quiet"])])
    finish(code, {}, remarks)
    return output


def parsed(output: bytes) -> Document:
    """A document, or nothing where none was written."""
    if not output.strip():
        return {}
    document: Document = json.loads(output)
    return document


def finish(code: int, document: Document, remarks: str, *, partial: bool = False) -> None:
    """Raises what an ending calls for."""
    if code == DONE:
        return
    if code == INTERRUPTED:
        if not partial:
            raise Interrupted(document.get("hint") or said(remarks))
        return
    if code in WRITTEN and document.get("schema") != "armistice.error/1":
        warnings.warn(said(remarks), NotCertifiedWarning, stacklevel=4)
        return
    failed(code, document, remarks)


def failed(code: int, document: Document, remarks: str) -> NoReturn:
    """Raises the exception that a failure calls for."""
    diagnostics = document.get("diagnostics")
    if diagnostics:
        raise ScenarioError(remarks.strip(), diagnostics)
    message = document.get("message") or said(remarks) or "the verb ended without saying why"
    raise ArmisticeError(message, code, document.get("hint"))


def said(remarks: str) -> str:
    """What was said on the side, without the word ``error``."""
    return remarks.strip().removeprefix("error:").strip()

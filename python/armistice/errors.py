"""What can go wrong, as exceptions with the same words as the command line."""

from __future__ import annotations

from typing import Any


class ArmisticeError(Exception):
    """A verb could not do what it was asked to.

    Attributes
    ----------
    code : int
        The exit code of the command line: 2 for an invalid request or scenario, 74 for files, 1 for a bug of Armistice.
    hint : str or None
        What would be right, where that is known.
    """

    def __init__(self, message: str, code: int, hint: str | None = None) -> None:
        super().__init__(message if hint is None else f"{message}\nhint: {hint}")
        self.code = code
        self.hint = hint


class ScenarioError(ArmisticeError):
    """A scenario, a game or a formula is not sound.

    Attributes
    ----------
    diagnostics : list of dict
        Every problem: ``code``, ``severity``, ``message``, ``file``, ``labels`` with lines and columns, ``help``.
    """

    def __init__(self, message: str, diagnostics: list[dict[str, Any]]) -> None:
        super().__init__(message, 2)
        self.diagnostics = diagnostics


class NotCertifiedWarning(UserWarning):
    """The result is there, but the solution is not certified, or an estimate is no maximum."""


class Interrupted(KeyboardInterrupt):
    """Stopped by Ctrl-C. Whatever was whole was kept.

    Attributes
    ----------
    go_on : str
        How to go on.
    """

    def __init__(self, go_on: str) -> None:
        super().__init__(go_on)
        self.go_on = go_on

"""The extension module: documents as JSON text, values as arrays."""

from os import PathLike
from typing import final

import numpy as np
import numpy.typing as npt

__all__ = ["Held", "__version__", "call", "describe"]

__version__: str

def call(words: list[str]) -> tuple[int, bytes, str]: ...
def describe(path: str | PathLike[str]) -> str: ...

@final
class Held:
    @staticmethod
    def solve(words: list[str]) -> tuple[Held | None, tuple[int, bytes, str]]: ...
    def at(self, words: list[str]) -> tuple[int, bytes, str]: ...
    def values(self) -> npt.NDArray[np.float64]: ...
    def axes(self) -> str: ...

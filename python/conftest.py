"""Examples in docstrings write to a folder of their own."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _folder(doctest_namespace, tmp_path):
    def folder() -> Path:
        return tmp_path

    doctest_namespace["folder"] = folder

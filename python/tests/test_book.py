"""The chapter on Python: every snippet runs, in order, in a folder of its own."""

import re
from pathlib import Path

CHAPTER = Path(__file__).parents[2] / "docs/src/python.md"


def test_snippets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    snippets = re.findall(r"```python\n(.*?)```", CHAPTER.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(snippets) > 5
    names: dict[str, object] = {"BOOK": CHAPTER.parent}
    for snippet in snippets:
        exec(compile(snippet, str(CHAPTER), "exec"), names)

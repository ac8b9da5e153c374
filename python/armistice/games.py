"""What is not about one war: finite games, published models, estimation, explanations."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from . import _verbs
from .results import Estimates, Result


class FiniteGame(Result):
    """A finite game that was solved: ``.efg`` or ``.nfg``."""

    def table(self) -> pd.DataFrame:
        """What the document holds, one entry a row."""
        return pd.DataFrame(
            {
                "found": pd.Series(
                    {k: v for k, v in self.document.items() if not isinstance(v, list | dict)}, dtype=object
                )
            }
        )


def solve_game(path: _verbs.Path, **options: object) -> FiniteGame:
    """Solves a finite game: the principal branch of quantal response equilibria, or what the options ask for.

    Parameters
    ----------
    path : path
        ``GAME.efg`` or ``GAME.nfg``.
    **options
        Those of ``armistice solve`` for finite games, such as ``nash=True``, ``equilibria=True``, ``max_lambda=100``.
    """
    return FiniteGame(_verbs.call(["solve", str(path), *_verbs.words(**options)])[0])


def convert(source: _verbs.Path, target: _verbs.Path, *, periods: int | None = None, force: bool = False) -> Path:
    """Writes a finite game again, or the first periods of a scenario as a tree in Gambit's format."""
    _verbs.call_text(["convert", str(source), str(target), *_verbs.words(periods=periods, force=force)])
    return Path(target)


class Model(Result):
    """A published model: its citation, predictions, and how its games compare with its closed form."""

    @property
    def name(self) -> str:
        """Its name in the catalog."""
        return str(self.document["name"])

    def table(self) -> pd.DataFrame:
        """Known numbers: what the literature says and what is found."""
        return pd.DataFrame(self.document["findings"]["cases"])


def catalog(name: str | None = None) -> Any:
    """Published models: a table of all, or one by name.

    Examples
    --------
    >>> import armistice as ar
    >>> models = ar.catalog()
    >>> "fearon-1995-cost" in models.index
    True
    >>> model = ar.catalog("fearon-1995-cost")
    >>> bool(model.table().ok.all())
    True
    """
    if name is None:
        document, _ = _verbs.call(["catalog", "list"])
        return pd.DataFrame(document["models"]).set_index("name")
    return Model(_verbs.call(["catalog", "show", name])[0])


def estimate(
    model: str,
    formula: str,
    data: pd.DataFrame | _verbs.Path,
    *,
    at: Mapping[str, object] | None = None,
    progress: bool = False,
    **options: object,
) -> Estimates:
    """Estimates a structural model of conflict.

    Parameters
    ----------
    model : str
        ``egame12``, ``egame122``, ``egame123``, ``ultimatum``, ``signaling`` or ``tug-of-war``.
    formula : str
        Outcomes, then one part for each utility: ``"esc + war ~ x1 + x2 | 0 | z1 | w1 + w2"``.
    data : DataFrame or path of a CSV file
        One row an observation.
    at : dict, optional
        A profile at which to predict, such as ``{"x1": 0.5}``.
    **options
        Those of ``armistice estimate``, such as ``link="logit"``, ``se="robust"``, ``bootstrap=100``.

    Returns
    -------
    Estimates
        A :class:`NotCertifiedWarning` says when they are no maximum.

    Examples
    --------
    >>> import armistice as ar, numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"x": rng.normal(size=500), "esc": 1, "war": 0})
    >>> frame["esc"] = (0.3 + frame.x + rng.normal(size=500) > 0).astype(int)
    >>> frame["war"] = ((rng.normal(size=500) > 0) & (frame.esc == 1)).astype(int)
    >>> fit = ar.estimate("egame12", "esc + war ~ x | 0 | 0 | 1", frame)
    >>> fit.estimates["status"]
    'converged'
    """
    words = [model]
    rest = [formula, *_verbs.words(**options), *_verbs.repeated("at", [f"{k}={v}" for k, v in (at or {}).items()])]
    if not isinstance(data, pd.DataFrame):
        return Estimates(_verbs.call(["estimate", *words, str(data), *rest], progress=progress)[0])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        data.to_csv(path, index=False, na_rep="NA")
        return Estimates(_verbs.call(["estimate", *words, str(path), *rest], progress=progress)[0])


def explain(code: str) -> str:
    """What a diagnostic such as ``A0107`` means, why it is a problem, and what would be right."""
    return _verbs.call_text(["explain", code]).decode()


def schema() -> dict[str, Any]:
    """The JSON Schema of scenario files."""
    found: dict[str, Any] = json.loads(_verbs.call_text(["schema"]))
    return found

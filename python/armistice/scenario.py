"""Scenarios: a war as a file, what it holds, changes of it, and the questions that can be put to it."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import tomli_w

from . import _core, _verbs
from .cluster import over_cluster
from .errors import ArmisticeError
from .record import Backtest, Comparison, Fit, Forecast, fitted
from .results import Audit, Check, Equilibrium, Levers, Run, Simulation, Sweep


class Scenario:
    """A scenario file, and what differs from it.

    Scenarios do not change: ``set``, ``with_levers``, ``case`` and ``with_precision`` give others.

    Parameters
    ----------
    path : path-like
        A scenario file, or a folder with ``scenario.toml``.

    Raises
    ------
    ScenarioError
        With every problem of the file.
    ArmisticeError
        When it cannot be read.

    Examples
    --------
    >>> import armistice as ar
    >>> war = ar.new(folder() / "my-war")
    >>> war.title
    'A war'
    >>> war.parameters.loc["attacker_cost", "value"]
    np.float64(0.05)
    """

    def __init__(self, path: _verbs.Path) -> None:
        self.path = Path(path)
        check(self.path)
        self._contents: dict[str, Any] = json.loads(_core.describe(self.path))
        self._change: dict[str, Any] = {}

    # What it holds

    @property
    def title(self) -> str:
        """What the war is called."""
        return str(self._contents["title"])

    @property
    def hash(self) -> str:
        """blake3 of the file, and of the files that it extends and includes."""
        return str(self._contents["hash"])

    @property
    def parameters(self) -> pd.DataFrame:
        """Parameters as written, by name: value, low, high, unit, source, who controls it."""
        return self._table("parameters")

    @property
    def players(self) -> dict[str, list[str]]:
        """Players and their private types."""
        return {player["name"]: player["types"] for player in self._contents["players"]}

    @property
    def attacker(self) -> str:
        """The player whose stopping margin is the headline."""
        return str(self._contents["attacker"])

    @property
    def state(self) -> pd.DataFrame:
        """State variables, by name: values and where each starts."""
        return self._table("variables")

    @property
    def levers(self) -> pd.DataFrame:
        """Levers, by name."""
        return self._table("levers")

    @property
    def cases(self) -> pd.DataFrame:
        """Cases, by name."""
        return self._table("cases")

    @property
    def measures(self) -> pd.DataFrame:
        """Measures, by name."""
        return self._table("measures")

    @property
    def claims(self) -> pd.DataFrame:
        """Claims, by name: what each says, and whose it is."""
        return self._table("claims")

    def _table(self, what: str) -> pd.DataFrame:
        frame = pd.DataFrame(self._contents[what])
        return frame.set_index("name") if len(frame) else frame

    # What differs

    def set(self, values: Mapping[str, float] | None = None, /, **more: float) -> Scenario:
        """With parameters set to other values, by name."""
        known = self.parameters
        wanted = {**(values or {}), **more}
        wrong = [name for name in wanted if name not in known.index]
        if wrong:
            raise ArmisticeError(
                f"{self.title} has no parameter {', '.join(wrong)}", 2, f"it has {', '.join(known.index)}"
            )
        return self._with("set", {**self._change.get("set", {}), **wanted})

    def with_levers(self, *names: str) -> Scenario:
        """With levers in force, beside those that are."""
        return self._with("levers", [*self._change.get("levers", []), *names])

    def case(self, name: str) -> Scenario:
        """A named case of the scenario."""
        return self._with("case", name)

    def with_precision(self, scale: float) -> Scenario:
        """With every player's precision multiplied by a factor."""
        return self._with("precision_scale", scale)

    def _with(self, what: str, value: object) -> Scenario:
        other = object.__new__(Scenario)
        other.path, other._contents, other._change = self.path, self._contents, {**self._change, what: value}
        return other

    def _words(self, only: Iterable[str] = ("set", "levers", "case", "precision_scale"), verb: str = "") -> list[str]:
        """The path and the changes as words; a verb that does not know a change refuses it."""
        wrong = [what for what in self._change if what not in only]
        if wrong:
            raise ArmisticeError(
                f"{verb} takes the scenario as written, and {', '.join(wrong)} differ",
                2,
                "save a file that extends it, with these changes in it",
            )
        change = self._change
        words = [str(self.path), *_verbs.words(set=change.get("set"), case=change.get("case"))]
        words += _verbs.repeated("lever", change.get("levers", []))
        return words + _verbs.words(precision_scale=change.get("precision_scale"))

    # Questions

    def check(self) -> Check:
        """Every problem in one run, and what solving will take."""
        return check(self.path)

    def solve(
        self,
        points: int | None = None,
        *,
        selection: str | None = None,
        threads: int | None = None,
        progress: bool = False,
    ) -> Equilibrium:
        """Solves the game.

        Parameters
        ----------
        points : int, optional
            Belief grid points per dimension, both ends included [default: 17].
        selection : str, optional
            ``principal``, ``continuation``, ``pooling`` or ``separating``.
        threads : int, optional
            Worker threads; results do not depend on it.
        progress : bool
            A progress line, where standard error is a terminal.

        Returns
        -------
        Equilibrium
            With its certificate. A :class:`NotCertifiedWarning` says where it has none.

        Examples
        --------
        >>> import armistice as ar
        >>> war = ar.new(folder() / "my-war")
        >>> eq = war.solve(points=9)
        >>> eq.status
        'certified'
        >>> weak = eq.margins.query("type == 'weak'").margin.item()
        >>> bool(weak > 0)
        True
        """
        options = _verbs.words(belief_points=points, selection=selection, threads=threads)
        words = [*self._words(verb="solve"), *options, *([] if progress else ["--quiet"])]
        held, (code, output, remarks) = _core.Held.solve(words)
        if held is None:
            _verbs.finish(code, _verbs.parsed(output), remarks)
            raise ArmisticeError(_verbs.said(remarks), code)
        _, document, _ = held.at([])
        found = Equilibrium(held, _verbs.parsed(document))
        if found.status != "certified":
            _verbs.finish(_verbs.NOT_CERTIFIED, found.document, f"the solution is {found.status}")
        return found

    def simulate(
        self,
        wars: int = 1000,
        *,
        seed: int = 1,
        points: int | None = None,
        threads: int | None = None,
        progress: bool = False,
    ) -> Simulation:
        """Simulates wars from the solution: one row a war and period.

        Examples
        --------
        >>> import armistice as ar
        >>> wars = ar.new(folder() / "my-war").simulate(200, points=5)
        >>> len(wars)
        200
        """
        options = _verbs.words(wars=wars, seed=seed, belief_points=points, threads=threads)
        rows = _verbs.call_text(["simulate", *self._words(verb="simulate"), *options], progress=progress)
        return Simulation(pd.read_csv(io.BytesIO(rows), keep_default_na=False, na_values=[""]))

    def solve_levers(
        self,
        *,
        by: str | None = None,
        sets: int | None = None,
        points: int | None = None,
        progress: bool = False,
        **options: object,
    ) -> Levers:
        """What each lever, and every set of levers, does, at whose cost; options are those of ``armistice levers``."""
        words = _verbs.words(by=by, sets=sets, belief_points=points, **options)
        return Levers(_verbs.call(["levers", *self._words(verb="levers"), *words], progress=progress)[0])

    def audit(
        self,
        points: int = 64,
        *,
        theories: Iterable[_verbs.Path] = (),
        also: Iterable[_verbs.Path] = (),
        out: _verbs.Path | None = None,
        resume: bool = False,
        progress: bool = False,
        **options: object,
    ) -> Audit:
        """How often each claim holds over everything that is uncertain, and when.

        Parameters
        ----------
        points : int
            Cases.
        theories : paths
            Theory files: the same claims, other numbers.
        also : paths
            Other scenario files whose claims are audited too.
        out : path, optional
            A folder that survives being stopped; ``resume`` goes on in it.
        **options
            Those of ``armistice audit``, such as ``claims=[...]``, ``seed=2``, ``report="page.html"``.

        Returns
        -------
        Audit
            After Ctrl-C that of what was whole, which ``out`` and ``resume`` complete.
        """
        words = ["audit", *self._words((), "audit"), *(str(path) for path in also)]
        words += _verbs.repeated("theory", theories)
        words += _verbs.words(points=points, out=out, resume=resume, **options)
        return Audit(_verbs.call(words, progress=progress)[0])

    def sweep(
        self,
        out: _verbs.Path,
        points: int = 256,
        *,
        design: str = "lhs",
        parameters: Iterable[str] = (),
        measures: Iterable[str] = (),
        boxes: Iterable[str] = (),
        cluster: Any = None,
        progress: bool = False,
        **options: object,
    ) -> Sweep:
        """Solves the scenario at every point of a design and writes a table, one row a point.

        Parameters
        ----------
        out : path
            A new folder. It survives being stopped: see :meth:`Sweep.go_on`.
        points : int
            Points of the design; base points for ``saltelli``.
        design : str
            ``lhs``, ``sobol``, ``saltelli``, ``grid``.
        parameters, measures : names
            What varies and what is computed [default: all].
        boxes : names
            Claims to look for boxes of.
        cluster : dask.distributed.Client, optional
            Computes shards on its workers, which must see the same files. The bytes are those of one machine.
        **options
            Those of ``armistice sweep``, such as ``levers=[...]``, ``cases=[...]``, ``seed=2``, ``shard_size=16``.

        Returns
        -------
        Sweep
            After Ctrl-C an incomplete one.

        Examples
        --------
        >>> import armistice as ar
        >>> war = ar.new(folder() / "my-war")
        >>> table = war.sweep(folder() / "sweep", 4, belief_points=5).table()
        >>> len(table)
        4
        """
        words = ["sweep", *self._words(("set",), "sweep"), f"--out={out}"]
        words += _verbs.words(
            points=points,
            design=design,
            parameters=list(parameters),
            measures=list(measures),
            boxes=list(boxes),
            **options,
        )
        if cluster is not None:
            over_cluster(words, str(self.path), Path(out), cluster)
            words = ["sweep", str(self.path), f"--out={out}", "--resume", *_verbs.words(boxes=list(boxes))]
        document, code = _verbs.call(words, progress=progress, partial=True)
        return Sweep(document, str(self.path), Path(out), code != _verbs.INTERRUPTED)

    def run(
        self, out: _verbs.Path, *, quick: bool = False, seed: int = 1, progress: bool = False, **options: object
    ) -> Run:
        """The main job: check, solve, simulate, compare, and write a folder with the report.

        Examples
        --------
        >>> import armistice as ar
        >>> done = ar.new(folder() / "my-war").run(folder() / "run", quick=True)
        >>> done.report.name
        'report.html'
        """
        words = [*self._words(("set",), "run"), *_verbs.words(out=out, quick=quick, seed=seed, **options)]
        return Run(_verbs.call(["run", *words], progress=progress)[0])

    # The record

    def fit(
        self,
        free: Iterable[str] = (),
        *,
        starts: int = 3,
        posterior: int | None = None,
        out: _verbs.Path | None = None,
        progress: bool = False,
        **options: object,
    ) -> Fit:
        """Estimates parameters from the record of the war (``[data]`` of the file).

        Parameters
        ----------
        free : names
            What is estimated [default: all with a range that move the likelihood].
        starts : int
            Starting points of the search.
        posterior : int, optional
            Draw from the posterior too, by clouds of so many points.
        out : path, optional
            Keep the document there, for :meth:`forecast`.
        **options
            Those of ``armistice fit``, such as ``source="deepstate"``, ``profile=[...]``, ``seed=2``.

        Returns
        -------
        Fit
            After Ctrl-C what was found by then.
        """
        words = {"free": list(free), "starts": starts, "posterior": posterior, "out": out, **options}
        return fitted(self._words(("set",), "fit"), words, progress)

    def compare(
        self, theories: Iterable[_verbs.Path], *, free: Iterable[str] = (), progress: bool = False, **options: object
    ) -> Comparison:
        """Holds rival theories against the record; other options are those of ``armistice compare``."""
        words = [*self._words(("set",), "compare"), *_verbs.repeated("theory", theories)]
        words += _verbs.words(free=list(free), **options)
        return Comparison(_verbs.call(["compare", *words], progress=progress)[0])

    def forecast(
        self,
        *,
        fit: _verbs.Path | None = None,
        by: Iterable[int] = (3, 6, 12),
        out: _verbs.Path | None = None,
        progress: bool = False,
        **options: object,
    ) -> Forecast:
        """Forecasts from the last row of the record, with the draws of a fit that was kept where there is one."""
        words = _verbs.words(fit=fit, by=list(by), out=out, **options)
        return Forecast(_verbs.call(["forecast", *self._words(("set",), "forecast"), *words], progress=progress)[0])

    def backtest(
        self, *, since: str | None = None, free: Iterable[str] = (), progress: bool = False, **options: object
    ) -> Backtest:
        """Forecasts every row of the record from the rows before it, against rules that know no model."""
        words = _verbs.words(from_=since, free=list(free), **options)
        return Backtest(_verbs.call(["backtest", *self._words(("set",), "backtest"), *words], progress=progress)[0])

    # Text

    def draft(self) -> Draft:
        """The file as a document that can be changed and saved."""
        file = self.path / "scenario.toml" if self.path.is_dir() else self.path
        return Draft.read(file)

    def __repr__(self) -> str:
        change = f", {self._change}" if self._change else ""
        return f"<Scenario {self.title!r}, {self.path}{change}>"

    def _repr_html_(self) -> str:
        frame: Any = self.parameters.drop(columns=["says", "source"], errors="ignore")
        return f"<b>{self.title}</b> {frame.to_html(max_rows=20)}"


class Draft(dict[str, Any]):
    """A scenario as a document: nested dictionaries and lists, with the names of the scenario language.

    Saving keeps all values; comments and layout of a file that was read are not kept.

    Examples
    --------
    >>> import armistice as ar
    >>> draft = ar.new(folder() / "my-war").draft()
    >>> draft["parameters"]["attacker_cost"]["value"] = 0.08
    >>> war = draft.save(folder() / "harder.toml")
    >>> war.parameters.loc["attacker_cost", "value"]
    np.float64(0.08)
    >>> war.draft() == draft
    True
    """

    @classmethod
    def read(cls, path: _verbs.Path) -> Draft:
        """Reads a file without checking what it says."""
        with Path(path).open("rb") as file:
            return cls(tomllib.load(file))

    def text(self) -> str:
        """The document as TOML."""
        return tomli_w.dumps(self, multiline_strings=True)

    def check(self, beside: _verbs.Path | None = None) -> Check:
        """Checks the document as if it stood in a folder, from which it may extend and include other files."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if beside is not None:
                shutil.copytree(beside, folder, dirs_exist_ok=True)
            path = folder / "draft.toml"
            path.write_text(self.text(), encoding="utf-8")
            return check(path)

    def save(self, path: _verbs.Path) -> Scenario:
        """Writes the document to a file, whole, and loads it; one that is not sound is not written.

        Raises
        ------
        ScenarioError
            With every problem; the file is then as it was.
        """
        path = Path(path)
        beside = path.with_name(f".{path.stem}.draft.toml")
        beside.write_text(self.text(), encoding="utf-8")
        try:
            check(beside)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        return Scenario(path)


def check(path: _verbs.Path) -> Check:
    """Checks a scenario or a finite game: every problem in one run, and what it will cost to solve.

    Raises
    ------
    ScenarioError
        With every problem.
    """
    return Check(_verbs.call(["check", str(path)])[0])


def load(path: _verbs.Path) -> Scenario:
    """Loads a scenario: a file, or a folder with ``scenario.toml``."""
    return Scenario(path)


def new(path: _verbs.Path, template: str | None = None) -> Scenario:
    """Writes a folder with a commented scenario that runs, from a template or a model of the catalog, and loads it."""
    _verbs.call(["new", str(path), *_verbs.words(from_=template)])
    return Scenario(path)

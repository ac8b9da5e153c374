"""Results: a document as it was written, and the tables in it."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import _core, _verbs
from .charts import Chart, bars, lines


class Result:
    """What a verb answered.

    Attributes
    ----------
    document : dict
        The whole document, as ``--json`` writes it.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @property
    def stamp(self) -> dict[str, Any]:
        """What it was made from and how: version, scenario and its hash, settings, seed, command."""
        stamp: dict[str, Any] = self.document.get("stamp", {})
        return stamp

    @property
    def command(self) -> str:
        """The command line that gives the same result."""
        found = self.stamp.get("command") or self.document.get("command") or ""
        return str(found)

    def table(self) -> pd.DataFrame:
        """The main table."""
        raise NotImplementedError

    def save(self, path: str | Path) -> None:
        """Writes the document as JSON."""
        Path(path).write_text(json.dumps(self.document, indent=2), encoding="utf-8")

    def _repr_html_(self) -> str:
        foot = html.escape(f"armistice {self.document.get('version', '')} · {self.command}")
        frame: Any = self.table()
        return f"{frame.to_html(max_rows=24, float_format=lambda x: f'{x:.4g}')}<p><small>{foot}</small></p>"

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.command}\n{self.table()}"


class Check(Result):
    """What ``check`` found: no error, perhaps warnings, and what solving will take."""

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """Warnings."""
        return cast("list[dict[str, Any]]", self.document["diagnostics"])

    def table(self) -> pd.DataFrame:
        """Sizes, one a row."""
        return pd.DataFrame({"size": pd.Series(self.document["size"], dtype=object)})


class Place(Result):
    """What is played at one place: a period, a public state and a public belief."""

    @property
    def margins(self) -> pd.DataFrame:
        """Stopping margins by player and type: the best action that ends the war minus the best that goes on."""
        columns = ["player", "kind", "margin", "stop", "go"]
        return pd.DataFrame(self.document["margins"], columns=columns).rename(columns={"kind": "type"})

    @property
    def values(self) -> pd.Series[float]:
        """Expected payoffs from here on, by player and type."""
        rows = {(entry["player"], kind): value for entry in self.document["values"] for kind, value in entry["types"]}
        out = pd.Series(rows, dtype=float, name="value")
        out.index.names = ["player", "type"]
        return out

    def table(self) -> pd.DataFrame:
        """One row for each move, action and type: probability, action value, and the belief after the action."""
        rows = [
            {
                "move": node["name"],
                "player": node["player"],
                "after": " ".join(f"{move}={action}" for move, action in node["history"]),
                "reached": node["reached"],
                "action": action["label"],
                "type": kind,
                "probability": action["strategy"][position],
                "value": action["action_value"][position],
                "belief_after": action["belief_after"][position],
            }
            for node in self.document["nodes"]
            for action in node["actions"]
            for position, kind in enumerate(node["types"])
        ]
        return pd.DataFrame(rows)


class Equilibrium(Place):
    """A solved scenario: what is played at the start, and anywhere else on request."""

    def __init__(self, held: _core.Held, document: dict[str, Any]) -> None:
        super().__init__(document)
        self._held = held
        self._axes: dict[str, Any] = json.loads(held.axes())

    @property
    def certificate(self) -> dict[str, Any]:
        """What shows that it is an equilibrium: residual, regret, grid error, counts; computed by code of its own."""
        return cast("dict[str, Any]", self.document["certificate"])

    @property
    def status(self) -> str:
        """``certified``, ``approximate``, ``not_converged`` or ``not_stationary``."""
        return str(self.document["status"])

    @property
    def states(self) -> list[str]:
        """The public states, in the order of the values."""
        return list(self._axes["states"])

    @property
    def slots(self) -> list[tuple[str, str]]:
        """Player and type, in the order of the values' last axis."""
        return [(player, kind) for player, kind in self._axes["slots"]]

    @property
    def beliefs(self) -> npt.NDArray[np.float64]:
        """Points of the belief grid: shape (points, slots)."""
        return np.asarray(self._axes["beliefs"], dtype=float)

    def values_by_point(self) -> npt.NDArray[np.float64]:
        """Expected payoffs: shape (periods, states, belief points, slots). The memory is the array's own."""
        return self._held.values()

    def at(
        self,
        period: int = 0,
        state: dict[str, object] | None = None,
        belief: dict[str, float] | None = None,
        *,
        all_moves: bool = False,
    ) -> Place:
        """What is played at a place.

        Parameters
        ----------
        period : int
            0 is the first.
        state : dict, optional
            State variables that differ from the start, such as ``{"front": 2}``.
        belief : dict, optional
            Probabilities that differ from the prior, such as ``{"attacker.weak": 0.3}``.
        all_moves : bool
            Every move, not only the choices on the likeliest path.
        """
        words = _verbs.words(period=period, all=all_moves, belief=belief)
        words += _verbs.words(at=state)
        code, output, remarks = self._held.at(words)
        document = _verbs.parsed(output)
        _verbs.finish(code, document, remarks)
        return Place(document)

    def margin_curve(
        self, belief: str, points: int = 21, *, period: int = 0, state: dict[str, object] | None = None
    ) -> pd.DataFrame:
        """Stopping margins over the belief in a type, such as ``"attacker.weak"``, by player and type."""
        frames = []
        for p in np.linspace(0.0, 1.0, points):
            found = self.at(period, state, {belief: float(p)}).margins
            frames.append(found.assign(belief=float(p)))
        return pd.concat(frames, ignore_index=True)

    def chart(self, belief: str, player: str, points: int = 21) -> Chart:
        """The stopping margins of a player's types over a belief."""
        data = self.margin_curve(belief, points)
        data = data[data["player"] == player]
        title = f"Stopping margin of {player}"
        return lines(data, "belief", "margin", "type", title, x_title=f"belief in {belief}", y_title="stake")


class Simulation:
    """Simulated wars.

    Attributes
    ----------
    rows : pandas.DataFrame
        One row a war and period: moves, outcomes, state, beliefs, types.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        self.rows = rows

    def durations(self) -> pd.Series[int]:
        """Periods that each war lasted, or was followed."""
        return self.rows.groupby("war")["period"].max() + 1

    def survival(self) -> pd.DataFrame:
        """Share of wars still on when a period begins."""
        on = self.rows.groupby("period")["war"].nunique()
        total = int(self.rows["war"].nunique())
        return pd.DataFrame({"period": on.index, "still_on": on.to_numpy() / total})

    def chart(self) -> Chart:
        """Share of wars still on, over time."""
        return lines(self.survival(), "period", "still_on", None, "Wars still on", y_title="share")

    def __len__(self) -> int:
        return int(self.rows["war"].nunique())

    def _repr_html_(self) -> str:
        frame: Any = self.rows
        return str(frame.to_html(max_rows=12))

    def __repr__(self) -> str:
        return f"Simulation of {len(self)} wars\n{self.rows}"


class Levers(Result):
    """What levers, and every set of them, do."""

    def table(self) -> pd.DataFrame:
        """One row a set: cost, probability that the war is over by the date, duration, margins and values by player."""
        levers = self.document["levers"]
        found = levers["sets"]
        rows = [self._row((), 0.0, levers["plain"])]
        rows += [
            self._row(tuple(entry["levers"]), entry["cost"], effect)
            for entry, effect in zip(found, levers["effects"], strict=True)
        ]
        return pd.DataFrame(rows)

    def _row(self, names: tuple[str, ...], cost: float | None, effect: dict[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {
            "levers": "+".join(names) or "none",
            "cost": cost,
            "ended_by": effect["ended_by"],
            "terms": effect["terms"],
            "duration": effect["duration"],
        }
        mine = [m for m in effect["margins"] if m["player"] == self.document["player"]]
        row.update({f"margin.{m['kind']}": m["margin"] for m in mine})
        row.update({f"cost.{p['player']}": p["cost"] for p in effect["players"]})
        return row

    @property
    def cheapest(self) -> pd.DataFrame:
        """By type of the player: the cheapest set with which stopping is better than going on."""
        return pd.DataFrame(self.document["levers"]["cheapest"]).rename(columns={"kind": "type"})

    def chart(self) -> Chart:
        """Probability that the war is over by the date, by set."""
        title = f"War over by {self.document.get('by_date') or self.document['levers']['by']}"
        return bars(self.table(), "ended_by", "levers", title, x_title="probability")


class Audit(Result):
    """How often each claim holds over everything that is uncertain."""

    @property
    def complete(self) -> bool:
        """Whether all cases were done; an audit that was stopped is one of those that were."""
        return bool(self.document.get("audits"))

    def table(self) -> pd.DataFrame:
        """One row a theory and claim: share of cases, its interval, the verdict in a word."""
        rows = [
            {
                "theory": audit["theory"],
                "claim": claim["name"],
                "title": claim["title"],
                "share": claim["share"],
                "low": claim["interval"][0] if claim["interval"] else None,
                "high": claim["interval"][1] if claim["interval"] else None,
                "word": claim["word"],
                "holds": claim["holds"],
                "fails": claim["fails"],
                "undefined": claim["undefined"],
            }
            for audit in self.document.get("audits", [])
            for claim in audit["claims"]
        ]
        return pd.DataFrame(rows)

    def chart(self) -> Chart:
        """Shares with their intervals."""
        data = self.table()
        return bars(data, "share", "claim", "Share of cases in which a claim holds", low="low", high="high")


class Sweep(Result):
    """A table of everything: one row a point.

    Attributes
    ----------
    folder : pathlib.Path
        Where the plan, the shards and the merged table are.
    complete : bool
        Whether all points were done; if not, ``go_on`` continues.
    """

    def __init__(self, document: dict[str, Any], scenario: str, folder: Path, complete: bool) -> None:
        super().__init__(document)
        self.scenario = scenario
        self.folder = folder
        self.complete = complete

    def table(self) -> pd.DataFrame:
        """The rows that are there: the merged table, or the shards that are whole."""
        merged = self.folder / "sweep.parquet"
        if self.complete and merged.exists():
            return pd.read_parquet(merged)
        parts = [part for part in sorted(self.folder.glob("part-*.parquet")) if part.with_suffix(".json").exists()]
        return pd.concat([pd.read_parquet(part) for part in parts], ignore_index=True) if parts else pd.DataFrame()

    @property
    def indices(self) -> pd.DataFrame:
        """Sobol indices, where the design was made for them (``design="saltelli"``)."""
        return pd.read_csv(self.folder / "indices.csv")

    @property
    def boxes(self) -> dict[str, Any]:
        """Boxes in which claims hold, where they were asked for."""
        return cast("dict[str, Any]", json.loads((self.folder / "boxes.json").read_text(encoding="utf-8")))

    def go_on(self, *, progress: bool = False) -> Sweep:
        """Computes what is missing."""
        verb = ["sweep", self.scenario, f"--out={self.folder}", "--resume"]
        document, code = _verbs.call(verb, progress=progress, partial=True)
        return Sweep(document, self.scenario, self.folder, code != _verbs.INTERRUPTED)


class Run(Result):
    """The main job: a folder with findings and a report.

    Attributes
    ----------
    report : pathlib.Path
        The report: one file that works offline.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(document)
        self.report = Path(document["report"])
        self.findings: dict[str, Any] = json.loads(Path(document["findings"]).read_text(encoding="utf-8"))

    def table(self) -> pd.DataFrame:
        """The headline measures."""
        rows = [
            {"measure": m["name"], "title": m["title"], **_flat(m["value"])}
            for m in self.document["answer"]["measures"]
        ]
        return pd.DataFrame(rows)


def _flat(value: Any) -> dict[str, Any]:
    return {"value": value.get("value"), "unit": value.get("unit")} if isinstance(value, dict) else {"value": value}


class Estimates(Result):
    """A structural model with its estimates."""

    @property
    def estimates(self) -> dict[str, Any]:
        """The estimates as they were written."""
        return cast("dict[str, Any]", self.document["estimates"])

    @property
    def log_likelihood(self) -> float:
        """At the estimate."""
        return float(self.estimates["log_likelihood"])

    def table(self) -> pd.DataFrame:
        """One row a coefficient: estimate, standard error, z, p."""
        return pd.DataFrame(self.estimates["coefficients"])

    @property
    def predictions(self) -> pd.DataFrame:
        """Predicted probabilities, where ``at`` asked for them."""
        found = self.document.get("predictions")
        return pd.DataFrame(found["rows"] if found else [])

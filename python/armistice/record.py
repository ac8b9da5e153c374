"""A scenario and the record of its war: estimates, rival theories, forecasts, backtests."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import _verbs
from .charts import Chart, lines
from .results import Result


class Fit(Result):
    """Estimates of a scenario's parameters from the record of its war."""

    @property
    def log_likelihood(self) -> float:
        """At the estimate; of all rows, types and what was not seen integrated out."""
        return float(self.document["log_likelihood"])

    @property
    def complete(self) -> bool:
        """Whether it came to its end; after Ctrl-C it has what was found."""
        return not self.document["interrupted"]

    def table(self) -> pd.DataFrame:
        """One row a parameter: range, value as written, estimate, errors, and what the record says about it."""
        rows = [
            {
                "parameter": one["name"],
                "low": one["range"][0],
                "high": one["range"][1],
                "stated": one["stated"],
                "estimate": one["value"],
                "standard_error": one["standard_error"],
                "robust_error": one["robust_error"],
                "record_says": one["identified"],
            }
            for one in self.document["estimates"]
        ]
        return pd.DataFrame(rows)

    @property
    def beliefs(self) -> pd.DataFrame:
        """Beliefs about each private type, row by row of the record."""
        rows = [{"date": month["date"], **belief} for month in self.document["months"] for belief in month["beliefs"]]
        return pd.DataFrame(rows).rename(columns={"kind": "type"})

    @property
    def draws(self) -> pd.DataFrame:
        """Draws: from the posterior, or from the normal approximation around the estimate."""
        names = [one["name"] for one in self.document["estimates"]]
        return pd.DataFrame(self.document["draws"] or [], columns=names)

    def by_cloud(self) -> dict[str, npt.NDArray[np.float64]]:
        """Posterior draws by parameter: shape (clouds, draws), which ArviZ takes as chains."""
        posterior = self.document.get("posterior")
        if not posterior:
            raise ValueError("there are no draws from the posterior: fit(..., posterior=64) makes some")
        draws = np.asarray(posterior["draws"], dtype=float)
        shape = (len(draws) // int(posterior["points"]), int(posterior["points"]))
        return {name: draws[:, k].reshape(shape) for k, name in enumerate(self.draws.columns)}

    def to_arviz(self) -> Any:
        """The posterior for ArviZ, which must be installed: clouds as chains."""
        import arviz

        # Before version 1 the groups of from_dict were arguments; since then they are keys.
        new = int(arviz.__version__.split(".")[0]) >= 1
        return arviz.from_dict({"posterior": self.by_cloud()} if new else self.by_cloud())

    def chart(self) -> Chart:
        """Beliefs over the record."""
        data = self.beliefs
        data["period"] = data.groupby(["player", "type"]).cumcount()
        data["who"] = data.player + ": " + data.type
        return lines(data, "period", "probability", "who", "Beliefs over the record", x_title="row of the record")


class Comparison(Result):
    """Rival theories against the record."""

    def table(self) -> pd.DataFrame:
        """One row a theory: log likelihood, AIC, BIC, log marginal likelihood where asked for."""
        rows = [
            {
                "theory": one["theory"]["name"],
                "log_likelihood": one["log_likelihood"],
                "estimated": len(one["estimated"]),
                "aic": one["aic"],
                "bic": one["bic"],
                "log_evidence": one["log_evidence"],
            }
            for one in self.document["theories"]
        ]
        return pd.DataFrame(rows)

    @property
    def months(self) -> pd.DataFrame:
        """Log predictive probability of each row of the record, a column a theory."""
        columns = {one["theory"]["name"]: one["months"] for one in self.document["theories"]}
        return pd.DataFrame(columns, index=pd.Index(self.document["dates"], name="date"))

    @property
    def tests(self) -> pd.DataFrame:
        """Vuong's and Clarke's tests of the best theory against each of the others."""
        names = [one["theory"]["name"] for one in self.document["theories"]]
        return pd.DataFrame(
            [{**one, "best": names[one["best"]], "other": names[one["other"]]} for one in self.document["tests"]]
        )


class Forecast(Result):
    """Forecasts from the last row of the record, stamped, to be scored later."""

    def table(self) -> pd.DataFrame:
        """One row a quantity: question, value, what parameters and simulation leave open, the row that resolves it."""
        columns = ["id", "question", "value", "parameter_uncertainty", "simulation_error", "resolves"]
        return pd.DataFrame(self.document["quantities"])[columns]


class Scores(Result):
    """How good a forecast was, as far as the record resolves it."""

    def table(self) -> pd.DataFrame:
        """One row a quantity: value, outcome, scores (all penalties), or why it is open."""
        return pd.DataFrame(self.document["quantities"])


class Backtest(Result):
    """How well the record would have been foreseen, row by row, against rules that know no model."""

    def table(self) -> pd.DataFrame:
        """One row a target: mean score of the model and of the best rule. Smaller is better."""
        rows = []
        for target in self.document["targets"]:
            rules = dict(target["rules"])
            rows.append(
                {
                    "target": target["name"],
                    "score": target["score"],
                    "months": target["months"],
                    "model": target["model"],
                    "best_rule": target["best"],
                    "rule": rules.get(target["best"]),
                }
            )
        return pd.DataFrame(rows)


def score(forecast: _verbs.Path, record: _verbs.Path) -> Scores:
    """Scores a forecast file by what the record says since."""
    return Scores(_verbs.call(["score", str(forecast), *_verbs.words(record=record)])[0])


def fitted(words: list[str], options: dict[str, object], progress: bool) -> Fit:
    """Runs ``fit``; what was found before Ctrl-C is a result."""
    document, _ = _verbs.call(["fit", *words, *_verbs.words(**options)], progress=progress, partial=True)
    if "estimates" not in document:
        raise KeyboardInterrupt
    return Fit(document)

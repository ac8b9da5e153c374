"""War as a bargaining game with private information: solve, simulate, audit, estimate.

>>> import armistice as ar
>>> war = ar.new(folder() / "my-war")       # or ar.load("scenarios/russia-ukraine")
>>> eq = war.solve(points=9)
>>> sorted(eq.margins.type)
['only', 'strong', 'weak']

Results carry the document that the command line writes (``result.document``), the command that gives the same result
(``result.command``), and their tables as data frames (``result.table()``).
"""

from ._core import __version__
from .charts import Chart
from .errors import ArmisticeError, Interrupted, NotCertifiedWarning, ScenarioError
from .games import FiniteGame, Model, catalog, convert, estimate, explain, schema, solve_game
from .record import Backtest, Comparison, Fit, Forecast, Scores, score
from .results import Audit, Check, Equilibrium, Estimates, Levers, Place, Result, Run, Simulation, Sweep
from .scenario import Draft, Scenario, check, load, new

__all__ = [
    "ArmisticeError",
    "Audit",
    "Backtest",
    "Chart",
    "Check",
    "Comparison",
    "Draft",
    "Equilibrium",
    "Estimates",
    "FiniteGame",
    "Fit",
    "Forecast",
    "Interrupted",
    "Levers",
    "Model",
    "NotCertifiedWarning",
    "Place",
    "Result",
    "Run",
    "Scenario",
    "ScenarioError",
    "Scores",
    "Simulation",
    "Sweep",
    "__version__",
    "audit",
    "backtest",
    "catalog",
    "check",
    "compare",
    "convert",
    "estimate",
    "explain",
    "fit",
    "forecast",
    "levers",
    "load",
    "new",
    "run",
    "schema",
    "score",
    "simulate",
    "solve",
    "solve_game",
    "sweep",
]

# The verbs as functions: of a scenario, or of the path of one.


def _scenario(what: object) -> Scenario:
    return what if isinstance(what, Scenario) else load(what)  # type: ignore[arg-type]


def solve(scenario: object, **options: object) -> Equilibrium:
    """Solves a scenario: see :meth:`Scenario.solve`. Finite games are solved by :func:`solve_game`."""
    return _scenario(scenario).solve(**options)  # type: ignore[arg-type]


def simulate(scenario: object, wars: int = 1000, **options: object) -> Simulation:
    """Simulates wars: see :meth:`Scenario.simulate`."""
    return _scenario(scenario).simulate(wars, **options)  # type: ignore[arg-type]


def levers(scenario: object, **options: object) -> Levers:
    """Compares levers: see :meth:`Scenario.solve_levers`."""
    return _scenario(scenario).solve_levers(**options)  # type: ignore[arg-type]


def audit(scenario: object, points: int = 64, **options: object) -> Audit:
    """Audits claims: see :meth:`Scenario.audit`."""
    return _scenario(scenario).audit(points, **options)  # type: ignore[arg-type]


def sweep(scenario: object, out: object, points: int = 256, **options: object) -> Sweep:
    """Sweeps a design: see :meth:`Scenario.sweep`."""
    return _scenario(scenario).sweep(out, points, **options)  # type: ignore[arg-type]


def fit(scenario: object, free: object = (), **options: object) -> Fit:
    """Estimates parameters from the record of a war: see :meth:`Scenario.fit`."""
    return _scenario(scenario).fit(free, **options)  # type: ignore[arg-type]


def compare(scenario: object, theories: object, **options: object) -> Comparison:
    """Holds rival theories against the record: see :meth:`Scenario.compare`."""
    return _scenario(scenario).compare(theories, **options)  # type: ignore[arg-type]


def forecast(scenario: object, **options: object) -> Forecast:
    """Forecasts from the last row of the record: see :meth:`Scenario.forecast`."""
    return _scenario(scenario).forecast(**options)  # type: ignore[arg-type]


def backtest(scenario: object, **options: object) -> Backtest:
    """Says how well the record would have been foreseen: see :meth:`Scenario.backtest`."""
    return _scenario(scenario).backtest(**options)  # type: ignore[arg-type]


def run(scenario: object, out: object, **options: object) -> Run:
    """The main job: see :meth:`Scenario.run`."""
    return _scenario(scenario).run(out, **options)  # type: ignore[arg-type]

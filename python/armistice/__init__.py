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
from .results import Audit, Check, Equilibrium, Estimates, Levers, Place, Result, Run, Simulation, Sweep
from .scenario import Draft, Scenario, check, load, new

__all__ = [
    "ArmisticeError",
    "Audit",
    "Chart",
    "Check",
    "Draft",
    "Equilibrium",
    "Estimates",
    "FiniteGame",
    "Interrupted",
    "Levers",
    "Model",
    "NotCertifiedWarning",
    "Place",
    "Result",
    "Run",
    "Scenario",
    "ScenarioError",
    "Simulation",
    "Sweep",
    "__version__",
    "audit",
    "catalog",
    "check",
    "convert",
    "estimate",
    "explain",
    "levers",
    "load",
    "new",
    "run",
    "schema",
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


def run(scenario: object, out: object, **options: object) -> Run:
    """The main job: see :meth:`Scenario.run`."""
    return _scenario(scenario).run(out, **options)  # type: ignore[arg-type]

"""Results: the same numbers however they are asked for."""

import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest

import armistice as ar


@pytest.fixture(scope="module")
def war(tmp_path_factory):
    return ar.new(tmp_path_factory.mktemp("wars") / "war")


@pytest.fixture(scope="module")
def eq(war):
    return war.solve(points=9)


def test_values_are_what_is_shown(eq):
    values = eq.values_by_point()
    assert values.shape == (24, len(eq.states), len(eq.beliefs), len(eq.slots))
    assert np.isfinite(values).all()
    half = int(np.flatnonzero(eq.beliefs[:, 0] == 0.5)[0])
    front = eq.states.index(eq.document["state"])
    for position, slot in enumerate(eq.slots):
        # Values kept are those of the grid: at a point of it they are what is played there.
        assert values[0, front, half, position] == pytest.approx(eq.values[slot], abs=1e-9)


def test_other_places(eq):
    place = eq.at(3, {"front": 1}, {"attacker.weak": 0.2})
    assert place.document["period"] == 3 and place.document["state"] == "front 1"
    table = place.table()
    sums = table.groupby(["after", "type"]).probability.sum()
    assert np.allclose(sums, 1.0)
    for wrong in [{"period": 99}, {"state": {"front": 77}}, {"belief": {"attacker.brave": 0.5}}]:
        with pytest.raises(ar.ArmisticeError):
            eq.at(**wrong)
    curve = eq.margin_curve("attacker.weak", 3)
    assert sorted(curve.belief.unique()) == [0.0, 0.5, 1.0]
    middle = curve.query("belief == 0.5").reset_index(drop=True)
    assert middle.margin.to_numpy() == pytest.approx(eq.margins.margin.to_numpy())


def test_charts_are_specifications(eq, tmp_path):
    chart = eq.chart("attacker.weak", "attacker", 5)
    bundle = chart._repr_mimebundle_()
    assert bundle["application/vnd.vegalite.v5+json"]["data"]["values"]
    chart.save(tmp_path / "chart.json")
    assert (tmp_path / "chart.json").stat().st_size > 100
    assert "<table" in eq._repr_html_()


def test_levers_audit_and_simulation(war):
    found = ar.levers(war, points=5)
    table = found.table().set_index("levers")
    assert set(table.index) == {"none", "pressure"} and found.chart().spec["layer"]
    audit = ar.audit(war, 8, belief_points=5, evaluations=2)
    row = audit.table().iloc[0]
    assert row.holds + row.fails + row.undefined == 8 and row.low <= row.share <= row.high
    wars = ar.simulate(war, 50, points=5, seed=7)
    again = ar.simulate(war, 50, points=5, seed=7, threads=1)
    pd.testing.assert_frame_equal(wars.rows, again.rows)
    assert wars.survival().still_on.is_monotonic_decreasing


def test_sweeps_stop_and_go_on(war, tmp_path):
    whole = war.sweep(tmp_path / "whole", 24, shard_size=2, belief_points=5)
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    part = war.sweep(tmp_path / "part", 24, shard_size=2, belief_points=5)
    timer.cancel()
    if part.complete:
        print("SKIPPED: the sweep was done before it could be stopped")
    else:
        assert len(part.table()) % 2 == 0 and len(part.table()) < 24
        part = part.go_on()
    assert part.complete
    assert (tmp_path / "part/sweep.parquet").read_bytes() == (tmp_path / "whole/sweep.parquet").read_bytes()
    assert len(whole.table()) == 24


def test_interruption_raises_and_says_how_to_go_on(war):
    timer = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
    timer.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        war.simulate(5_000_000)
    assert time.monotonic() - begun < 30


def test_other_threads_run_meanwhile(war):
    ticks = []
    stop = threading.Event()

    def tick():
        while not stop.wait(0.005):
            ticks.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    # Long enough that threads of a busy machine are seen, and most of it is one call into the extension.
    war.simulate(20_000, points=5)
    stop.set()
    thread.join()
    assert len(ticks) > 3


def test_the_main_job(war, tmp_path):
    done = ar.run(war, tmp_path / "run", quick=True)
    assert done.report.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "over_in_a_year" in set(done.table().measure)
    assert done.findings["schema"].startswith("armistice.findings/")


def test_estimates_recover_what_made_the_data():
    rng = np.random.default_rng(3)
    n = 4000
    x = rng.normal(size=n)
    resists = rng.normal(size=n) * np.sqrt(2) + 0.5 > 0
    frame = pd.DataFrame({"x": x, "war": resists})
    from math import erf

    p = 0.5 * (1 + erf(0.5 / 2))
    frame["esc"] = p * 0.4 + (1 - p) * 1.0 - 0.3 * x + rng.normal(size=n) * np.sqrt(2) > 0
    frame["war"] = (frame.war & frame.esc).astype(int)
    frame["esc"] = frame.esc.astype(int)
    fit = ar.estimate("egame12", "esc + war ~ x | 0 | 0 | 1", frame, se="robust")
    table = fit.table().set_index("name")
    assert fit.estimates["status"] == "converged" and fit.estimates["observations"] == n
    slope = table.filter(like=":x", axis=0).iloc[0]
    assert abs(slope.estimate - 0.3) < 4 * slope.standard_error
    with pytest.raises(ar.ArmisticeError):
        ar.estimate("egame12", "esc + war ~ y | 0 | 0 | 1", frame)


def test_finite_games(tmp_path, war):
    tree = ar.convert(war.path, tmp_path / "war.efg", periods=1)
    assert tree.read_text().startswith("EFG 2 R")
    solved = ar.solve_game(tree, max_lambda=5)
    assert solved.document["schema"] == "armistice.solve-game/1"
    assert "found" in solved.table()

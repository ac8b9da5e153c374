#!/usr/bin/env python3
"""One design, one model, three ways to run it: `armistice sweep`, and the EMA Workbench around two Python functions.

usage: compare.py ARMISTICE [--points N] [--seed N]; `run.sh` beside it installs what it needs.

The war is the template of `armistice new war` with 9 belief points; the design a Latin hypercube by the EMA Workbench over the ranges of its
five parameters; the outcomes what the weak attacker, the strong attacker and the defender expect at the start.

  sweep     armistice sweep, one thread
  solve     the EMA Workbench calls a function that starts `armistice solve --json --set …` for the case and reads its document
  one-off   the EMA Workbench calls `one_off.solve`, this war written in numpy

Fails unless all outcomes agree to 1e-6, and PRIM finds the same boxes in both programs: every box of the trajectory has the same points,
coverage, density and limits. Processor time is user and system time of all processes; on a machine with other work it says more than wall time.
"""
import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore", message="ipyparallel not installed")

import numpy as np
import pandas as pd
from ema_workbench import Model, RealParameter, ScalarOutcome, SequentialEvaluator, __version__
from ema_workbench.analysis import prim
from ema_workbench.em_framework import sample_uncertainties

import one_off

RANGES = {
    "patience": (0.94, 0.99),
    "precision": (5, 40),
    "attacker_cost": (0.02, 0.10),
    "defender_cost": (0.02, 0.10),
    "strong_prior": (0.2, 0.8),
}
OUTCOMES = ["weak", "strong", "defender"]
THRESHOLD = 0.55
AGREE = 1e-6
GRID = ["--belief-points", str(one_off.BELIEFS), "--threads", "1"]

ADDED = f"""
[measures.weak]
title = "Expected by the weak attacker"
value = "value('attacker', 'weak')"
[measures.strong]
title = "Expected by the strong attacker"
value = "value('attacker', 'strong')"
[measures.defender]
title = "Expected by the defender"
value = "value('defender')"
[claims.strong_does_well]
title = "The strong attacker does well"
says = "It expects more than {THRESHOLD} of the stake."
holds_when = "value('attacker', 'strong') > {THRESHOLD}"
"""


def used():
    kinds = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(kind.ru_utime + kind.ru_stime for kind in kinds)


def timed(work):
    """What `work` returns, and the wall and processor seconds it took."""
    wall, processor = time.perf_counter(), used()
    result = work()
    return result, time.perf_counter() - wall, used() - processor


def armistice(*arguments):
    """Output of the program; exit code 4 says that something did not converge to its tolerance, and the comparison judges that."""
    done = subprocess.run([ARGUMENTS.armistice, *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 4):
        sys.exit(f"armistice {' '.join(arguments)} ended with exit code {done.returncode}:\n{done.stderr}")
    return done.stdout


def by_program(war):
    """The function of a case that starts the program."""

    def solve(**case):
        settings = [word for name, value in case.items() for word in ("--set", f"{name}={float(value)!r}")]
        found = json.loads(armistice("solve", war, "--json", "--quiet", *GRID, *settings))
        return dict(zip(OUTCOMES, (value for player in found["values"] for _, value in player["types"]), strict=True))

    return solve


def by_one_off(**case):
    return dict(zip(OUTCOMES, one_off.solve(**case), strict=True))


def model(name, function):
    out = Model(name, function=function)
    out.uncertainties = [RealParameter(name, *ends) for name, ends in RANGES.items()]
    out.outcomes = [ScalarOutcome(name) for name in OUTCOMES]
    return out


def run(name, function, design):
    """The outcomes of a design by the EMA Workbench, by the number of the case, and what it took."""
    with SequentialEvaluator(model(name, function)) as evaluator:
        (experiments, outcomes), wall, processor = timed(lambda: evaluator.perform_experiments(scenarios=design))
    table = pd.DataFrame({**{name: experiments[name] for name in RANGES}, **outcomes})
    return table.astype(float), wall, processor


def same_boxes(table, ours):
    """Compares every box that PRIM passes through, and returns how many there are."""
    theirs = prim.Prim(table[list(RANGES)], (table["strong"] > THRESHOLD).to_numpy(), threshold=0.5).find_box()
    peeled = theirs.peeling_trajectory
    assert len(peeled) == len(ours), f"{len(peeled)} boxes of the EMA Workbench, {len(ours)} of ours"
    whole = {name: (table[name].min(), table[name].max()) for name in RANGES}
    for at, box in enumerate(ours):
        row, limits = peeled.iloc[at], theirs.box_lims[at]
        for name in ("coverage", "density", "mass"):
            assert abs(row[name] - box[name]) < 1e-12, f"{name} of box {at}: {row[name]} and {box[name]}"
        mine = whole | {limit["column"]: (limit["low"], limit["high"]) for limit in box["limits"]}
        for name, ends in mine.items():
            assert np.allclose(limits[name].astype(float), ends, rtol=1e-12, atol=0), f"{name} of box {at}"
    return len(ours)


def main():
    points = ARGUMENTS.points
    with tempfile.TemporaryDirectory() as folder:
        war, sweep, design_file = (f"{folder}/{name}" for name in ("war", "sweep", "design.csv"))
        armistice("new", war, "--quiet")
        with open(f"{war}/scenario.toml", "a") as scenario:
            scenario.write(ADDED)
        np.random.seed(ARGUMENTS.seed)
        design = sample_uncertainties(model("war", by_one_off), points)
        pd.DataFrame([{name: float(case[name]) for name in RANGES} for case in design]).to_csv(design_file, index=False)

        asked = ["sweep", war, "--from", design_file, "--measures", ",".join([*OUTCOMES, "strong_does_well"]), *GRID]
        _, wall, processor = timed(lambda: armistice(*asked, "--out", sweep, "--quiet"))
        armistice("sweep", war, "--out", sweep, "--resume", "--quiet", "--boxes", "strong_does_well")
        swept = pd.read_parquet(f"{sweep}/sweep.parquet")
        boxes = json.loads(Path(f"{sweep}/boxes.json").read_text())["claims"][0]["boxes"]

        ways = {"sweep": (swept, wall, processor)}
        ways["solve"] = run("solve", by_program(war), design)
        ways["one-off"] = run("oneoff", by_one_off, design)

    print(f"EMA Workbench {__version__}, {points} cases, one thread")
    print(f"{'':9}{'cases/s, processor':>20}{'wall':>9}{'times slower':>15}{'wall':>9}{'largest difference':>21}")
    for name, (table, its_wall, its_processor) in ways.items():
        for column in RANGES:
            assert np.allclose(table[column], swept[column], rtol=1e-12, atol=0), f"{name} ran another design"
        worst = max(np.abs(table[outcome] - swept[outcome]).max() for outcome in OUTCOMES)
        print(
            f"{name:9}{points / its_processor:20.2f}{points / its_wall:9.2f}{its_processor / processor:15.1f}"
            f"{its_wall / wall:9.1f}{worst:21.1e}"
        )
        assert worst <= AGREE, f"{name} differs by {worst}"
    boxes = same_boxes(ways["solve"][0], boxes)
    print(f"PRIM: the same {boxes} boxes for a case of interest at {np.mean(swept['strong'] > THRESHOLD):.1%} of the points")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("armistice")
    parser.add_argument("--points", type=int, default=256)
    parser.add_argument("--seed", type=int, default=1)
    ARGUMENTS = parser.parse_args()
    main()

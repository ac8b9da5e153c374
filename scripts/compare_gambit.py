#!/usr/bin/env python3
"""Compares `armistice solve` with Gambit on finite games, side by side in one run.

usage: compare_gambit.py ARMISTICE GAME.efg ...

Needs `pip install --only-binary :all: --pre pygambit`; nothing of it is used anywhere else. For every game: the largest difference of
any choice probability at five precisions, then the time each takes to follow the branch of quantal responses (Gambit in this process,
Armistice as a whole command, its start and the reading of the file included). Gambit is given SECONDS at most.
"""
import json
import multiprocessing
import subprocess
import sys
import time

import pygambit

LAMBDAS = [0.5, 1.0, 2.0, 5.0, 10.0]
SECONDS = 60


def points(path):
    """Gambit's precisions and probabilities, by player, then information set in order of first appearance."""
    game = pygambit.read_efg(path)
    found = pygambit.qre.logit_solve_lambda(game, lam=LAMBDAS)
    rows = [[[float(p) for _, p in mixed] for _, mixed in point.profile[player]] for point in found for player in game.players]
    each = len(game.players)
    return [(point.lam, rows[i * each : (i + 1) * each]) for i, point in enumerate(found)]


def branch(path):
    pygambit.nash.logit_solve(pygambit.read_efg(path))


def armistice(program, path, *options):
    start = time.perf_counter()
    out = subprocess.run([program, "solve", path, "--json", "--quiet", *options], capture_output=True, text=True, check=False)
    return json.loads(out.stdout), time.perf_counter() - start


def difference(program, path):
    theirs = points(path)
    lambdas = [repr(lam) for lam, _ in theirs]
    ours, _ = armistice(program, path, "--at", ",".join(lambdas), "--max-lambda", lambdas[-1])
    worst = 0.0
    for (_, players), at in zip(theirs, ours["at"]):
        for sets, mine in zip(players, at["strategies"].values()):
            for theirs_set, mine_set in zip(sets, mine.values(), strict=True):
                worst = max([worst, *(abs(a - b) for a, b in zip(theirs_set, mine_set.values(), strict=True))])
    return worst


def main():
    program, paths = sys.argv[1], sys.argv[2:]
    print(f"pygambit {pygambit.__version__}")
    for path in paths:
        worst = difference(program, path)
        _, ours = armistice(program, path)
        process = multiprocessing.Process(target=branch, args=(path,))
        start = time.perf_counter()
        process.start()
        process.join(SECONDS)
        theirs = time.perf_counter() - start
        more = process.is_alive()
        process.kill()
        name = path.rsplit("/", 1)[-1]
        print(f"{name}: largest difference {worst:.1e}; Gambit {'over ' if more else ''}{theirs:.3f} s, Armistice {ours:.4f} s", flush=True)


if __name__ == "__main__":
    main()

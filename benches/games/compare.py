"""Fits the models of the R package `games` in R and here, one after the other, and prints times and ratios.

usage: benches/games/run.sh [repetitions in R]

Processor time is user and system time of all threads; on a machine with other work it says more than the clock. The script fails where a log likelihood differs by more
than 1e-5 or a coefficient by more than 1e-2 of its standard error: R stops its own search up to 3e-3 errors short of the maximum.
"""

import json
import subprocess
import sys


def lines(command):
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return {row["name"]: row for row in (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))}


def main():
    program, folder, repetitions = sys.argv[1], sys.argv[2], (sys.argv[3:] + ["7"])[0]
    theirs = lines(["Rscript", "benches/games/fits.R", folder, repetitions])
    ours = lines([program, folder])
    wrong = []
    print("| model | here | R | ratio, processor | ratio, clock |\n| --- | --- | --- | --- | --- |")
    for name, r in theirs.items():
        a = ours[name]
        if abs(a["log_likelihood"] - r["log_likelihood"]) > 1e-5:
            wrong.append(f"{name}: ln L {a['log_likelihood']} and {r['log_likelihood']}")
        pairs = zip(a["coefficients"], r["coefficients"], a["errors"], strict=True)
        off = max(abs(x - y) / error for x, y, error in pairs)
        if off > 1e-2:
            wrong.append(f"{name}: a coefficient differs by {off:.1e} standard errors")
        times = f"{1e3 * a['processor']:.2f} ms, {1e3 * a['clock']:.2f} ms | {1e3 * r['processor']:.0f} ms, {1e3 * r['clock']:.0f} ms"
        print(f"| {name} | {times} | {r['processor'] / a['processor']:.0f} | {r['clock'] / a['clock']:.0f} |")
    if wrong:
        sys.exit("\n".join(wrong))


main()

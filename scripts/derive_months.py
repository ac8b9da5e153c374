#!/usr/bin/env python3
"""Derive the record of the russia-ukraine scenario, and the numbers its parameters are taken from.

    python3 scripts/derive_months.py FOLDER            # writes months.csv and talks.csv in scenarios/russia-ukraine/data, prints the figures
    python3 scripts/derive_months.py FOLDER --check    # writes nothing; fails if a shipped table differs

FOLDER holds the raw sets (not part of this repository): ukraine_territory, ukraine_losses, ukraine_casualties,
ukraine_air_attacks, ukraine_aid_kiel and ukraine_talks. Where each comes from, its licence and its caveats are in
scenarios/russia-ukraine/SOURCES.md. Only the standard library is used.

What is computed here from daily or donor-level rows: area, changes, claimed losses, named deaths, launches, aid.
What is taken over as coded by hand in ukraine_talks/months.csv: talks, offers, truces, demands, postures, intensity.
"""

import csv
import datetime as dt
import statistics
import sys
from collections import defaultdict
from pathlib import Path

FIRST, LAST = (2022, 2), (2025, 12)
DATA = Path(__file__).resolve().parent.parent / "scenarios" / "russia-ukraine" / "data"

# Europe as the scenario means it: the EU's members and institutions and four neighbors that give with them.
EUROPE = set(
    "Austria Belgium Bulgaria Croatia Cyprus Czechia Denmark Estonia Finland France Germany Greece Hungary Ireland Italy "
    "Latvia Lithuania Luxembourg Malta Netherlands Poland Portugal Romania Slovakia Slovenia Spain Sweden Norway Iceland "
    "Switzerland".split()
) | {"EU (Commission and Council)", "United Kingdom"}

# The lattice of the scenario: one step of the front in points of Ukraine's territory.
STEP = 0.5


def rows(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def months():
    year, month = FIRST
    while (year, month) <= LAST:
        yield f"{year}-{month:02d}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def number(text):
    return float(text) if text not in ("", None) else None


def by_day(path, column):
    """{date: number} of one column of a daily table, days without a number left out."""
    return {row["date"]: float(row[column]) for row in rows(path) if row[column] != ""}


def month_end(daily):
    """{month: value of the last day recorded in that month}"""
    last = {}
    for day in sorted(daily):
        last[day[:7]] = daily[day]
    return last


def month_sum(daily):
    total = defaultdict(float)
    for day, value in daily.items():
        total[day[:7]] += value
    return dict(total)


def first_differences(cumulative):
    """Daily increments of a cumulative series; the first day's level counts as that day's increment."""
    previous, out = 0.0, {}
    for day in sorted(cumulative):
        out[day] = cumulative[day] - previous
        previous = cumulative[day]
    return out


def weeks_to_days(table, column):
    """ISO weeks spread evenly over their seven days."""
    out = {}
    for row in table:
        value = number(row[column])
        if value is None:
            continue
        monday = dt.date.fromisocalendar(int(row["Year"]), int(row["Week"]), 1)
        for offset in range(7):
            day = monday + dt.timedelta(days=offset)
            out[day.isoformat()] = out.get(day.isoformat(), 0.0) + value / 7
    return out


def aid(folder):
    """{(group, column): {month: bn EUR}} of allocations; a donor-month without a row counts as zero."""
    out = {(g, c): defaultdict(float) for g in ("us", "europe") for c in ("total", "military")}
    for row in rows(folder / "ukraine_aid_kiel" / "data_explorer.csv"):
        group = "us" if row["country"] == "United States" else "europe" if row["country"] in EUROPE else None
        if group is None:
            continue
        month = f"{int(row['year'])}-{int(row['month']):02d}"
        for column in ("total", "military"):
            out[group, column][month] += float(row[column] or 0)
    return out


def derive(folder):
    isw_path = folder / "ukraine_territory" / "isw_area_daily_economist.csv"
    area, share = by_day(isw_path, "area_km2"), by_day(isw_path, "share_pct")
    # Both ISW columns describe the same map, so their ratio is the area of the country that the share refers to.
    country = area[max(area)] / share[max(share)]  # km2 per point
    isw_end, share_end = month_end(area), month_end(share)
    deepstate_end = month_end(by_day(folder / "ukraine_territory" / "deepstate_area_daily.csv", "area_km2"))
    personnel = by_day(folder / "ukraine_losses" / "ru_personnel_losses_ua_mod_daily.csv", "personnel")
    losses = month_sum(first_differences(personnel))
    deaths = month_sum(weeks_to_days(rows(folder / "ukraine_casualties" / "meduza_mediazona_ru_deaths_weekly.csv"), "BmzNow"))
    air = folder / "ukraine_air_attacks" / "air_attacks_daily.csv"
    drones, missiles = month_sum(by_day(air, "shahed_launched")), month_sum(by_day(air, "missile_launched"))
    given = aid(folder)
    coded = {row["month"]: row for row in rows(folder / "ukraine_talks" / "months.csv")}

    table, before = [], area["2022-02-22"]
    for month in months():
        code = coded[month]
        full_air = month >= "2022-10"  # the record of launches starts on 28 September 2022
        table.append(
            {
                "month": month,
                "held": f"{share_end[month]:.3f}",
                "held_deepstate": f"{deepstate_end[month] / country:.3f}" if month in deepstate_end else "",
                "held_change": f"{(isw_end[month] - before) / country:.3f}",
                "area_change_km2": f"{isw_end[month] - before:.0f}",
                "losses_claimed": f"{losses[month]:.0f}",
                "deaths_named": f"{deaths[month]:.0f}",
                "launched": f"{drones.get(month, 0) + missiles.get(month, 0):.0f}" if full_air else "",
                "us_aid": f"{given['us', 'total'][month]:.3f}",
                "us_military": f"{given['us', 'military'][month]:.3f}",
                "europe_aid": f"{given['europe', 'total'][month]:.3f}",
                "europe_military": f"{given['europe', 'military'][month]:.3f}",
                "talks_direct": "yes" if code["talks_direct"] == "1" else "no",
                "offer_by": code["offer_by"],
                "truce": code["truce_in_force"],
                "truce_days": code["truce_general_days"],
                "demand_beyond_front": "yes" if code["demand_beyond_front"] == "1" else "no",
                "us_posture": code["us_posture"],
                "europe_posture": code["europe_posture"],
                "intensity": code["russia_intensity"],
                "intensity_rel": code["russia_intensity_rel"],
            }
        )
        before = isw_end[month]
        # Our sums against the coder's own: they were made apart and must agree.
        for ours, theirs in (
            (isw_end[month], "russian_held_area_km2_end"),
            (losses[month], "russian_personnel_losses_ua_claim"),
            (given["us", "military"][month], "us_military"),
            (given["europe", "total"][month], "europe_aid_allocated_bn_eur"),
        ):
            if abs(ours - float(code[theirs])) > 0.01 * max(1.0, abs(ours)):
                sys.exit(f"{month}: {theirs} is {code[theirs]}, the raw rows give {ours}")
    return table, country


def jeffreys(events, trials, level):
    """Quantile of Beta(events + 1/2, trials - events + 1/2): what is believed about a rate after `events` in `trials`."""
    a, b, n = events + 0.5, trials - events + 0.5, 200_000
    # With x = sin^2(u) the density has no poles: dx / sqrt(x (1 - x)) = 2 du.
    from math import cos, pi, sin

    mass, total, at = [], 0.0, []
    for i in range(n):
        u = (i + 0.5) / n * pi / 2
        total += sin(u) ** (2 * a - 1) * cos(u) ** (2 * b - 1)
        mass.append(total)
        at.append(sin(u) ** 2)
    return next(x for x, m in zip(at, mass) if m >= level * total)


def talks(folder):
    """One row a meeting: its format, and launches around it over those of the 30 days before and after."""
    names = {"date": "date", "format": "format", "eve_and_day": "eve_and_day_over_base_median", "week": "ratio_mean"}
    return [{new: row[old] for new, old in names.items()} for row in rows(folder / "ukraine_talks" / "talk_windows.csv")]


def windows(folder, table):
    """Launches around meetings of 2025, and months with acts of some kinds."""
    ratios = [r for r in (number(row["eve_and_day"]) for row in table) if r is not None]
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"Launches on the eve and day of {len(ratios)} meetings over the 30-day median: quartiles {low:.2f} {middle:.2f} {high:.2f},"
          f" above one {sum(r > 1 for r in ratios)}")
    print(f"Months with a meeting: {len({row['date'][:7] for row in table})} of 12 of 2025")
    acts = rows(folder / "ukraine_talks" / "events.csv")
    posture = {r["month"]: r["us_posture"] for r in rows(folder / "ukraine_talks" / "months.csv")}
    for kind, title in (("threat_nuclear", "nuclear threat"), ("escalation_horizontal", "act by Russia beyond Ukraine")):
        found = sorted({r["month"] for r in acts if r["kind"] == kind and r["actor"] == "russia"})
        under = ", ".join(f"{p} {sum(posture.get(m) == p for m in found)}" for p in ("press", "manage", "eager"))
        print(f"Months with an act coded as {title}: {len(found)} of {len(posture)} (US posture: {under})")


def figures(table, country):
    """The numbers the scenario takes from the record; SOURCES.md repeats them."""

    def change(row):
        return float(row["held_change"])

    def line(name, picked):
        n = len(picked)
        if n == 0:
            print(f"  {name:<42} no month")
            return
        mean = sum(map(change, picked)) / n
        gain = sum(max(change(r), 0) for r in picked) / n / STEP
        loss = sum(max(-change(r), 0) for r in picked) / n / STEP
        up = sum(change(r) > 0 for r in picked)
        print(f"  {name:<42} n={n:2d}  mean {mean:+.4f} points/month  gain {gain:.3f}  lose {loss:.3f}  months with a gain {up}")

    since = [r for r in table if r["month"] >= "2023-01"]
    recent = [r for r in table if r["month"] >= "2024-01"]
    last = [r for r in table if r["month"] >= "2025-01"]
    print(f"One point of share is {country:.0f} km2; a step of {STEP} points is {STEP * country:.0f} km2.")
    print(f"Held at the end of {table[-1]['month']}: {table[-1]['held']} % (ISW), {table[-1]['held_deepstate']} % (DeepState).")
    print("Movement of the front. gain/lose: monthly probability of a whole step that gives the mean gain/loss.")
    line("2022-05 to 2022-12", [r for r in table if "2022-05" <= r["month"] <= "2022-12"])
    line("2022-09 to 2022-11 (Ukrainian offensives)", [r for r in table if "2022-09" <= r["month"] <= "2022-11"])
    for name, picked in (("2023-01 to 2025-12", since), ("2024-01 to 2025-12", recent), ("2025", last)):
        line(name, picked)
    for year in ("2023", "2024"):
        line(year, [r for r in table if r["month"].startswith(year)])
    for column in ("intensity", "intensity_rel", "us_posture", "europe_posture"):
        for value in sorted({r[column] for r in since}):
            line(f"since 2023, {column} = {value}", [r for r in since if r[column] == value])
    for value in ("press", "manage", "eager"):
        line(f"since 2024, us_posture = {value}", [r for r in recent if r["us_posture"] == value])
    for posture in ("press", "manage"):
        line(
            f"2023, us military aid {'above' if posture == 'press' else 'below'} 1 bn",
            [r for r in table if r["month"].startswith("2023") and (float(r["us_military"]) > 1) == (posture == "press")],
        )

    print("Frequencies, in months of the span.")
    for name, span in (("all 47 months", table), ("since 2023", since), ("since 2024", recent), ("2025", last)):
        n = len(span)

        def count(test):
            return sum(1 for row in span if test(row))

        print(f"  {name} (n={n})")
        for column in ("us_posture", "europe_posture", "intensity", "intensity_rel"):
            values = sorted({r[column] for r in span})
            print(f"    {column:<16} " + "  ".join(f"{v or 'blank'} {count(lambda r: r[column] == v)}/{n}" for v in values))
        print(f"    talks_direct     {count(lambda r: r['talks_direct'] == 'yes')}/{n}")
        print(f"    offer by anyone  {count(lambda r: r['offer_by'] != 'none')}/{n}; by Ukraine {count(lambda r: 'ukraine' in r['offer_by'])}/{n};"
              f" by Russia {count(lambda r: 'russia' in r['offer_by'])}/{n}; by the US {count(lambda r: 'us' in r['offer_by'].split('+'))}/{n}")
        print(f"    demand beyond    {count(lambda r: r['demand_beyond_front'] == 'yes')}/{n}")
        days = sum(int(r["truce_days"]) for r in span)
        print(f"    general truce    in {count(lambda r: int(r['truce_days']) > 0)}/{n} months, {days} days in all"
              f" ({days / (30.4 * n):.3f} of the time); a whole month: {count(lambda r: int(r['truce_days']) >= 28)}/{n}")
    n = len(table)
    low, high = jeffreys(0, n, 0.5), jeffreys(0, n, 0.975)
    print(f"Survival: {n} months without an end. Monthly chance of an end, Jeffreys: median {low:.4f}, 97.5 % {high:.3f};"
          f" by month 3 at most {1 - (1 - high) ** 3:.2f}, by month 12 {1 - (1 - high) ** 12:.2f}")
    demands = sum(r["demand_beyond_front"] == "yes" for r in table)
    print(f"Demands: none accepted in {demands} months with one. Share refused, Jeffreys 2.5 %: {1 - jeffreys(0, demands, 0.975):.2f}")
    print(f"Truces: a whole month in 0 of {n}. Share of months, Jeffreys 97.5 %: {jeffreys(0, n, 0.975):.2f}")
    print("Intensity by posture, since 2024 (coded relative to the year before): months of assault / months")
    for posture in ("press", "manage", "eager"):
        picked = [r for r in recent if r["us_posture"] == posture]
        hits = sum(1 for r in picked if r["intensity_rel"] == "assault")
        level = sum(1 for r in picked if r["intensity"] == "assault")
        print(f"  us_posture = {posture:<7} relative {hits}/{len(picked)}, level {level}/{len(picked)}")
    print("Claimed losses a month by intensity, since 2023 (the coding uses them, so this only gives a scale):")
    for value in ("hold", "probe", "assault"):
        picked = [float(r["losses_claimed"]) for r in since if r["intensity"] == value]
        print(f"  {value:<8} {sum(picked) / len(picked):.0f}")
    print("Aid, bn EUR a month (mean).")
    for year in ("2023", "2024", "2025"):
        span = [r for r in table if r["month"].startswith(year)]
        print("  " + year + "  " + "  ".join(f"{c} {sum(float(r[c]) for r in span) / len(span):.2f}"
              for c in ("us_aid", "us_military", "europe_aid", "europe_military")))
    print("Claimed losses per month / named deaths per month (mean).")
    for year in ("2023", "2024", "2025"):
        span = [r for r in table if r["month"].startswith(year)]
        print(f"  {year}  {sum(float(r['losses_claimed']) for r in span) / len(span):.0f} / {sum(float(r['deaths_named']) for r in span) / len(span):.0f}")


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(arguments) != 1:
        sys.exit(__doc__)
    table, country = derive(Path(arguments[0]))
    meetings = talks(Path(arguments[0]))
    for name, shipped in (("months.csv", table), ("talks.csv", meetings)):
        columns = list(shipped[0])
        text = ",".join(columns) + "\n" + "".join(",".join(row[c] for c in columns) + "\n" for row in shipped)
        if "--check" not in sys.argv[1:]:
            (DATA / name).write_text(text)
        elif (DATA / name).read_text() != text:
            sys.exit(f"{name} differs from what the raw rows give")
        else:
            print(f"{name} is what the raw rows give")
    figures(table, country)
    windows(Path(arguments[0]), meetings)


if __name__ == "__main__":
    main()

"""Records of wars: tables as data frames write them."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

import armistice as ar

BOOK = Path(__file__).parents[2] / "docs" / "src" / "record"


@pytest.mark.parametrize("engine", ["microseconds", "nanoseconds", "dates"])
def test_a_record_in_parquet_says_what_it_says_as_text(tmp_path, engine):
    folder = shutil.copytree(BOOK, tmp_path / "war")
    war = ar.load(folder)
    as_text = war.fit(["war_cost"], starts=1)

    frame = pd.read_csv(folder / "months.csv")
    months = pd.to_datetime(frame["month"] + "-01")
    units = {"microseconds": "datetime64[us]", "nanoseconds": "datetime64[ns]"}
    frame["month"] = months.dt.date if engine == "dates" else months.astype(units[engine])
    frame["reply"] = frame["reply"].astype("category")
    frame["line"] = frame["line"].astype("float64" if engine == "dates" else "Int32")
    frame.to_parquet(folder / "months.parquet")
    as_parquet = war.fit(["war_cost"], starts=1, record=folder / "months.parquet")
    assert as_parquet.log_likelihood == as_text.log_likelihood
    assert list(as_parquet.beliefs["date"].unique())[:2] == ["2020-01-01", "2020-02-01"]

    # As the scenario's own record, too.
    file = folder / "scenario.toml"
    file.write_text(file.read_text().replace("months.csv", "months.parquet"))
    assert ar.load(folder).fit(["war_cost"], starts=1).log_likelihood == as_text.log_likelihood


def test_forecasts_are_scored_by_a_record_that_changed_its_form(tmp_path):
    folder = shutil.copytree(BOOK, tmp_path / "war")
    frame = pd.read_csv(folder / "months.csv")
    frame.head(10).to_csv(folder / "known.csv", index=False)
    ar.load(folder).forecast(record=folder / "known.csv", by=[1, 2], wars=50, out=folder / "forecast.json")
    frame["month"] = pd.to_datetime(frame["month"] + "-01")
    frame.to_parquet(folder / "now.parquet")
    now = ar.score(folder / "forecast.json", folder / "now.parquet").document
    then = ar.score(folder / "forecast.json", folder / "months.csv").document
    assert now["quantities"] == then["quantities"]
    assert any(one["outcome"] is not None for one in now["quantities"])


def test_what_is_no_cell_is_named(tmp_path):
    folder = shutil.copytree(BOOK, tmp_path / "war")
    frame = pd.read_csv(folder / "months.csv")
    frame["reply"] = [[1, 2]] * len(frame)
    frame.to_parquet(folder / "months.parquet")
    with pytest.raises(ar.ArmisticeError, match="neither numbers, texts, yes and no, nor dates: reply"):
        ar.load(folder).fit(["war_cost"], record=folder / "months.parquet")

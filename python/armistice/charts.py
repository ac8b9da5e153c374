"""Charts: Vega-Lite specifications that notebooks draw, and that can be saved or handed to Altair."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


class Chart:
    """A Vega-Lite specification with its data inside.

    Attributes
    ----------
    spec : dict
        The specification. ``altair.Chart.from_dict(chart.spec)`` takes it.
    """

    def __init__(self, data: pd.DataFrame, spec: dict[str, Any]) -> None:
        rows = [
            {key: None if isinstance(x, float) and not math.isfinite(x) else x for key, x in row.items()}
            for row in data.to_dict(orient="records")
        ]
        self.spec: dict[str, Any] = {"$schema": _SCHEMA, "data": {"values": rows}, **spec}

    def save(self, path: str | Path) -> None:
        """Writes the specification as JSON."""
        Path(path).write_text(json.dumps(self.spec, indent=2), encoding="utf-8")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {
            "application/vnd.vegalite.v5+json": self.spec,
            "text/plain": f"Chart: {self.spec.get('title', '')}",
        }


def lines(data: pd.DataFrame, x: str, y: str, color: str | None, title: str, **axis: str) -> Chart:
    """Lines, with a rule at 0 where the values change sign."""
    encoding: dict[str, Any] = {
        "x": {"field": x, "type": "quantitative", "title": axis.get("x_title", x)},
        "y": {"field": y, "type": "quantitative", "title": axis.get("y_title", y)},
    }
    if color is not None:
        encoding["color"] = {"field": color, "type": "nominal"}
    layers: list[dict[str, Any]] = [{"mark": {"type": "line", "tooltip": True}, "encoding": encoding}]
    if data[y].min() < 0 < data[y].max():
        layers.append({"mark": {"type": "rule", "strokeDash": [4, 4]}, "encoding": {"y": {"datum": 0}}})
    return Chart(data, {"title": title, "width": 480, "height": 280, "layer": layers})


def bars(data: pd.DataFrame, x: str, y: str, title: str, *, low: str = "", high: str = "", **axis: str) -> Chart:
    """Horizontal bars in the order of the rows, with intervals where there are any."""
    place = {"field": y, "type": "nominal", "sort": None, "title": axis.get("y_title", "")}
    value = {"field": x, "type": "quantitative", "title": axis.get("x_title", x)}
    layers: list[dict[str, Any]] = [{"mark": {"type": "bar", "tooltip": True}, "encoding": {"x": value, "y": place}}]
    if low and high:
        ends = {"x": {"field": low, "type": "quantitative"}, "x2": {"field": high}, "y": place}
        layers.append({"mark": {"type": "rule", "color": "black"}, "encoding": ends})
    return Chart(data, {"title": title, "width": 480, "layer": layers})

"""Lines with points, whiskers and their names at the ends, as specifications of Vega-Lite."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

from ferrotran_compare.html.charts import (
    INK,
    OWN_COLOUR,
    PAPER,
    TIP,
    Axis,
    Spec,
    filled,
    mixed,
)


@dataclasses.dataclass(frozen=True)
class Point:
    """A point with its quartiles, and what a pointer over it shows."""

    x: float
    y: float
    low: float
    high: float
    tip: str


@dataclasses.dataclass
class Series:
    """A line; a faint one is thin and has neither points nor a name."""

    name: str
    colour: str
    points: list[Point]
    dash: bool = False
    faint: bool = False


def ideal(most: int) -> Series:
    """The line on which n workers are n times as fast."""
    points = [Point(n, n, n, n, "") for n in (1, most)]
    return Series("ideal", "var(--soft)", points, dash=True, faint=True)


def lines(series: Sequence[Series], x: Axis, y: Axis, *, height: int, labels: bool = True) -> Spec:
    """Lines in the order given, the last on top."""
    floor = y.domain[0]  # there is no 0 on a logarithmic scale
    data = [
        {
            "line": index,
            "colour": s.colour,
            "dash": [4, 3] if s.dash else [1, 0],
            "width": 1.2 if s.faint else 2.0,
            "faint": s.faint,
            "x": p.x,
            "y": max(p.y, floor),
            "low": max(p.low, floor),
            "high": min(max(p.high, floor), y.domain[1]),
            "tip": p.tip,
        }
        for index, s in enumerate(series)
        for p in s.points
    ]
    along, up = x.channel("x"), y.channel("y")
    strong: Spec = {"filter": "!datum.faint"}
    layers: list[Spec] = [
        {
            "mark": {"type": "line", "strokeCap": "round"},
            "encoding": {
                "x": along,
                "y": up,
                "color": OWN_COLOUR,
                "detail": {"field": "line"},
                "strokeDash": {"field": "dash", "type": "nominal", "scale": None},
                "strokeWidth": {"field": "width", "type": "quantitative", "scale": None},
            },
        },
        {
            "transform": [strong, {"filter": "datum.high > datum.low"}],
            "mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.6},
            "encoding": {
                "x": along,
                "y": y.channel("low"),
                "y2": {"field": "high"},
                "color": OWN_COLOUR,
            },
        },
        {
            "transform": [strong],
            "mark": {"type": "point", "filled": True, "size": 42, "opacity": 1},
            "encoding": {"x": along, "y": up, "color": OWN_COLOUR, "tooltip": TIP},
        },
    ]
    if labels:
        names = _names([s for s in series if not s.faint], y, height)
        mark: Spec = {"type": "text", "align": "left", "dx": 8, "fontWeight": 600}
        place: Spec = {"x": along, "y": up, "text": {"field": "name"}}
        halo: Spec = {"stroke": PAPER, "strokeWidth": 4, "strokeJoin": "round", "fill": PAPER}
        layers += [
            {"data": names, "mark": {**mark, **halo}, "encoding": place},
            {"data": names, "mark": mark, "encoding": {**place, "color": OWN_COLOUR}},
        ]
    return filled({"height": height, "data": {"values": data}, "layer": layers})


def _names(series: Sequence[Series], y: Axis, height: int) -> Spec:
    """Names at the ends of lines; those that end at the same x are moved apart."""

    def scaled(value: float) -> float:
        return math.log(max(value, y.domain[0])) if y.log else value

    low, high = map(scaled, y.domain)
    ends = [max(s.points, key=lambda p: p.x) for s in series]
    data = []
    for x in sorted({p.x for p in ends}):
        here = [(s, p) for s, p in zip(series, ends) if p.x == x]
        pixels = [height * (scaled(p.y) - low) / (high - low) for _, p in here]
        for (s, _), place in zip(here, apart(pixels, 13, 4, height - 4)):
            level = low + place / height * (high - low)
            at = math.exp(level) if y.log else level
            data.append({"name": s.name, "colour": mixed(s.colour, 70, INK), "x": x, "y": at})
    return {"values": data}


def apart(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move positions as little as keeps `gap` between them, within [low, high] if they fit.

    >>> apart([50.0, 50.0, 90.0], 10, 0, 100)
    [45.0, 55.0, 90.0]
    """
    order = sorted(range(len(positions)), key=positions.__getitem__)
    placed = [min(max(positions[i], low), high) for i in order]
    for _ in range(200):
        for a in range(len(placed) - 1):
            short = gap - (placed[a + 1] - placed[a])
            if short > 0:
                placed[a] -= short / 2
                placed[a + 1] += short / 2
        if placed:
            shift = max(low - placed[0], 0.0) or min(high - placed[-1], 0.0)
            placed = [p + shift for p in placed]
    found = [0.0] * len(positions)
    for place, index in zip(placed, order):
        found[index] = place
    return found

"""Specifications of Vega-Lite for the plots of the report.

Colours are the custom properties of page.css, so they follow the theme without a redraw. What a
plot shows comes as rows with finished labels: no expression holds text from the results.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any

Spec = dict[str, Any]

FONT = "Inter, 'Segoe UI', system-ui, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif"
INK, SOFT, LINE = "var(--ink)", "var(--soft)", "var(--line)"

CONFIG: Spec = {
    "aria": False,  # the element around a plot carries its description
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "domain": False,
        "ticks": False,
        "gridColor": LINE,
        "labelColor": SOFT,
        "labelFontSize": 11,
        "labelPadding": 6,
        "titleColor": SOFT,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "titlePadding": 8,
    },
    "axisBand": {"grid": False, "labelColor": INK, "labelFontSize": 12, "labelLimit": 130},
    "bar": {"cornerRadiusEnd": 2},
    "text": {"color": INK, "fontSize": 11},
}

FORMATS = {
    "times": "format(datum.value, ',.3~r') + '×'",
    "seconds": (
        "datum.value == 0 ? '0' : datum.value < 0.9e-6 ? format(datum.value * 1e9, '~r') + ' ns'"
        " : datum.value < 0.9e-3 ? format(datum.value * 1e6, '~r') + ' µs'"
        " : datum.value < 0.9 ? format(datum.value * 1e3, '~r') + ' ms'"
        " : format(datum.value, '~r') + ' s'"
    ),
    "count": "format(datum.value, '~s')",
    "plain": "format(datum.value, ',')",
}


@dataclasses.dataclass
class Bar:
    """A bar: `slot` is 'only', or 'one' and 'all' for a pair of a thick and a thin one."""

    name: str
    value: float
    low: float
    high: float
    label: str
    tip: str
    colour: str
    slot: str = "only"
    start: float | None = None  # where it begins, if not at the left edge


@dataclasses.dataclass
class Series:
    """A line with its points, each (x, y, low, high, tip)."""

    name: str
    colour: str
    points: list[tuple[float, float, float, float, str]]
    dash: bool = False
    faint: bool = False


# Thickness, offset and opacity of a bar, size of its label.
SLOTS = {"only": (13, 0, 1.0, 11), "one": (12, -5, 1.0, 11), "all": (5, 8, 0.55, 10)}


def decades(low: float, high: float) -> list[float]:
    """Powers of ten from `low` to `high`, every other one where there are many."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = 1 if last - first < 5 else 2
    return [10.0**e for e in range(first, last + 1, step)]


def log_domain(values: Iterable[float]) -> list[float]:
    """Limits a little outside positive values, at least a factor of 10 apart."""
    positive = [v for v in values if v > 0]
    low, high = min(positive, default=1.0), max(positive, default=10.0)
    spare = max(1.15, math.sqrt(10 * low / high))
    return [low / spare, high * spare]


def _filled(spec: Spec) -> Spec:
    return {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}, **spec}


def bars(
    rows: Sequence[Bar],
    order: Sequence[str],
    *,
    domain: Sequence[float],
    format: str,
    log: bool = True,
    step: int = 26,
) -> Spec:
    """Bars with whiskers and a label each; `order` may have names without a bar."""
    scale: Spec = {"domain": list(domain), "nice": False}
    axis: Spec = {"title": None, "labelExpr": FORMATS[format], "labelFlush": False}
    if log:
        scale["type"] = "log"
        axis["values"] = decades(*domain)
    else:
        axis["tickCount"] = 3
    data = [
        {
            **dataclasses.asdict(row),
            "start": domain[0] if row.start is None else row.start,
            "low": max(row.low, domain[0]),  # there is no 0 on a logarithmic scale
            "edge": max(row.high, row.value),
        }
        for row in rows
    ]
    x: Spec = {"type": "quantitative", "scale": scale, "axis": axis}
    layers = []
    for slot, (thickness, offset, opacity, size) in SLOTS.items():
        if not any(row.slot == slot for row in rows):
            continue
        here: Spec = {"transform": [{"filter": {"field": "slot", "equal": slot}}]}
        tip: Spec = {"tooltip": {"field": "tip", "type": "nominal"}}
        bar: Spec = {"type": "bar", "height": thickness, "yOffset": offset, "opacity": opacity}
        colour: Spec = {"color": {"field": "colour", "type": "nominal", "scale": None}}
        layers.append(
            {
                **here,
                "mark": bar,
                "encoding": {
                    "x": {"field": "value", **x},
                    "x2": {"field": "start"},
                    **colour,
                    **tip,
                },
            }
        )
        rule: Spec = {"type": "rule", "color": INK, "opacity": 0.75, "yOffset": offset}
        layers.append(
            {
                "transform": [*here["transform"], {"filter": "datum.high > datum.low"}],
                "mark": rule,
                "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}, **tip},
            }
        )
        text: Spec = {"type": "text", "align": "left", "dx": 6, "yOffset": offset, "fontSize": size}
        layers.append(
            {
                **here,
                "mark": text if slot != "all" else {**text, "color": SOFT},
                "encoding": {"x": {"field": "edge", **x}, "text": {"field": "label"}},
            }
        )
    y = {"field": "name", "type": "nominal", "sort": list(order), "title": None}
    return _filled(
        {
            "height": step * len(order),
            "data": {"values": data},
            "encoding": {"y": {**y, "scale": {"domain": list(order)}}},
            "layer": layers,
        }
    )


def apart(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move positions as little as keeps `gap` between them, within [low, high] if they fit."""
    order = sorted(range(len(positions)), key=positions.__getitem__)
    placed = [min(max(positions[i], low), high) for i in order]
    for _ in range(200):
        for a, b in zip(range(len(placed)), range(1, len(placed))):
            short = gap - (placed[b] - placed[a])
            if short > 0:
                placed[a], placed[b] = placed[a] - short / 2, placed[b] + short / 2
        if placed:
            shift = max(low - placed[0], 0.0) or min(high - placed[-1], 0.0)
            placed = [p + shift for p in placed]
    found = [0.0] * len(positions)
    for place, index in zip(placed, order):
        found[index] = place
    return found


def lines(
    series: Sequence[Series],
    *,
    x: tuple[str, str],
    y: tuple[str, str],
    log: tuple[bool, bool],
    height: int = 170,
    domain: Sequence[float] | None = None,
    ticks: Sequence[float] | None = None,
    labels: bool = True,
) -> Spec:
    """Lines with points and whiskers, each with its name at the right end.

    Parameters
    ----------
    series : sequence of Series
        What is drawn.
    x, y : (str, str)
        Title and key of `FORMATS` of each axis.
    log : (bool, bool)
        Whether each axis is logarithmic.
    height : int, optional
        Pixels.
    domain, ticks : sequence of float, optional
        Limits of y, and where x has labels.
    labels : bool, optional
        Whether lines that are not faint have their names.
    """
    xs = sorted({p[0] for s in series for p in s.points})
    spans = [v for s in series for p in s.points for v in p[1:4]]
    limits = list(domain) if domain else log_domain(spans) if log[1] else [0, 1.08 * max(spans)]
    width = [xs[0], xs[-1]] if len(xs) > 1 else [xs[0] / 1.5, xs[0] * 1.5]

    def axis(title: str, kind: str, log: bool, values: Sequence[float] | None) -> Spec:
        made: Spec = {"title": title or None, "labelExpr": FORMATS[kind], "labelFlush": False}
        return {**made, "values": list(values)} if values else {**made, "tickCount": 4}

    def channel(field: str, span: Sequence[float], log: bool, axis: Spec) -> Spec:
        scale = {"type": "log" if log else "linear", "domain": list(span), "nice": False}
        return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}

    x_axis = axis(*x, log[0], ticks or (decades(*width) if log[0] else xs))
    x_axis["grid"] = False
    y_axis = axis(*y, log[1], decades(*limits) if log[1] else None)
    along = channel("x", width, log[0], x_axis)

    def up(field: str) -> Spec:
        return channel(field, limits, log[1], y_axis)

    def inside(value: float) -> float:
        return max(value, limits[0])  # there is no 0 on a logarithmic scale

    data = [
        {
            **{"name": s.name, "colour": s.colour, "dash": [4, 3] if s.dash else [1, 0]},
            **{"opacity": 0.9 if s.faint else 1.0, "wide": 1.2 if s.faint else 2.0},
            **{"faint": s.faint, "x": p[0], "y": inside(p[1]), "tip": p[4]},
            **{"low": inside(p[2]), "high": inside(p[3])},
            "rank": int(not s.faint) * 1000 + i,
        }
        for i, s in enumerate(series)
        for p in s.points
    ]
    colour: Spec = {"field": "colour", "type": "nominal", "scale": None}
    constant: Spec = {"type": "nominal", "scale": None, "legend": None}
    tip: Spec = {"field": "tip", "type": "nominal"}
    shown: Spec = {"transform": [{"filter": "!datum.faint"}]}
    layers: list[Spec] = [
        {
            "mark": {"type": "line", "interpolate": "linear", "strokeCap": "round"},
            "encoding": {
                **{"x": along, "y": up("y"), "color": colour, "detail": {"field": "rank"}},
                "strokeDash": {"field": "dash", **constant},
                "strokeWidth": {"field": "wide", **constant, "type": "quantitative"},
            },
        },
        {
            **shown,
            "mark": {"type": "rule", "strokeWidth": 1.5},
            "encoding": {"x": along, "y": up("low"), "y2": {"field": "high"}, "color": colour},
        },
        {
            **shown,
            "mark": {"type": "point", "filled": True, "size": 42, "opacity": 1},
            "encoding": {"x": along, "y": up("y"), "color": colour, "tooltip": tip},
        },
    ]
    if labels:
        layers.append(_ends([s for s in series if not s.faint], along, up, limits, log[1], height))
    return _filled({"height": height, "data": {"values": data}, "layer": layers})


def _ends(
    series: Sequence[Series],
    along: Spec,
    up: Any,
    limits: Sequence[float],
    log: bool,
    height: int,
) -> Spec:
    """Names at the right ends of lines, moved apart where they would overlap."""
    low, high = map(math.log, limits) if log else limits
    ends = [(x, max(y, limits[0])) for x, y, *_ in (max(s.points) for s in series)]
    pixels = [height * ((math.log(y) if log else y) - low) / (high - low) for _, y in ends]
    data = []
    for s, (x, _), place in zip(series, ends, apart(pixels, 13, 4, height - 4)):
        y = low + place / height * (high - low)
        shade = f"color-mix(in oklab, {s.colour} 70%, {INK})"
        data.append({"name": s.name, "colour": shade, "x": x, "y": math.exp(y) if log else y})
    return {
        "data": {"values": data},
        "mark": {"type": "text", "align": "left", "dx": 8, "fontWeight": 600},
        "encoding": {
            "x": along,
            "y": up("y"),
            "text": {"field": "name"},
            "color": {"field": "colour", "type": "nominal", "scale": None},
        },
    }

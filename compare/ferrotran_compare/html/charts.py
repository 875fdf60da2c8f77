"""Plots as specifications of Vega-Lite: what all share, and bars.

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
INK, SOFT, LINE, PAPER = "var(--ink)", "var(--soft)", "var(--line)", "var(--paper)"

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

OWN_COLOUR: Spec = {"field": "colour", "type": "nominal", "scale": None}
TIP: Spec = {"field": "tip", "type": "nominal"}


@dataclasses.dataclass(frozen=True)
class Axis:
    """A quantitative axis: a key of `FORMATS`, limits, and where labels are if not everywhere."""

    format: str
    domain: Sequence[float]
    log: bool = False
    title: str = ""
    ticks: Sequence[float] | None = None
    grid: bool = True

    def channel(self, field: str) -> Spec:
        """Show a field along the axis."""
        scale = {"type": "log" if self.log else "linear", "domain": list(self.domain)}
        axis: Spec = {"title": self.title or None, "labelExpr": FORMATS[self.format]}
        ticks = self.ticks or (log_ticks(*self.domain) if self.log else None)
        axis |= {"labelFlush": False, "grid": self.grid}
        axis |= {"tickCount": 4} if ticks is None else {"values": list(ticks)}
        scale["nice"] = False
        return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


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


# Thickness, offset from the middle of the row, size and colour of the label.
SLOTS = {"only": (13, 0, 11, INK), "one": (12, -5, 11, INK), "all": (5, 8, 10, SOFT)}


def mixed(colour: str, share: int, other: str) -> str:
    """A share of one colour, in percent, in another."""
    return f"color-mix(in oklab, {colour} {share}%, {other})"


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers between two limits: powers of ten, or 1, 2 and 5 of each where they are few.

    >>> log_ticks(0.6, 2000.0), log_ticks(25.0, 600.0)
    ([1.0, 10.0, 100.0, 1000.0], [50.0, 100.0, 200.0, 500.0])
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    tens = [10.0**e for e in range(first, last + 1)]
    inside = [t for t in tens if low * (1 - 1e-9) <= t <= high * (1 + 1e-9)]
    if len(inside) < 2 or (len(inside) == 2 and high / low < 1000):
        steps = [t * m for t in tens for m in (1, 2, 5)]
        inside = [t for t in steps if low * (1 - 1e-9) <= t <= high * (1 + 1e-9)]
    return inside if len(inside) <= 5 else inside[len(inside) % 2 :: 2]


def log_domain(values: Iterable[float]) -> list[float]:
    """Limits a little outside positive values, at least a factor of 10 apart."""
    positive = [v for v in values if v > 0]
    low, high = min(positive, default=1.0), max(positive, default=10.0)
    spare = max(1.15, math.sqrt(10 * low / high))
    return [low / spare, high * spare]


def filled(spec: Spec) -> Spec:
    """Let a plot take the width of its element."""
    return {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}, **spec}


def bars(rows: Sequence[Bar], order: Sequence[str], axis: Axis, *, step: int = 26) -> Spec:
    """Bars with whiskers and a label each; `order` may have names without a bar."""
    edge = axis.domain[0]
    data = [
        {
            **dataclasses.asdict(row),
            "start": edge if row.start is None else row.start,
            "low": max(row.low, edge),  # there is no 0 on a logarithmic scale
            "edge": max(row.high, row.value),
            "colour": mixed(row.colour, 55, PAPER) if row.slot == "all" else row.colour,
        }
        for row in rows
    ]
    layers = []
    for slot in SLOTS:
        if any(row.slot == slot for row in rows):
            layers += _slot(slot, axis)
    y: Spec = {"field": "name", "type": "nominal", "sort": list(order), "title": None}
    y["scale"] = {"domain": list(order)}
    return filled(
        {
            "height": step * len(order),
            "data": {"values": data},
            "encoding": {"y": y},
            "layer": layers,
        }
    )


def _slot(slot: str, axis: Axis) -> list[Spec]:
    """Bars, whiskers and labels of one slot."""
    thickness, offset, size, ink = SLOTS[slot]
    mine: Spec = {"filter": {"field": "slot", "equal": slot}}
    start, low, edge = (axis.channel(field) for field in ("value", "low", "edge"))
    return [
        {
            "transform": [mine],
            "mark": {"type": "bar", "height": thickness, "yOffset": offset},
            "encoding": {"x": start, "x2": {"field": "start"}, "color": OWN_COLOUR, "tooltip": TIP},
        },
        {
            "transform": [mine, {"filter": "datum.high > datum.low"}],
            "mark": {"type": "rule", "color": INK, "opacity": 0.75, "yOffset": offset},
            "encoding": {"x": low, "x2": {"field": "high"}, "tooltip": TIP},
        },
        {
            "transform": [mine],
            "mark": {
                **{"type": "text", "align": "left", "dx": 6, "yOffset": offset},
                **{"fontSize": size, "color": ink},
            },
            "encoding": {"x": edge, "text": {"field": "label"}},
        },
    ]

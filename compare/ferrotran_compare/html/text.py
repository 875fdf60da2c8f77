"""HTML that escapes what it is given, and numbers as people read them."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence

from ferrotran_compare.timing import Ratio, Time

TIMES = "\N{MULTIPLICATION SIGN}"
SPACE = "\N{NO-BREAK SPACE}"


class Html(str):
    """Text that is HTML already."""


def tag(name: str, *children: str | None, **attributes: str | bool | None) -> Html:
    """Make an element; children and attributes that are not `Html` are escaped.

    An underscore before or after an attribute's name is dropped and those inside become hyphens;
    one that is None or False is left out.
    """
    inside = "".join(c if isinstance(c, Html) else html.escape(c) for c in children if c)
    shown = "".join(
        f" {key.strip('_').replace('_', '-')}"
        + ("" if value is True else f'="{html.escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{shown}>{inside}</{name}>")


def join(parts: Iterable[str]) -> Html:
    """Put elements one after another."""
    return Html("".join(p if isinstance(p, Html) else html.escape(p) for p in parts))


def table(
    heads: Sequence[str], rows: Iterable[Iterable[str]], caption: str, kind: str = ""
) -> Html:
    """Make a table whose rows start with a heading, in a box that scrolls sideways."""
    top = tag("tr", *(tag("th", head, scope="col") for head in heads))
    top = tag("thead", top) if heads else Html("")
    lines = []
    for row in rows:
        first, *rest = row
        lines.append(tag("tr", tag("th", first, scope="row"), *(tag("td", c) for c in rest)))
    made = tag("table", tag("caption", caption), top, tag("tbody", *lines), class_=kind)
    return tag("div", made, class_="scroll", tabindex="0", role="region", aria_label=caption)


def digits(x: float) -> str:
    """Three significant digits, without an exponent where there are fewer than 5 before the point.

    >>> [digits(x) for x in (1.234, 12.34, 123.4, 1234.0, 0.1234, 0.9999, 0.0)]
    ['1.23', '12.3', '123', '1,234', '0.123', '1.00', '0']
    """
    if x == 0 or not math.isfinite(x):
        return f"{x:g}"
    exponent = int(f"{x:.2e}".partition("e")[2])  # of the rounded number
    return f"{x:,.{max(0, 2 - exponent)}f}"


def seconds(x: float) -> str:
    """A time with its unit.

    >>> [seconds(x).replace(SPACE, " ") for x in (4.6e-8, 1.5e-3, 31.0, 0.9999e-3)]
    ['46.0 ns', '1.50 ms', '31.0 s', '1.00 ms']
    """
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if x >= 0.9995 * scale:
            return f"{digits(x / scale)}{SPACE}{unit}"
    return f"{digits(x * 1e9)}{SPACE}ns"


def spread(time: Time) -> str:
    """The quartiles of a time."""
    return f"{seconds(time.low)} … {seconds(time.high)}"


def ratio(x: float) -> str:
    """A ratio: two digits after the point close to 1, fewer further off.

    >>> [ratio(x) for x in (1.0, 1.034, 3.44, 87.3, 1234.0)]
    ['1.00×', '1.03×', '3.4×', '87×', '1,234×']
    """
    places = 2 if x < 1.995 else 1 if x < 9.95 else 0
    return f"{x:,.{places}f}{TIMES}"


def ratio_spread(x: Ratio) -> str:
    """A ratio with its quartiles."""
    return f"{ratio(x.median)} ({ratio(x.low)} … {ratio(x.high)})"


def memory(x: float) -> str:
    """Bytes with a binary unit.

    >>> [memory(x).replace(SPACE, " ") for x in (512, 86016, 1572864, 17179869184)]
    ['512 B', '84 KiB', '1.5 MiB', '16 GiB']
    """
    unit = "B"
    for larger in ("KiB", "MiB", "GiB"):
        if x < 1024:
            break
        x, unit = x / 1024, larger
    return f"{round(x, 1) if x < 10 else round(x):g}{SPACE}{unit}"


def count(n: int, what: str) -> str:
    """A number of things.

    >>> count(1, "thread"), count(4, "thread")
    ('1 thread', '4 threads')
    """
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def listed(names: Iterable[str]) -> str:
    """Names as a sentence has them.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last

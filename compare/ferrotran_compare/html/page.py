"""What the sections of the report share: their plots, names and colours."""

from __future__ import annotations

import dataclasses
from typing import Any

from ferrotran_compare.html.text import Html, tag

LANGUAGES = {
    "fortran": "Fortran",
    "c": "C",
    "rust": "Rust",
    "chapel": "Chapel",
    "numba": "numba",
    "numpy": "NumPy",
    "python": "Python",
}


def language(name: str) -> str:
    """Name of a language as its users write it."""
    return LANGUAGES.get(name, name)


def colour(name: str) -> str:
    """Colour of a language, as page.css has it."""
    return f"var(--{name})" if name in LANGUAGES else "var(--soft)"


@dataclasses.dataclass
class Plots:
    """The plots of a page by the id of their element."""

    specs: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)

    def add(self, name: str, spec: dict[str, Any], label: str) -> Html:
        """Keep a specification and return the element that shows it."""
        key = f"plot-{name}"
        self.specs[key] = spec
        return tag("div", id=key, class_="plot", role="img", aria_label=label)


def figure(title: str, note: str | Html, body: str, kind: str = "card") -> Html:
    """Put a title and a note above a plot."""
    head = tag("figcaption", tag("h4", title), tag("p", note) if note else None)
    return tag("figure", head, body, class_=kind)


def grid(*cards: str, columns: int = 3) -> Html:
    """Put cards side by side, as many as there is room for."""
    return tag("div", *cards, class_=f"grid columns-{columns}")


def section(key: str, title: str, *parts: str | None) -> Html:
    """Make a chapter of the page."""
    heading = tag("h2", title, id=f"{key}-title")
    return tag("section", heading, *parts, id=key, aria_labelledby=f"{key}-title")


def block(title: str, lead: str | Html, *parts: str | None) -> Html:
    """Make a part of a chapter."""
    words = tag("p", lead, class_="lead") if lead else None
    return tag("div", tag("h3", title), words, *parts, class_="block")


def warning(text: str | Html) -> Html:
    """Say what is not as it should be."""
    return tag("p", text, class_="warning", role="note")


def legend(names: list[str]) -> Html:
    """Show colours of languages; the page tells more by position and direct labels."""
    known = [n for n in LANGUAGES if n in names] + sorted(set(names) - set(LANGUAGES))
    chips = [
        tag(
            "li",
            tag("span", class_="swatch" + (f" {n}" if n in LANGUAGES else "")),
            language(n),
        )
        for n in known
    ]
    return tag("ul", *chips, class_="legend", aria_label="Colours")

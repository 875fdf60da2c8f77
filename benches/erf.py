"""erf, erfc, erfcx against SciPy."""

from __future__ import annotations

from collections.abc import Iterator

from harness import Case, main

from special import cases_of


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from cases_of("erf", -4, 4, targets=(6, 10))
    yield from cases_of("erfc", -4, 4, targets=(6, 10))
    yield from cases_of("erfcx", 0.1, 50)


if __name__ == "__main__":
    main(cases)

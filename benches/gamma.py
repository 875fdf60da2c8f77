"""gamma and gammaln against SciPy."""

from __future__ import annotations

from collections.abc import Iterator

from harness import Case, main

from special import cases_of


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from cases_of("gamma", 0.1, 50, targets=(6, 10))
    # SciPy loses digits next to the zeros at 1 and 2: its own error decides the tolerance.
    yield from cases_of("gammaln", 0.1, 50, targets=(6, 10), tolerance=1e-8)


if __name__ == "__main__":
    main(cases)

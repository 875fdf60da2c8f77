"""j0, j1, y0, y1 against SciPy."""

from __future__ import annotations

from collections.abc import Iterator

from harness import Case, main

from special import cases_of


def cases() -> Iterator[Case]:
    """Yield the cases."""
    for name in "j0", "j1", "y0", "y1":
        # SciPy's error is absolute: next to a zero, which 1e7 points come as close to as 1e-7,
        # its relative error decides the tolerance.
        yield from cases_of(name, 0.1, 50, targets=(4, 4), tolerance=1e-6)


if __name__ == "__main__":
    main(cases)

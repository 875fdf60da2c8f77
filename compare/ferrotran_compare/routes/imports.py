"""The time that a module takes to import, in fresh processes."""

from __future__ import annotations

from collections.abc import Callable

from ferrotran_compare.routes import environment
from ferrotran_compare.routes.checkout import Checkout

# The interpreter and NumPy are there before the clock starts. What else a module imports counts.
CODE = """
import sys, time
import numpy
start = time.perf_counter()
__import__(sys.argv[1])
print(time.perf_counter() - start)
"""


def times(
    checkout: Checkout, routes: list[str], rounds: int, progress: Callable[[str, float], None]
) -> dict[str, list[float]]:
    """Seconds of an import for each route and round; the routes take turns.

    A route that cannot be imported has an empty list.
    """
    found: dict[str, list[float]] = {route: [] for route in routes}
    done = 0
    for index in range(rounds):
        turn = index % max(len(routes), 1)
        for route in routes[turn:] + routes[:turn]:
            progress(f"import of {route}", done / (rounds * len(routes)))
            command = [checkout.python, "-I", "-c", CODE, f"glue_{route}"]
            ended = environment.run(checkout, *command)
            if ended.returncode == 0:
                found[route].append(float(ended.stdout))
            done += 1
    return found

"""Built-in right-hand sides for `solve_ivp`: compiled, and vectorised over members.

Each of them is a function of Python too, ``system(t, y, *args)``, so that it can be given to other
solvers. ``y`` may have further axes, as for ``vectorized=True``.

Examples
--------
>>> from ferrotran.integrate import solve_ivp, systems
>>> systems.lorenz
<System lorenz(t, y, sigma=10.0, rho=28.0, beta=2.6666666666666665)>
>>> systems.lorenz(0, [1.0, 1.0, 1.0])
[0.0, 26.0, -1.6666666666666665]
>>> solve_ivp(systems.van_der_pol, (0, 2000), [2, 0], "Radau").success
True
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["System", "lorenz", "robertson", "three_body", "van_der_pol"]


class System:
    """A right-hand side that is built in.

    Attributes
    ----------
    name : str
        Its name in this module.
    components : int
        The size of a state.
    parameters : dict
        The parameters by name, with the values of the literature, which are used where `args`
        is missing.
    """

    def __init__(
        self, components: int, parameters: dict[str, float], function: Callable[..., list[Any]]
    ) -> None:
        self.name = function.__name__.removeprefix("_")
        self.components = components
        self.parameters = parameters
        self._function = function
        self.__doc__ = function.__doc__

    def __call__(self, t: float, y: Any, *args: float) -> list[Any]:
        """Return the derivatives at a state."""
        return self._function(y, *self.arguments(args))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"<System {self.name}(t, y, {values})>"

    def __reduce__(self) -> str:
        return self.name

    def arguments(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return `args`, or the values of the literature where there are none."""
        args = args or tuple(self.parameters.values())
        if len(args) != len(self.parameters):
            names = ", ".join(self.parameters)
            raise ValueError(
                f"`args` has {len(args)} members, expected {len(self.parameters)}: {names}"
            )
        return args


def _lorenz(y: Any, sigma: float, rho: float, beta: float) -> list[Any]:
    """Convection with chaos: three components. Lorenz 1963.

    doi:10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2.
    """
    return [sigma * (y[1] - y[0]), y[0] * (rho - y[2]) - y[1], y[0] * y[1] - beta * y[2]]


def _van_der_pol(y: Any, mu: float) -> list[Any]:
    """Relaxation oscillator, stiff for large mu: place and velocity. Van der Pol 1926.

    doi:10.1080/14786442608564127.
    """
    return [y[1], mu * (1 - y[0] * y[0]) * y[1] - y[0]]


def _robertson(y: Any, a: float, b: float, c: float) -> list[Any]:
    """Stiff chemical reaction: three concentrations.

    Robertson 1966, in Walsh (ed.), *Numerical Analysis: An Introduction*, pp. 178-182.
    """
    lost, gained, made = a * y[0], c * y[1] * y[2], b * y[1] * y[1]
    return [gained - lost, lost - gained - made, made]


def _three_body(y: Any, mu: float) -> list[Any]:
    """Light body near two heavy ones that circle each other: two coordinates, two velocities.

    The plane turns with the heavy bodies; mu is the share of the second in their mass. Hairer,
    Norsett, Wanner, *Solving Ordinary Differential Equations I*, Springer 1993, section II.0.
    """
    near, far = y[0] + mu, y[0] - (1 - mu)
    d1 = (near * near + y[1] * y[1]) ** 1.5
    d2 = (far * far + y[1] * y[1]) ** 1.5
    return [
        y[2],
        y[3],
        y[0] + 2 * y[3] - (1 - mu) * near / d1 - mu * far / d2,
        y[1] - 2 * y[2] - (1 - mu) * y[1] / d1 - mu * y[1] / d2,
    ]


lorenz = System(3, {"sigma": 10.0, "rho": 28.0, "beta": 8 / 3}, _lorenz)
van_der_pol = System(2, {"mu": 1e3}, _van_der_pol)
robertson = System(3, {"a": 0.04, "b": 3e7, "c": 1e4}, _robertson)
three_body = System(4, {"mu": 0.012277471}, _three_body)

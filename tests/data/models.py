"""Write models.csv: values and derivatives of the built-in models, with 50 digits.

Usage: python tests/data/models.py > tests/data/models.csv

Each row is model, x, value, derivatives, as doubles; the parameters of a model are in a row
before, with x left empty. Derivatives by complex steps of 1e-30, whose error is of the order of
1e-60.
"""

from mpmath import cos, exp, log, mp, mpc, mpf, pi, sin

mp.dps = 80


def gaussian(x, a, m, s, c):
    """Return the bell of standard deviation s."""
    return a * exp(-((x - m) ** 2) / (2 * s * s)) + c


def lorentzian(x, a, m, w, c):
    """Return the peak of half width w."""
    return a / (1 + ((x - m) / w) ** 2) + c


def pseudo_voigt(x, a, m, w, f, c):
    """Return the mixture of both, of half width w."""
    z = ((x - m) / w) ** 2
    return a * (f / (1 + z) + (1 - f) * exp(-log(2) * z)) + c


def exponential(x, a, k, c):
    """Return the decay of rate k."""
    return a * exp(-k * x) + c


def double_exponential(x, a, k, b, k2, c):
    """Return two decays."""
    return a * exp(-k * x) + b * exp(-k2 * x) + c


def power(x, a, b, c):
    """Return the power of exponent b."""
    return a * exp(b * log(x)) + c


def logistic(x, a, m, k, c):
    """Return the step of rate k."""
    return a / (1 + exp(-k * (x - m))) + c


def polynomial(x, *p):
    """Return the polynomial, lowest degree first."""
    return sum(c * x**k for k, c in enumerate(p))


def sine(x, a, f, h, c):
    """Return the oscillation of frequency f; sin(u + iv) by parts."""
    t = 2 * pi * f * x + h
    t = mpc(t)
    v = t.imag
    return a * (sin(t.real) * (exp(v) + exp(-v)) + 1j * cos(t.real) * (exp(v) - exp(-v))) / 2 + c


CASES = [
    (gaussian, (1.3, 0.2, 0.7, 0.1), -5, 5),
    (lorentzian, (-2.1, 0.4, 0.6, 1.5), -5, 5),
    (pseudo_voigt, (1.8, -0.3, 0.8, 0.4, 0.2), -5, 5),
    (exponential, (2.5, -0.6, 0.3), -3, 8),
    (double_exponential, (2.0, 3.1, 1.2, 0.4, 0.2), 0, 8),
    (power, (1.2, -1.7, 0.4), 0.01, 9),
    (logistic, (2.0, 0.3, 1.4, 0.2), -20, 20),
    (polynomial, (0.3, 1.2, -0.5, 0.25), -2, 3),
    (sine, (1.4, 0.37, 0.8, 0.2), -40, 90),
]


def main():
    """Print every row."""
    for model, p, low, high in CASES:
        print(model.__name__, "", *p, sep=",")
        exact = [mpf(v) for v in p]
        for i in range(23):
            x = low + (high - low) * i / 22
            step = mpf(10) ** -30
            row = [model(mpf(x), *exact)]
            for j in range(len(p)):
                shifted = [v + (mpc(0, step) if k == j else 0) for k, v in enumerate(exact)]
                row.append(mpc(model(mpf(x), *shifted)).imag / step)
            print(model.__name__, repr(x), *(repr(float(mpc(v).real)) for v in row), sep=",")


main()

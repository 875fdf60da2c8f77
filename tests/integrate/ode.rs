//! Problems with known solutions, for the tests of `solve_ivp`.

use ferrotran::integrate::{IvpOptions, Method};

/// Options of a method with `rtol`, and `atol` a hundredth of it.
pub(crate) fn options(method: Method, rtol: f64) -> IvpOptions {
    IvpOptions {
        method,
        rtol,
        atol: (0.01 * rtol).into(),
        ..Default::default()
    }
}

/// y'' = -y.
pub(crate) fn oscillator(_t: f64, y: &[f64], dydt: &mut [f64]) {
    dydt[0] = y[1];
    dydt[1] = -y[0];
}

/// A system whose solution through (1/3, 2/9) at t = 5 is t / (t + 10), 10 t / (t + 10)².
pub(crate) fn rational(t: f64, y: &[f64], dydt: &mut [f64]) {
    dydt[0] = y[1] / t;
    dydt[1] = y[1] * (y[0] + 2.0 * y[1] - 1.0) / (t * (y[0] - 1.0));
}

pub(crate) fn rational_solution(t: f64) -> [f64; 2] {
    [t / (t + 10.0), 10.0 * t / (t + 10.0).powi(2)]
}

/// Free fall: height and velocity.
pub(crate) fn fall(_t: f64, y: &[f64], dydt: &mut [f64]) {
    dydt[0] = y[1];
    dydt[1] = -G;
}

pub(crate) const G: f64 = 9.81;

/// The mathematical pendulum: angle and its rate.
pub(crate) fn pendulum(_t: f64, y: &[f64], dydt: &mut [f64]) {
    dydt[0] = y[1];
    dydt[1] = -y[0].sin();
}

/// The pendulum's period at this amplitude: Gauss's formula by the arithmetic-geometric mean.
pub(crate) fn period(amplitude: f64) -> f64 {
    let (mut a, mut b) = (1.0, (amplitude / 2.0).cos());
    for _ in 0..6 {
        (a, b) = (0.5 * (a + b), f64::sqrt(a * b));
    }
    2.0 * std::f64::consts::PI / a
}

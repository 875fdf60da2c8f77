//! Orders of convergence, and orbits that close.

use ferrotran::integrate::{IvpOptions, IvpSolution, Method, solve_ivp};
use ndarray::{Array1, array};

/// Steps of one size: the tolerance is so loose that only `max_step` bounds them.
fn fixed_steps(method: Method, size: f64) -> IvpOptions {
    IvpOptions {
        method,
        rtol: 1e-3,
        atol: 1e12.into(),
        first_step: Some(size),
        max_step: size,
        dense_output: true,
        ..Default::default()
    }
}

/// A system that is not linear and depends on time, with a solution of its own: exp(sin t),
/// 1 / (1 + exp(-2t)) and their product.
fn system(t: f64, y: &[f64], dydt: &mut [f64]) {
    let (growth, brake) = (t.cos(), 2.0 * (1.0 - y[1]));
    dydt[0] = y[0] * growth;
    dydt[1] = y[1] * brake;
    dydt[2] = y[0] * y[1] * growth + y[2] * brake;
}

fn exact(t: f64) -> [f64; 3] {
    let (u, v) = (t.sin().exp(), 1.0 / (1.0 + (-2.0 * t).exp()));
    [u, v, u * v]
}

const SPAN: (f64, f64) = (-1.0, 1.0);

/// Largest errors at the ends of the steps and between them.
fn errors(solution: &IvpSolution) -> (f64, f64) {
    let far = |t: f64, y: &Array1<f64>| {
        let pairs = y.iter().zip(exact(t));
        pairs.map(|(y, e)| (y - e).abs()).fold(0.0, f64::max)
    };
    let ends = solution.t.iter().zip(solution.y.columns());
    let at_ends = ends
        .map(|(&t, y)| far(t, &y.to_owned()))
        .fold(0.0, f64::max);
    let dense = solution.dense.as_ref().unwrap();
    let times = (0..=400).map(|k| SPAN.0 + (SPAN.1 - SPAN.0) * f64::from(k) / 400.0);
    let between = times.map(|t| far(t, &dense.at(t))).fold(0.0, f64::max);
    (at_ends, between)
}

/// The error of a dense output of order q is that of one step, so of order q + 1, besides that of
/// the ends: 5 and 8, as at the ends.
#[test]
fn errors_shrink_with_the_order_of_the_method() {
    let start = Array1::from(exact(SPAN.0).to_vec());
    for (method, sizes, order) in [
        (Method::Rk45, [1.0 / 32.0, 1.0 / 64.0], 5.0),
        // Smaller steps have no error but rounding.
        (Method::Dop853, [1.0 / 4.0, 1.0 / 8.0], 8.0),
    ] {
        let found = sizes.map(|size| {
            let options = fixed_steps(method, size);
            let solution = solve_ivp(system, SPAN, &start, &options).unwrap();
            assert_eq!(solution.accepted as f64, (SPAN.1 - SPAN.0) / size);
            assert_eq!(solution.rejected, 0);
            errors(&solution)
        });
        let slope = |wide: f64, narrow: f64| (wide / narrow).log2();
        let ends = slope(found[0].0, found[1].0);
        let between = slope(found[0].1, found[1].1);
        assert!((ends - order).abs() < 0.2, "{method:?}: {ends}, {found:?}");
        assert!(
            (between - order).abs() < 0.2,
            "{method:?}: {between}, {found:?}"
        );
    }
}

/// The restricted problem of three bodies, earth and moon at rest in a turning frame.
fn three_bodies(_t: f64, y: &[f64], dydt: &mut [f64]) {
    const MOON: f64 = 0.012_277_471;
    let cube = |x: f64| (x * x + y[1] * y[1]).powf(1.5);
    let (from_earth, from_moon) = (y[0] + MOON, y[0] - (1.0 - MOON));
    let (earth, moon) = ((1.0 - MOON) / cube(from_earth), MOON / cube(from_moon));
    dydt[0] = y[2];
    dydt[1] = y[3];
    dydt[2] = y[0] + 2.0 * y[3] - earth * from_earth - moon * from_moon;
    dydt[3] = y[1] - 2.0 * y[2] - (earth + moon) * y[1];
}

/// Arenstorf's orbit comes back to its start after one period: Hairer, Nørsett, Wanner I, (0.2),
/// with the digits given there, as far as they fit. On the way past the moon errors grow some 10^4 times.
#[test]
fn arenstorfs_orbit_closes() {
    let start = array![0.994, 0.0, 0.0, -2.0015851063790825];
    let period = 17.065_216_560_157_964;
    for (method, rtol) in [(Method::Rk45, 1e-11), (Method::Dop853, 1e-13)] {
        for span in [(0.0, period), (0.0, -period)] {
            let options = IvpOptions {
                method,
                rtol,
                atol: (rtol * 1e-2).into(),
                ..Default::default()
            };
            let solution = solve_ivp(three_bodies, span, &start, &options).unwrap();
            let last = solution.y.column(solution.y.ncols() - 1).to_owned();
            let far = (last - &start)
                .mapv(f64::abs)
                .fold(0.0, |a, &b| f64::max(a, b));
            assert!(far < 1e5 * rtol, "{method:?} {far:e}");
            assert_eq!(solution.stiff, 0);
        }
    }
}

/// Kepler's orbit of eccentricity 0.6, 10 times round; the step is short where the planet is near
/// the sun.
#[test]
fn a_planet_stays_on_its_ellipse() {
    let kepler = |_t: f64, y: &[f64], dydt: &mut [f64]| {
        let r = (y[0] * y[0] + y[1] * y[1]).sqrt();
        dydt[..2].copy_from_slice(&y[2..]);
        dydt[2] = -y[0] / (r * r * r);
        dydt[3] = -y[1] / (r * r * r);
    };
    let e: f64 = 0.6;
    let start = array![1.0 - e, 0.0, 0.0, ((1.0 + e) / (1.0 - e)).sqrt()];
    for method in [Method::Rk45, Method::Dop853] {
        let options = IvpOptions {
            method,
            rtol: 1e-10,
            atol: 1e-12.into(),
            ..Default::default()
        };
        let turns = 20.0 * std::f64::consts::PI;
        let solution = solve_ivp(kepler, (0.0, turns), &start, &options).unwrap();
        let mut worst: f64 = 0.0;
        for y in solution.y.columns() {
            let r = y[0].hypot(y[1]);
            let energy = 0.5 * (y[2] * y[2] + y[3] * y[3]) - 1.0 / r;
            let spin = y[0] * y[3] - y[1] * y[2];
            worst = worst.max((energy + 0.5).abs());
            worst = worst.max((spin - (1.0 - e * e).sqrt()).abs());
        }
        // The tolerance for each of 63 units of time.
        assert!(worst < 63.0 * options.rtol, "{method:?}: {worst:e}");
    }
}

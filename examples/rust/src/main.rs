//! A program that depends on ferrotran: its kernels, with closures and with errors.
//!
//! `cargo run -p ferrotran-example` prints a line for each and ends with status 0 if every
//! answer is the known one.

use std::error::Error;
use std::f64::consts::PI;

use ferrotran::integrate::{
    Event, Ivp, IvpOptions, Method, QuadOptions, System, par_quad, par_solve_ivp_batch, quad,
    try_quad,
};
use ferrotran::linalg::{par_solve_tridiagonal_batch, solve_tridiagonal};
use ferrotran::optimize::{CurveFitOptions, Model, curve_fit, par_curve_fit_batch};
use ferrotran::special::{erf, erf_array};
use ferrotran::stencil::{Edges, Heat2d, heat2d, par_heat2d};
use ndarray::{Array, Array1, Array2, array};

type Outcome = Result<(), Box<dyn Error>>;

/// Fails, with both numbers, when `found` is further than `tolerance` from `expected`.
fn compare(what: &str, found: f64, expected: f64, tolerance: f64) -> Outcome {
    println!("{what}: {found}, expected {expected}");
    if (found - expected).abs() <= tolerance {
        Ok(())
    } else {
        Err(format!("{what} differs by {:e}", found - expected).into())
    }
}

/// The steady heat in a rod with ends at 0 and a source of 1: u'' = -1, u = x (1 - x) / 2.
fn rod() -> Outcome {
    let n = 99;
    let h = 1.0 / (n + 1) as f64;
    let off = Array1::from_elem(n - 1, -1.0);
    let u = solve_tridiagonal(
        &off,
        &Array1::from_elem(n, 2.0),
        &off,
        &Array1::from_elem(n, h * h),
    )?;
    // The three-point formula is exact for parabolas; 1e-12 allows for rounding at a condition
    // number of about 4 / (pi h)^2 = 4000.
    compare("middle of the rod", u[n / 2], 0.125, 1e-12)?;

    let batch = par_solve_tridiagonal_batch(
        &array![[1.0], [0.0]],
        &array![[2.0, 2.0], [1.0, 0.0]],
        &array![[1.0]],
        &array![[3.0, 3.0]],
    )?;
    println!("singular: system {} of the batch", batch.singular[0].system);
    compare("the other system", batch.x[[0, 1]], 1.0, 1e-15)
}

/// The share of a normal distribution within one and two standard deviations.
fn normal() -> Outcome {
    let within = erf_array(&array![1.0, 2.0].mapv(|z: f64| z / 2f64.sqrt()));
    compare(
        "within one sigma",
        within[0],
        0.682_689_492_137_085_9,
        1e-15,
    )?;
    compare(
        "within two sigma",
        within[1],
        0.954_499_736_103_641_6,
        1e-15,
    )?;
    compare("erf is odd", erf(-0.3) + erf(0.3), 0.0, 0.0)
}

/// Integrals of closures, one that counts and one that fails.
fn integrals() -> Outcome {
    let mut calls = 0;
    let gauss = quad(
        |x| {
            calls += 1;
            (-x * x).exp()
        },
        f64::NEG_INFINITY,
        f64::INFINITY,
    )?
    .converged()?;
    println!("{calls} calls of the closure");
    compare("gauss", gauss.value, PI.sqrt(), gauss.abs_error)?;

    let powers = Array::linspace(1.0, 4.0, 4);
    let options = QuadOptions::default();
    let sweep = par_quad(
        |x: f64, p: &f64| x.powf(*p),
        &array![0.0],
        &array![1.0],
        &powers,
        &options,
    )?;
    compare("integral of x^4", sweep[3].value, 0.2, options.epsabs)?;

    let fails = |x: f64| -> Result<f64, Box<dyn Error>> {
        let y = 0.75 - x;
        if y < 0.0 {
            Err(format!("no square root of {y}").into())
        } else {
            Ok(y.sqrt())
        }
    };
    match try_quad(fails, 0.0, 1.0, &options) {
        Err(error) => println!("the closure's own error: {error}"),
        Ok(_) => return Err("the error of the closure is lost".into()),
    }
    let endless = quad(|x| 1.0 / x, 0.0, 1.0)?;
    println!("integral of 1/x: {}", endless.status);
    match endless.converged() {
        Err(ferrotran::Error::Accuracy { .. }) => Ok(()),
        other => Err(format!("1/x has no integral over (0, 1), found {other:?}").into()),
    }
}

/// A mode of a closed plate decays by a known factor in each step.
fn plate() -> Outcome {
    let (rows, columns) = (40, 60);
    let mode = Array2::from_shape_fn((rows, columns), |(i, j)| {
        (PI * (i as f64 + 0.5) / rows as f64).cos() * (PI * (j as f64 + 0.5) / columns as f64).cos()
    });
    let mut options = Heat2d::new(1.0, 0.2, 100);
    options.edges = Edges::Neumann;
    let later = par_heat2d(&mode, &options)?;
    let rate = |n: usize| 4.0 * (PI / (2.0 * n as f64)).sin().powi(2);
    let factor = 1.0 - options.dt * (rate(rows) + rate(columns));
    let expected = mode[[0, 0]] * factor.powi(100);
    // Each of 100 steps rounds about 6 times.
    compare(
        "corner of the plate",
        later[[0, 0]],
        expected,
        600.0 * f64::EPSILON,
    )?;

    options.dt = 0.3;
    match heat2d(&mode, &options) {
        Err(error) => println!("a step that is too long: {error}"),
        Ok(_) => return Err("an unstable step went through".into()),
    }
    Ok(())
}

/// A thousand peaks of which one holds a NaN, and a decay with a model of one's own.
fn fits() -> Outcome {
    let x = Array1::linspace(-5.0, 5.0, 64);
    let mut peaks = Array2::from_shape_fn((1000, 64), |(k, i)| {
        let z: f64 = x[i] - 0.001 * k as f64;
        3.0 * (-0.5 * z * z).exp() + 0.25
    });
    peaks[[17, 3]] = f64::NAN;
    let options = CurveFitOptions::default();
    let fits = par_curve_fit_batch(Model::Gaussian, &x, &peaks, None, &options)?;
    for k in fits.failed() {
        println!("fit {k}: {}", fits.status[k]);
    }
    // Exact data: ftol = 1e-8 leaves the parameters right to its root at worst.
    compare("mean of the last peak", fits.popt[[999, 1]], 0.999, 1e-6)?;

    let decay = |t: f64, p: &[f64]| p[0] * (-t / p[1]).exp();
    let t = Array1::linspace(0.0, 10.0, 40);
    let y = t.mapv(|t| decay(t, &[4.0, 2.5]));
    let fit = curve_fit(decay, &t, &y, Some(&array![1.0, 1.0]), &options)?;
    compare("time constant", fit.popt[1], 2.5, 1e-6)
}

/// A ball that is thrown and lands, and an ensemble of chaotic trajectories.
fn motions() -> Outcome {
    let fall = |_t: f64, y: &[f64], dydt: &mut [f64]| {
        dydt[0] = y[1];
        dydt[1] = -9.81;
    };
    let flight = Ivp::new(fall, (0.0, 100.0), &array![0.0, 20.0])
        .event(Event::new(|_t, y| y[0]).falling().terminal())
        .solve(&IvpOptions::default())?;
    // The motion is a parabola, which every method follows but for rounding.
    compare("landing", flight.events[0].t[0], 40.0 / 9.81, 1e-12)?;

    let starts = Array2::from_shape_fn((100, 3), |(k, i)| 1.0 + 1e-8 * (k * (i + 1)) as f64);
    let parameters = Array2::from_shape_fn((1, 3), |(_, i)| System::Lorenz.usual_parameters()[i]);
    let options = IvpOptions {
        method: Method::Dop853,
        rtol: 1e-10,
        atol: 1e-10.into(),
        t_eval: Some(vec![0.0, 1.0, 30.0]),
        ..Default::default()
    };
    let span = (0.0, 30.0);
    let paths = par_solve_ivp_batch(&System::Lorenz, span, &starts, &parameters, &options, None)?;
    let spread = |k: usize| paths.y[[99, 0, k]] - paths.y[[0, 0, k]];
    println!("spread after 30 units of time: {:.1}", spread(2).abs());
    let all = paths
        .members
        .iter()
        .all(|member| member.status.is_success());
    compare(
        "trajectories that are finished",
        f64::from(u8::from(all)),
        1.0,
        0.0,
    )?;
    compare("spread after one", spread(1), 0.0, 1e-3)
}

fn main() -> Outcome {
    rod()?;
    normal()?;
    integrals()?;
    plate()?;
    fits()?;
    motions()
}

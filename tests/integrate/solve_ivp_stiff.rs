use std::cell::Cell;

use ferrotran::Error;
use ferrotran::integrate::{
    InLanes, Ivp, IvpBatch, IvpOptions, IvpSolution, IvpStatus, LANES, Lanes, Method,
    RightHandSide, System, par_solve_ivp_batch, solve_ivp, solve_ivp_batch,
};
use ndarray::{Array1, Array2, array};

use super::stiff_problems::{PROBLEMS, Problem};

fn solve(problem: &Problem, rtol: f64, analytic: bool) -> IvpSolution {
    let y0 = Array1::from(problem.y0.to_vec());
    let ivp = Ivp::new(problem.f, (0.0, problem.t_end), &y0);
    let mut ivp = if analytic { ivp.jac(problem.jac) } else { ivp };
    ivp.solve(&problem.options(rtol)).unwrap()
}

/// The aim of the method: what the problems make of the local errors is not more than tenfold.
#[test]
fn delivered_errors_are_at_most_ten_tolerances() {
    for problem in &PROBLEMS {
        for rtol in [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8] {
            for analytic in [true, false] {
                let name = problem.name;
                // 50 000 steps and more.
                let long = ![(1e-4, true), (1e-6, false)].contains(&(rtol, analytic));
                if name == "RING" && long {
                    continue;
                }
                // Differences see too little of components that vanish against the others.
                if name == "E5" && rtol == 1e-3 && !analytic {
                    continue;
                }
                let solution = solve(problem, rtol, analytic);
                assert_eq!(solution.status, IvpStatus::Finished, "{name} {rtol}");
                let error = problem.error(rtol, solution.y.iter().copied());
                assert!(error <= 10.0, "{name}, rtol {rtol:e}, {analytic}: {error}");
            }
        }
    }
}

/// The diffusive Brusselator of `n` cells, Hairer and Wanner, *Solving ODEs II*, 1996, IV.10: u and
/// v of a cell are neighbours, and the Jacobian has two diagonals on either side.
fn brusselator(_: f64, y: &[f64], f: &mut [f64]) {
    let n = y.len() / 2;
    let d = 0.02 * ((n + 1) * (n + 1)) as f64;
    let at = |k: isize, which: usize| match usize::try_from(k) {
        Ok(k) if k < n => y[2 * k + which],
        _ => [1.0, 3.0][which],
    };
    for k in 0..n {
        let (u, v, i) = (y[2 * k], y[2 * k + 1], k as isize);
        f[2 * k] = 1.0 + u * u * v - 4.0 * u + d * (at(i - 1, 0) - 2.0 * u + at(i + 1, 0));
        f[2 * k + 1] = 3.0 * u - u * u * v + d * (at(i - 1, 1) - 2.0 * v + at(i + 1, 1));
    }
}

/// Its Jacobian, as a list of element and value.
fn brusselator_slopes(y: &[f64]) -> Vec<(usize, usize, f64)> {
    let n = y.len() / 2;
    let d = 0.02 * ((n + 1) * (n + 1)) as f64;
    let mut slopes = Vec::new();
    for k in 0..n {
        let (u, v, i) = (y[2 * k], y[2 * k + 1], 2 * k);
        slopes.extend([
            (i, i, 2.0 * u * v - 4.0 - 2.0 * d),
            (i, i + 1, u * u),
            (i + 1, i, 3.0 - 2.0 * u * v),
            (i + 1, i + 1, -u * u - 2.0 * d),
        ]);
        for which in [i, i + 1] {
            slopes.extend((k > 0).then(|| (which, which - 2, d)));
            slopes.extend((k + 1 < n).then(|| (which, which + 2, d)));
        }
    }
    slopes
}

#[test]
fn a_band_changes_the_work_and_nothing_else() {
    let n = 40;
    let y0 = Array1::from_shape_fn(n, |i| {
        let x = (i / 2 + 1) as f64 / (n / 2 + 1) as f64;
        if i % 2 == 0 {
            1.0 + (2.0 * std::f64::consts::PI * x).sin()
        } else {
            3.0
        }
    });
    let full = IvpOptions {
        method: Method::Radau,
        rtol: 1e-6,
        atol: 1e-8.into(),
        ..Default::default()
    };
    let band = IvpOptions {
        band: Some((2, 2)),
        ..full.clone()
    };
    let full_jac = |_: f64, y: &[f64], jac: &mut [f64]| {
        for (i, j, slope) in brusselator_slopes(y) {
            jac[i * n + j] = slope;
        }
    };
    let band_jac = |_: f64, y: &[f64], jac: &mut [f64]| {
        for (i, j, slope) in brusselator_slopes(y) {
            jac[(i + 2 - j) * n + j] = slope;
        }
    };
    let problem = || Ivp::<Error>::new(brusselator, (0.0, 10.0), &y0);
    let runs = [
        problem().jac(full_jac).solve(&full).unwrap(),
        problem().jac(band_jac).solve(&band).unwrap(),
        problem().solve(&full).unwrap(),
        problem().solve(&band).unwrap(),
    ];
    for run in &runs {
        assert_eq!(run.status, IvpStatus::Finished);
        // Each within some tolerances of the solution.
        let (end, first) = (run.y.column(run.t.len() - 1), &runs[0]);
        for (y, expected) in end.iter().zip(first.y.column(first.t.len() - 1)) {
            assert!((y - expected).abs() < 1e-5, "{y} and {expected}");
        }
    }
    // A Jacobian by differences takes n evaluations, or one for each diagonal of the band. The
    // elimination leaves zeros out, so the same matrices give nearly the same steps.
    let [full, band, full_differences, band_differences] = runs;
    assert_eq!(full.accepted, band.accepted);
    assert!(full_differences.nfev >= n * full_differences.njev + 4 * full_differences.accepted);
    let less = band_differences.nfev - 5 * band_differences.njev;
    assert!(less < 2 * full.nfev && less >= 4 * band_differences.accepted);
}

/// Fast rotations around a slow solution, cos t: the matrices have small diagonals.
#[test]
fn rows_are_exchanged_in_full_and_banded_matrices() {
    let n = 7;
    let k = |i: usize, j: usize| {
        let speed = |i: usize, j: usize| (1 + (3 * i + 5 * j) % 11) as f64 * 100.0;
        if i < j { speed(i, j) } else { -speed(j, i) }
    };
    let f = |t: f64, y: &[f64], f: &mut [f64]| {
        for i in 0..n {
            let others = (0..n).filter(|&j| j != i);
            let rotation: f64 = others.map(|j| k(i, j) * (y[j] - t.cos())).sum();
            f[i] = rotation - (y[i] - t.cos()) - t.sin();
        }
    };
    let [full, band] = [None, Some((n - 1, n - 1))].map(|band| {
        let options = IvpOptions {
            method: Method::Radau,
            rtol: 1e-6,
            atol: 1e-6.into(),
            band,
            ..Default::default()
        };
        solve_ivp(f, (0.0, 10.0), &Array1::ones(n), &options).unwrap()
    });
    assert_eq!(full.status, IvpStatus::Finished);
    // Steps that resolved the rotations would be 10 000.
    assert!(full.accepted < 500, "{}", full.accepted);
    assert_eq!(full.accepted, band.accepted);
    let last = full.t.len() - 1;
    for (y, z) in full.y.column(last).iter().zip(band.y.column(last)) {
        assert!((y - 10f64.cos()).abs() < 1e-5, "{y}");
        // The same operations in another order.
        assert!((y - z).abs() < 1e-9, "{y} {z}");
    }
}

/// With a linear problem Newton's iteration is exact, and tolerances of 1 leave the steps to
/// `max_step`.
#[test]
fn the_order_is_five() {
    let f = |t: f64, y: &[f64], f: &mut [f64]| {
        f[0] = y[1];
        f[1] = -4.0 * y[0] - y[1] + t.sin();
    };
    let end = |h: f64, rtol: f64| {
        let options = IvpOptions {
            method: Method::Radau,
            rtol,
            atol: rtol.into(),
            first_step: Some(h),
            max_step: h,
            ..Default::default()
        };
        let solution = solve_ivp(f, (0.0, 4.0), &array![1.0, 0.0], &options).unwrap();
        assert_eq!(solution.rejected, 0);
        solution.y[[0, solution.t.len() - 1]]
    };
    let exact = end(1.0 / 64.0, 1e-8);
    let errors = [0.25, 0.125, 0.0625].map(|h| (end(h, 1e3) - exact).abs());
    for pair in errors.windows(2) {
        let order = (pair[0] / pair[1]).log2();
        assert!((4.7..5.3).contains(&order), "{order}: {errors:?}");
    }
}

#[test]
fn a_linear_problem_keeps_its_jacobian_and_factors() {
    let asked = Cell::new(0);
    let f = |_: f64, y: &[f64], f: &mut [f64]| f[0] = -1e4 * (y[0] - 1.0);
    let mut ivp = Ivp::new(f, (0.0, 1e3), &array![0.0]).jac(|_, _, jac| {
        asked.set(asked.get() + 1);
        jac[0] = -1e4;
    });
    let options = IvpOptions {
        method: Method::Radau,
        rtol: 1e-8,
        atol: 1e-10.into(),
        ..Default::default()
    };
    let solution = ivp.solve(&options).unwrap();
    assert_eq!(solution.status, IvpStatus::Finished);
    assert_eq!((solution.njev, asked.get()), (1, 1));
    assert!(solution.nlu < solution.accepted);
    assert!((solution.y[[0, solution.t.len() - 1]] - 1.0).abs() < 1e-8);
}

#[test]
fn a_jacobian_that_is_not_finite_ends_as_singular() {
    let f = |_: f64, y: &[f64], f: &mut [f64]| f[0] = -y[0];
    let options = IvpOptions {
        method: Method::Radau,
        ..Default::default()
    };
    let mut ivp = Ivp::<Error>::new(f, (0.0, 1.0), &array![1.0]).jac(|_, _, jac| jac[0] = f64::NAN);
    assert_eq!(ivp.solve(&options).unwrap().status, IvpStatus::Singular);
}

#[test]
fn an_error_of_the_jacobian_comes_out() {
    let f = |_: f64, y: &[f64], f: &mut [f64]| -> Result<(), Error> {
        f[0] = -y[0];
        Ok(())
    };
    let options = IvpOptions {
        method: Method::Radau,
        ..Default::default()
    };
    let jac = |_: f64, _: &[f64], _: &mut [f64]| Err::<(), _>(Error::Stopped);
    let run = Ivp::new(f, (0.0, 1.0), &array![1.0])
        .jac(jac)
        .solve(&options);
    assert_eq!(run.unwrap_err(), Error::Stopped);
}

/// The root of y is not real below zero: the steps that would go there are shortened.
#[test]
fn states_where_there_is_no_derivative_are_avoided() {
    let f = |_: f64, y: &[f64], f: &mut [f64]| f[0] = -1e3 * (y[0].sqrt() - 1e-3);
    let options = IvpOptions {
        method: Method::Radau,
        rtol: 1e-6,
        atol: 1e-12.into(),
        ..Default::default()
    };
    let solution = solve_ivp(f, (0.0, 1.0), &array![1.0], &options).unwrap();
    assert_eq!(solution.status, IvpStatus::Finished);
    assert!((solution.y[[0, solution.t.len() - 1]] / 1e-6 - 1.0).abs() < 1e-4);
}

#[test]
fn members_of_an_ensemble_have_the_bits_of_single_problems() {
    let usual = System::Robertson.usual_parameters();
    let params = Array2::from_shape_fn((20, 3), |(k, i)| usual[i] * (1.0 + 0.02 * k as f64));
    let y0 = array![[1.0, 0.0, 0.0]];
    let options = IvpOptions {
        method: Method::Radau,
        rtol: 1e-5,
        atol: 1e-11.into(),
        t_eval: Some(vec![1.0, 1e4, 1e9]),
        ..Default::default()
    };
    let span = (0.0, 1e9);
    let one = solve_ivp_batch(&System::Robertson, span, &y0, &params, &options, None).unwrap();
    let all = par_solve_ivp_batch(&System::Robertson, span, &y0, &params, &options, None).unwrap();
    assert_eq!(one.y, all.y);
    for (k, member) in one.members.iter().enumerate() {
        assert_eq!(member.status, IvpStatus::Finished);
        let (system, y0) = (System::Robertson, y0.row(0));
        let mut alone = Ivp::<Error>::with_params(&system, &params.row(k), span, &y0).unwrap();
        let alone = alone.solve(&options).unwrap();
        assert_eq!(alone.y, one.y.index_axis(ndarray::Axis(0), k));
        assert_eq!((alone.nfev, alone.njev), (member.nfev, member.njev));
    }
}

/// In eight lanes with differences, and members so different that they take turns to rest; one
/// cannot go on.
#[test]
fn lanes_do_not_disturb_each_other() {
    let f = |_: f64, y: &[f64], f: &mut [f64], p: &[f64]| {
        f[0] = y[1];
        f[1] = p[0] * (1.0 - y[0] * y[0]) * y[1] - y[0];
    };
    let in_lanes = InLanes::new(|_: &Lanes, y: &[Lanes], f: &mut [Lanes], p: &[Lanes]| {
        for k in 0..LANES {
            f[0][k] = y[1][k];
            f[1][k] = p[0][k] * (1.0 - y[0][k] * y[0][k]) * y[1][k] - y[0][k];
        }
    });
    let mut params = Array2::from_shape_fn((21, 1), |(k, _)| 10f64.powf(0.2 * k as f64));
    params[[7, 0]] = f64::NAN;
    let y0 = array![[2.0, 0.0]];
    let options = IvpOptions {
        method: Method::Radau,
        rtol: 1e-5,
        atol: 1e-7.into(),
        t_eval: Some(vec![1.0, 100.0]),
        ..Default::default()
    };
    let span = (0.0, 100.0);
    let wide = solve_ivp_batch(&in_lanes, span, &y0, &params, &options, None).unwrap();
    // A closure of one member goes one by one.
    let narrow = solve_ivp_batch(&f, span, &y0, &params, &options, None).unwrap();
    let bits = |batch: &IvpBatch| batch.y.mapv(f64::to_bits);
    assert_eq!(bits(&wide), bits(&narrow));
    for (k, (a, b)) in wide.members.iter().zip(&narrow.members).enumerate() {
        let expected = if k == 7 {
            IvpStatus::NotFinite
        } else {
            IvpStatus::Finished
        };
        assert_eq!((a.status, a.nfev, a.nlu), (expected, b.nfev, b.nlu));
        assert_eq!((a.accepted, a.rejected), (b.accepted, b.rejected));
    }
}

#[test]
fn members_whose_matrix_is_singular_end_alone() {
    let f = InLanes::new(|_: &Lanes, y: &[Lanes], f: &mut [Lanes], _: &[Lanes]| {
        f[0] = y[0].map(|y| -1e3 * y);
    });
    // The parameter is the time from which on the Jacobian is no number.
    let jac = InLanes::new(|t: &Lanes, _: &[Lanes], jac: &mut [Lanes], p: &[Lanes]| {
        for k in 0..LANES {
            // One that is wrong is asked for again.
            jac[0][k] = if t[k] < p[0][k] { -500.0 } else { f64::NAN };
        }
    });
    let params = array![[0.0], [1e-3], [1.0], [0.0], [2e-3]];
    let options = IvpOptions {
        method: Method::Radau,
        ..Default::default()
    };
    let (f, y0) = (f.with_jacobian(jac), array![[1.0]]);
    let batch = solve_ivp_batch(&f, (0.0, 0.1), &y0, &params, &options, None).unwrap();
    for (member, from) in batch.members.iter().zip(&params) {
        let expected = if *from < 1.0 {
            IvpStatus::Singular
        } else {
            IvpStatus::Finished
        };
        assert_eq!(member.status, expected, "{from}");
        assert!(*from < 1.0 || member.t == 0.1);
    }
}

//! The problems of Moré, Garbow and Hillstrom (1981), with the starts and minima of the paper.

use ferrotran::optimize::{LeastSquares, LeastSquaresOptions, least_squares, least_squares_jac};
use ndarray::{Array1, ArrayViewMut2};

use crate::dual::{Dual, duals};
use crate::mgh::*;

struct Problem {
    name: &'static str,
    residuals: fn(&[Dual]) -> Vec<Dual>,
    start: Vec<f64>,
    /// Sums of squares at the minima, those at infinity included.
    minima: &'static [f64],
    /// Multiples of the start from which it is solved.
    factors: &'static [f64],
}

fn problems() -> Vec<Problem> {
    let far: &[f64] = &[1.0, 10.0, 100.0];
    let near: &[f64] = &[1.0, 10.0];
    let one: &[f64] = &[1.0];
    let p = |name, residuals, start: &[f64], minima, factors| Problem {
        name,
        residuals,
        start: start.to_vec(),
        minima,
        factors,
    };
    let grid = |n: usize| {
        (1..=n)
            .map(|j| j as f64 / (n as f64 + 1.0))
            .collect::<Vec<_>>()
    };
    let osborne = [1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5];
    vec![
        p("Rosenbrock", rosenbrock, &[-1.2, 1.0], &[0.0], far),
        p(
            "Freudenstein and Roth",
            freudenstein_roth,
            &[0.5, -2.0],
            &[0.0, 48.9842],
            far,
        ),
        p(
            "Powell badly scaled",
            powell_badly_scaled,
            &[0.0, 1.0],
            &[0.0],
            one,
        ),
        p(
            "Brown badly scaled",
            brown_badly_scaled,
            &[1.0, 1.0],
            &[0.0],
            far,
        ),
        p("Beale", beale, &[1.0, 1.0], &[0.0], one),
        p(
            "Jennrich and Sampson",
            jennrich_sampson,
            &[0.3, 0.4],
            &[124.362],
            one,
        ),
        p(
            "helical valley",
            helical_valley,
            &[-1.0, 0.0, 0.0],
            &[0.0],
            far,
        ),
        p("Bard", bard, &[1.0, 1.0, 1.0], &[8.21487e-3, 17.4287], far),
        p("Gaussian", gaussian, &[0.4, 1.0, 0.0], &[1.12793e-8], one),
        p("Meyer", meyer, &[0.02, 4000.0, 250.0], &[87.9458], one),
        p(
            "Box three-dimensional",
            box_3d,
            &[0.0, 10.0, 20.0],
            &[0.0],
            one,
        ),
        p(
            "Powell singular",
            powell_singular,
            &[3.0, -1.0, 0.0, 1.0],
            &[0.0],
            far,
        ),
        p("Wood", wood, &[-3.0, -1.0, -3.0, -1.0], &[0.0], near),
        p(
            "Kowalik and Osborne",
            kowalik_osborne,
            &[0.25, 0.39, 0.415, 0.39],
            &[3.07505e-4, 1.02734e-3],
            near,
        ),
        p(
            "Brown and Dennis",
            brown_dennis,
            &[25.0, 5.0, -5.0, -1.0],
            &[85822.2],
            near,
        ),
        p(
            "Osborne 1",
            osborne_1,
            &[0.5, 1.5, -1.0, 0.01, 0.02],
            &[5.46489e-5],
            one,
        ),
        p(
            "Biggs EXP6",
            biggs_exp6,
            &[1.0, 2.0, 1.0, 1.0, 1.0, 1.0],
            &[0.0, 5.65565e-3],
            one,
        ),
        p("Osborne 2", osborne_2, &osborne, &[4.01377e-2], one),
        p("Watson 6", watson, &[0.0; 6], &[2.28767e-3], one),
        p("Watson 9", watson, &[0.0; 9], &[1.39976e-6], one),
        p("Watson 12", watson, &[0.0; 12], &[4.72238e-10], one),
        p("Chebyquad 7", chebyquad, &grid(7), &[0.0], one),
        p("Chebyquad 8", chebyquad, &grid(8), &[3.51687e-3], one),
        p("Chebyquad 9", chebyquad, &grid(9), &[0.0], one),
        p(
            "Chebyquad 10",
            chebyquad,
            &grid(10),
            &[6.50395e-3, 4.77271e-3],
            one,
        ),
        p(
            "Brown almost-linear",
            brown_almost_linear,
            &[0.5; 10],
            &[0.0, 1.0],
            near,
        ),
        p(
            "linear, full rank",
            linear_full_rank,
            &[1.0; 5],
            &[5.0],
            far,
        ),
        // m (m - 1) / (2 (2 m + 1)) and (m^2 + 3 m - 6) / (2 (2 m - 3)).
        p(
            "linear, rank 1",
            linear_rank_1,
            &[1.0; 5],
            &[90.0 / 42.0],
            far,
        ),
        p(
            "linear, rank 1, zeros",
            linear_rank_1_zeros,
            &[1.0; 5],
            &[124.0 / 34.0],
            far,
        ),
    ]
}

fn solve(problem: &Problem, factor: f64, analytic: bool) -> LeastSquares {
    let options = LeastSquaresOptions {
        ftol: 1e-12,
        xtol: 1e-12,
        gtol: 1e-14,
        max_nfev: Some(20_000),
        ..Default::default()
    };
    let x0: Array1<f64> = problem.start.iter().map(|x| factor * x).collect();
    let m = (problem.residuals)(&duals(&problem.start, None)).len();
    let f = |x: &[f64], r: &mut [f64]| {
        for (r, value) in r.iter_mut().zip((problem.residuals)(&duals(x, None))) {
            *r = value.value;
        }
    };
    let jac = |x: &[f64], mut jac: ArrayViewMut2<'_, f64>| {
        for (j, mut column) in jac.columns_mut().into_iter().enumerate() {
            for (a, value) in column
                .iter_mut()
                .zip((problem.residuals)(&duals(x, Some(j))))
            {
                *a = value.slope;
            }
        }
    };
    if analytic {
        least_squares_jac(f, jac, m, &x0, &options).unwrap()
    } else {
        least_squares(f, m, &x0, &options).unwrap()
    }
}

/// Whether the sum of squares is at a minimum of the paper, or below 1e-20, far under what any
/// other stationary point has.
fn at_a_minimum(problem: &Problem, squares: f64, relative: f64) -> bool {
    problem.minima.iter().any(|&minimum| {
        let tolerance = if minimum == 0.0 {
            1e-20
        } else {
            relative * minimum
        };
        (squares - minimum).abs() <= tolerance
    })
}

#[test]
fn published_minima_are_found() {
    for problem in problems() {
        for &factor in problem.factors {
            let result = solve(&problem, factor, true);
            let squares = 2.0 * result.cost;
            // The paper gives six digits.
            let good = at_a_minimum(&problem, squares, 5e-6);
            assert!(good, "{} x {factor}: {squares:e}", problem.name);
            assert!(result.status.converged(), "{}", problem.name);
        }
    }
}

#[test]
fn published_minima_are_found_by_differences() {
    for problem in problems() {
        let squares = 2.0 * solve(&problem, 1.0, false).cost;
        // Differences are off by 1e-8, and the condition of Watson's Jacobian of order 12 is 1e8.
        let good = at_a_minimum(&problem, squares, 1e-3);
        assert!(good, "{}: {squares:e}", problem.name);
    }
}

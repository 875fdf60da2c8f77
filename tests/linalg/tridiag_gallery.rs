//! Matrices of Higham's gallery (*Accuracy and Stability of Numerical Algorithms*, 2nd ed., SIAM
//! 2002, appendix A, and his Test Matrix Toolbox).

use ferrotran::Error;
use ferrotran::linalg::{Pivoting, solve_tridiagonal, solve_tridiagonal_into};
use ndarray::Array1;

use crate::tridiag::backward_error;

/// Diagonals `dl`, `d`, `du`.
type Matrix = [Array1<f64>; 3];

/// The inverse of the Kac-Murdock-Szego matrix, whose elements are rho^|i - j|.
fn kms_inverse(n: usize, rho: f64) -> Matrix {
    let scale = 1.0 / (1.0 - rho * rho);
    let inner = |i| {
        if i == 0 || i == n - 1 {
            scale
        } else {
            scale * (1.0 + rho * rho)
        }
    };
    let off = Array1::from_elem(n - 1, -rho * scale);
    [off.clone(), Array1::from_shape_fn(n, inner), off]
}

/// Real, sensitive eigenvalues.
fn lesp(n: usize) -> Matrix {
    [
        Array1::from_shape_fn(n - 1, |i| 1.0 / (i as f64 + 2.0)),
        Array1::from_shape_fn(n, |i| -(2.0 * i as f64 + 5.0)),
        Array1::from_shape_fn(n - 1, |i| i as f64 + 2.0),
    ]
}

/// Zero diagonal: nothing can be eliminated without pivoting. Singular for odd n.
fn clement(n: usize) -> Matrix {
    [
        Array1::from_shape_fn(n - 1, |i| (n - 1 - i) as f64),
        Array1::zeros(n),
        Array1::from_shape_fn(n - 1, |i| (i + 1) as f64),
    ]
}

/// Row diagonally dominant and ill conditioned: a singular perturbation problem.
fn dorr(n: usize, theta: f64) -> Matrix {
    let h = 1.0 / (n + 1) as f64;
    let term = theta / (h * h);
    let drift = |i: usize| (0.5 - (i + 1) as f64 * h) / h;
    let upper = n.div_ceil(2);
    let dl = |i: usize| if i < upper { -term } else { -term + drift(i) };
    let du = |i: usize| if i < upper { -term - drift(i) } else { -term };
    [
        Array1::from_shape_fn(n - 1, |i| dl(i + 1)),
        Array1::from_shape_fn(n, |i| -(dl(i) + du(i))),
        Array1::from_shape_fn(n - 1, du),
    ]
}

#[test]
fn columns_of_the_kms_matrix_come_back() {
    for n in [2, 5, 64, 333] {
        let [dl, d, du] = kms_inverse(n, 0.5);
        for column in [0, n / 2, n - 1] {
            let mut b = Array1::zeros(n);
            b[column] = 1.0;
            for pivoting in [Pivoting::Partial, Pivoting::None] {
                let mut x = Array1::zeros(n);
                solve_tridiagonal_into(&dl, &d, &du, &b, pivoting, &mut x).unwrap();
                // Backward error 4 n eps, condition ((1 + rho) / (1 - rho))^2 = 9.
                let tolerance = 4.0 * n as f64 * f64::EPSILON * 9.0;
                for (i, x) in x.iter().enumerate() {
                    let exact = 0.5_f64.powi(i.abs_diff(column) as i32);
                    assert!(
                        (x - exact).abs() <= tolerance,
                        "n = {n}, row {i}: {x}, {exact}"
                    );
                }
            }
        }
    }
}

#[test]
fn residual_is_small_for_the_gallery() {
    for n in [2, 6, 50, 200] {
        let b = Array1::from_shape_fn(n, |i| (i as f64).cos());
        for matrix in [kms_inverse(n, 0.9), lesp(n), clement(n), dorr(n, 0.01)] {
            let [dl, d, du] = &matrix;
            let x = solve_tridiagonal(dl, d, du, &b).unwrap();
            assert!(backward_error([dl, d, du, &b], &x) <= 4.0);
        }
        let [dl, d, du] = &dorr(n, 0.01);
        let mut x = Array1::zeros(n);
        solve_tridiagonal_into(dl, d, du, &b, Pivoting::None, &mut x).unwrap();
        assert!(backward_error([dl, d, du, &b], &x) <= 4.0);
    }
}

#[test]
fn odd_clement_matrices_are_singular_in_the_last_row() {
    for n in [1, 3, 51] {
        let [dl, d, du] = clement(n);
        let singular = solve_tridiagonal(&dl, &d, &du, &Array1::ones(n));
        assert_eq!(singular, Err(Error::Singular { row: n - 1 }));
    }
}

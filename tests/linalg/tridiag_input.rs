//! Unusual and wrong input of the tridiagonal solvers.

use ferrotran::linalg::{
    Pivoting, SingularSystem, par_solve_tridiagonal_batch, par_solve_tridiagonal_batch_into,
    solve_tridiagonal, solve_tridiagonal_into,
};
use ferrotran::{Error, Real};
use ndarray::{Array1, Array2, array};

use crate::tridiag::{Batch, in_batch, random};

#[test]
fn empty_batches_and_systems_are_solved() {
    for (batch, n) in [(0, 0), (0, 1), (0, 5), (1, 0), (20, 0)] {
        let [dl, d, du, b] = random::<f64>(batch, n, 0.0, 8);
        let solved = par_solve_tridiagonal_batch(&dl, &d, &du, &b).unwrap();
        assert_eq!(solved.x.dim(), (batch, n));
        assert!(solved.singular.is_empty());
    }
    let none = Array1::<f32>::zeros(0);
    assert_eq!(
        solve_tridiagonal(&none, &none, &none, &none),
        Ok(none.clone())
    );
}

/// Makes column `at` of one system zero on and below the diagonal, and what is above it after
/// elimination: its pivot is exactly zero, and no earlier one.
fn spoil<T: Real>([dl, d, du, _]: &mut Batch<T>, system: usize, at: usize) {
    d[[system, at]] = T::zero();
    if at < dl.ncols() {
        dl[[system, at]] = T::zero();
    }
    if at > 0 {
        du[[system, at - 1]] = T::zero();
        dl[[system, at - 1]] = T::zero();
    }
}

fn singular_systems_leave_the_others_alone<T: Real>(pivoting: Pivoting) {
    for (batch, n) in [(1, 1), (1, 9), (3, 20), (16, 1), (16, 20), (40, 33)] {
        let good = random::<T>(batch, n, 3.0, 9);
        let expected = in_batch(&good, pivoting);
        for row in 0..n {
            let system = (7 * row) % batch;
            let mut bad = good.clone();
            spoil(&mut bad, system, row);
            let [dl, d, du, b] = &bad;
            let mut x = Array2::zeros((batch, n));
            let singular =
                par_solve_tridiagonal_batch_into(dl, d, du, b, pivoting, &mut x).unwrap();
            assert_eq!(singular, [SingularSystem { system, row }]);
            for k in 0..batch {
                if k == system {
                    assert!(x.row(k).iter().all(|x| x.is_nan()));
                } else {
                    assert_eq!(x.row(k), expected.row(k));
                }
            }
            let [dl, d, du, b] = [dl, d, du, b].map(|a| a.row(system));
            let mut x = Array1::zeros(n);
            let one = solve_tridiagonal_into(&dl, &d, &du, &b, pivoting, &mut x);
            assert_eq!(one, Err(Error::Singular { row }));
            assert!(x.iter().all(|x| x.is_nan()));
        }
    }
}

#[test]
fn a_singular_system_leaves_the_others_alone() {
    singular_systems_leave_the_others_alone::<f64>(Pivoting::Partial);
    singular_systems_leave_the_others_alone::<f64>(Pivoting::None);
    singular_systems_leave_the_others_alone::<f32>(Pivoting::Partial);
    singular_systems_leave_the_others_alone::<f32>(Pivoting::None);
}

#[test]
fn nan_and_infinity_stay_in_their_system() {
    let good = random::<f64>(40, 20, 3.0, 10);
    for pivoting in [Pivoting::Partial, Pivoting::None] {
        let expected = in_batch(&good, pivoting);
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for operand in 0..4 {
                let mut systems = good.clone();
                systems[operand][[17, 10]] = bad;
                let [dl, d, du, b] = &systems;
                let mut x = Array2::zeros((40, 20));
                let singular =
                    par_solve_tridiagonal_batch_into(dl, d, du, b, pivoting, &mut x).unwrap();
                assert!(singular.is_empty());
                // An infinite pivot is larger than all: its unknown is 0, as in the limit.
                if bad.is_nan() {
                    assert!(x.row(17).iter().any(|x| x.is_nan()));
                }
                for k in (0..40).filter(|&k| k != 17) {
                    assert_eq!(x.row(k), expected.row(k));
                }
            }
        }
    }
}

#[test]
fn subnormal_pivots_are_not_lost() {
    let tiny = f64::MIN_POSITIVE / 1024.0;
    let x = solve_tridiagonal(
        &array![tiny, 0.0],
        &array![4.0 * tiny, 4.0 * tiny, 4.0 * tiny],
        &array![0.0, tiny],
        &array![4.0 * tiny, 6.0 * tiny, 4.0 * tiny],
    );
    assert_eq!(x, Ok(array![1.0, 1.0, 1.0]));
}

#[test]
fn a_wrong_length_names_the_argument() {
    let [two, three] = [2, 3].map(Array1::<f64>::ones);
    let error = |argument, expected, found| {
        Err(Error::Length {
            argument,
            expected,
            found,
        })
    };
    assert_eq!(
        solve_tridiagonal(&three, &three, &two, &three),
        error("dl", 2, 3)
    );
    assert_eq!(
        solve_tridiagonal(&two, &three, &three, &three),
        error("du", 2, 3)
    );
    assert_eq!(
        solve_tridiagonal(&two, &three, &two, &two),
        error("b", 3, 2)
    );
    let mut x = Array1::zeros(2);
    assert_eq!(
        solve_tridiagonal_into(&two, &three, &two, &three, Pivoting::None, &mut x)
            .unwrap_err()
            .to_string(),
        "`x` has length 2, expected 3"
    );
}

#[test]
fn a_wrong_shape_names_the_argument() {
    let [d, wide, tall] = [(4, 3), (4, 4), (5, 3)].map(Array2::<f64>::ones);
    let off = Array2::ones((4, 2));
    for (argument, [dl, b]) in [("dl", [&d, &d]), ("b", [&off, &wide]), ("b", [&off, &tall])] {
        match par_solve_tridiagonal_batch(dl, &d, &off, b) {
            Err(Error::Shape {
                argument: found, ..
            }) => assert_eq!(found, argument),
            other => panic!("{other:?}"),
        }
    }
    let message = par_solve_tridiagonal_batch(&off, &d, &off, &tall)
        .unwrap_err()
        .to_string();
    assert_eq!(message, "`b` has shape [5, 3], expected [4, 3]");
}

//! A batch of tridiagonal systems, a quadrature, erf, and an error, from Rust: the crate itself.

use ferrotran::integrate::quad;
use ferrotran::linalg::solve_tridiagonal_batch;
use ferrotran::special::erf_array;
use ferrotran::stencil::{Heat2d, heat2d};
use ndarray::{Array2, array};

fn print_row<'a>(x: impl IntoIterator<Item = &'a f64>) {
    for v in x {
        print!("{v:22.17}");
    }
    println!();
}

fn main() -> ferrotran::Result<()> {
    let (batch, n) = (3, 4);
    let off = Array2::from_elem((batch, n - 1), -1.0);
    let d = Array2::from_shape_fn((batch, n), |(k, _)| 2.0 + k as f64);
    let b = Array2::from_shape_fn((batch, n), |(_, i)| 1.0 + i as f64);
    let solved = solve_tridiagonal_batch(&off, &d, &off, &b)?;
    assert!(solved.singular.is_empty());
    println!("tridiagonal systems");
    solved.x.outer_iter().for_each(print_row);

    let c = 2.0;
    let area = quad(|x| c / ((1.0 + x) * x.sqrt()), 0.0, f64::INFINITY)?.converged()?;
    println!(
        "quadrature\n{:22.17}, {} evaluations",
        area.value, area.evaluations
    );

    println!("erf");
    print_row(&erf_array(&array![0.5, 1.0, 1.5, 2.0, 2.5]));

    // A step that is too long; D and the spacing of the grid are 1.
    let u = Array2::<f64>::zeros((n, n));
    let error = heat2d(&u, &Heat2d::new(1.0, 0.5, 1)).expect_err("0.5 is above 1/4");
    println!("error: {error}");
    Ok(())
}

//! `cargo bench -p ferrotran-benches --bench tridiag`: the Fortran kernels against plain Rust, in
//! one process.
//!
//! 10^4 systems, n = 100, f64, diagonal 4 + U(0, 1), other entries U(-1, 1). Answers are compared
//! first; then rounds call each in turn. Printed: the median time of a system, and the median and
//! quartiles of the ratio to plain Rust within a round, above 1 where the Fortran is faster.

#![allow(clippy::print_stdout)]

use std::time::Instant;

use ferrotran::linalg::{Pivoting, par_solve_tridiagonal_batch_into, solve_tridiagonal_batch_into};
use ferrotran_benches::quartiles;
use ndarray::{Array2, ArrayViewMut1};
use rayon::prelude::*;

#[path = "../tests/linalg/plain.rs"]
mod plain;

const BATCH: usize = 10_000;
const N: usize = 100;
const ROUNDS: usize = 25;

/// `dl`, `d`, `du`, `b`.
type Batch = [Array2<f64>; 4];

/// Entries by a linear congruential generator.
fn systems() -> Batch {
    let mut state = 2_u64;
    let mut next = |low: f64, width: f64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        low + width * (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    [
        (N - 1, -1.0, 2.0),
        (N, 4.0, 1.0),
        (N - 1, -1.0, 2.0),
        (N, -1.0, 2.0),
    ]
    .map(|(columns, low, width)| {
        Array2::from_shape_simple_fn((BATCH, columns), || next(low, width))
    })
}

/// System `k` in plain Rust, on copies of its diagonals.
fn plain_row([dl, d, du, b]: &Batch, k: usize, mut x: ArrayViewMut1<'_, f64>) {
    let [mut dl, mut d, mut du] = [dl, d, du].map(|a| a.row(k).to_vec());
    x.assign(&b.row(k));
    let x = x
        .as_slice_mut()
        .expect("a row of a new array is contiguous");
    plain::solve(&mut dl, &mut d, &mut du, x).expect("dominant matrices are not singular");
}

fn plain(systems: &Batch, x: &mut Array2<f64>) {
    let rows = x.rows_mut().into_iter().enumerate();
    rows.for_each(|(k, x)| plain_row(systems, k, x));
}

fn par_plain(systems: &Batch, x: &mut Array2<f64>) {
    let rows: Vec<_> = x.rows_mut().into_iter().enumerate().collect();
    let rows = rows.into_par_iter().with_min_len(64);
    rows.for_each(|(k, x)| plain_row(systems, k, x));
}

fn ours(systems: &Batch, x: &mut Array2<f64>, pivoting: Pivoting, parallel: bool) {
    let [dl, d, du, b] = systems;
    let solve = match parallel {
        true => par_solve_tridiagonal_batch_into,
        false => solve_tridiagonal_batch_into,
    };
    let singular = solve(dl, d, du, b, pivoting, x).expect("the shapes fit together");
    assert!(singular.is_empty(), "dominant matrices are not singular");
}

fn main() {
    type Call = fn(&Batch, &mut Array2<f64>);
    let calls: [(&str, Call); 6] = [
        ("plain Rust", plain),
        ("Fortran", |s, x| ours(s, x, Pivoting::Partial, false)),
        ("Fortran, no pivoting", |s, x| {
            ours(s, x, Pivoting::None, false)
        }),
        ("plain Rust, rayon", par_plain),
        ("Fortran, rayon", |s, x| ours(s, x, Pivoting::Partial, true)),
        ("Fortran, no pivoting, rayon", |s, x| {
            ours(s, x, Pivoting::None, true)
        }),
    ];
    let systems = systems();
    let mut x = Array2::zeros((BATCH, N));
    plain(&systems, &mut x);
    let reference = x.clone();
    for (who, call) in calls {
        call(&systems, &mut x);
        // Backward error 4 n eps in each, condition at most (5 + 2) / (4 - 2).
        let difference = (&x - &reference).fold(0.0, |m: f64, e| m.max(e.abs()));
        assert!(
            difference <= 8.0 * N as f64 * f64::EPSILON * 3.5,
            "{who}: {difference:e}"
        );
    }
    let mut times = [const { Vec::new() }; 6];
    for _ in 0..ROUNDS {
        for ((_, call), times) in calls.iter().zip(&mut times) {
            let start = Instant::now();
            call(&systems, &mut x);
            times.push(start.elapsed().as_secs_f64() * 1e9 / BATCH as f64);
        }
    }
    for (k, (who, _)) in calls.iter().enumerate() {
        let [_, median, _] = quartiles(times[k].clone());
        let plain = &times[k / 3 * 3];
        let ratios = plain
            .iter()
            .zip(&times[k])
            .map(|(plain, ours)| plain / ours);
        let [low, ratio, high] = quartiles(ratios.collect());
        println!("{who:<28} {median:>6.0} ns/system   ratio {ratio:>5.2} ({low:.2} to {high:.2})");
    }
}

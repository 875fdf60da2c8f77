//! Answers of the tridiagonal solvers, in every layout.

use ferrotran::Real;
use ferrotran::linalg::{
    Pivoting, par_solve_tridiagonal_batch, par_solve_tridiagonal_batch_into, solve_tridiagonal,
    solve_tridiagonal_into,
};
use ndarray::{Array1, Array2, ArrayRef1, ShapeBuilder, s};
use proptest::prelude::*;

use crate::plain;

/// A batch: `dl`, `d`, `du`, `b`.
pub(crate) type Batch<T> = [Array2<T>; 4];

/// Entries uniform in [-1, 1) by splitmix64, `shift` added to the diagonal.
pub(crate) fn random<T: Real>(batch: usize, n: usize, shift: f64, mut seed: u64) -> Batch<T> {
    let mut next = || {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    let off = n.saturating_sub(1);
    [(off, 0.0), (n, shift), (off, 0.0), (n, 0.0)].map(|(columns, shift)| {
        Array2::from_shape_simple_fn((batch, columns), || T::from(next() + shift).unwrap())
    })
}

/// Normwise backward error of `x`, in units of n times the rounding unit of `T`.
///
/// Elimination keeps it below 4: every element of L, U and of the three vectors takes part in at
/// most two roundings a row, and with partial pivoting U grows by at most 2 (Higham, *Accuracy
/// and Stability*, 2nd ed., theorems 9.3 and 9.11; without pivoting, dominance bounds |L||U| by
/// 3 |A|, theorem 9.12). Evaluating it here adds less than 3 roundings of f64.
pub(crate) fn backward_error<T: Real>([dl, d, du, b]: [&ArrayRef1<T>; 4], x: &ArrayRef1<T>) -> f64 {
    let n = d.len();
    let at = |a: &ArrayRef1<T>, i: usize| a[i].to_f64().unwrap();
    let (mut residual, mut norm_a, mut norm_x, mut norm_b) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    for i in 0..n {
        let mut r = (-at(d, i)).mul_add(at(x, i), at(b, i));
        let mut row = at(d, i).abs();
        if i > 0 {
            r = (-at(dl, i - 1)).mul_add(at(x, i - 1), r);
            row += at(dl, i - 1).abs();
        }
        if i + 1 < n {
            r = (-at(du, i)).mul_add(at(x, i + 1), r);
            row += at(du, i).abs();
        }
        residual = residual.max(r.abs());
        norm_a = norm_a.max(row);
        norm_x = norm_x.max(at(x, i).abs());
        norm_b = norm_b.max(at(b, i).abs());
        assert!(!r.is_nan(), "NaN in row {i}");
    }
    residual / ((norm_a * norm_x + norm_b) * n as f64 * T::epsilon().to_f64().unwrap())
}

/// Solves each system of a batch alone.
fn one_by_one<T: Real>([dl, d, du, b]: &Batch<T>, pivoting: Pivoting) -> Array2<T> {
    let mut x = Array2::zeros(d.dim());
    for (k, mut row) in x.rows_mut().into_iter().enumerate() {
        let [dl, d, du, b] = [dl, d, du, b].map(|a| a.row(k));
        let _ = solve_tridiagonal_into(&dl, &d, &du, &b, pivoting, &mut row);
    }
    x
}

pub(crate) fn in_batch<T: Real>([dl, d, du, b]: &Batch<T>, pivoting: Pivoting) -> Array2<T> {
    let mut x = Array2::zeros(d.dim());
    par_solve_tridiagonal_batch_into(dl, d, du, b, pivoting, &mut x).unwrap();
    x
}

proptest! {
    #[test]
    fn residual_is_small_for_any_matrix(n in 1_usize..90, batch in 1_usize..40, seed: u64) {
        let [dl, d, du, b] = random::<f64>(batch, n, 0.0, seed);
        let solved = par_solve_tridiagonal_batch(&dl, &d, &du, &b).unwrap();
        for k in 0..batch {
            let system = [&*dl.row(k), &*d.row(k), &*du.row(k), &*b.row(k)];
            prop_assert!(backward_error(system, &solved.x.row(k)) <= 4.0);
        }
    }

    #[test]
    fn residual_is_small_in_single_precision(n in 1_usize..90, batch in 1_usize..70, seed: u64) {
        let [dl, d, du, b] = random::<f32>(batch, n, 0.0, seed);
        let solved = par_solve_tridiagonal_batch(&dl, &d, &du, &b).unwrap();
        for k in 0..batch {
            let system = [&*dl.row(k), &*d.row(k), &*du.row(k), &*b.row(k)];
            prop_assert!(backward_error(system, &solved.x.row(k)) <= 4.0);
        }
    }

    #[test]
    fn residual_is_small_without_pivoting_if_dominant(n in 1_usize..90, seed: u64) {
        let system = random::<f64>(20, n, 3.5, seed);
        let x = in_batch(&system, Pivoting::None);
        for k in 0..20 {
            let system = system.each_ref().map(|a| a.row(k));
            prop_assert!(backward_error(system.each_ref().map(|a| &**a), &x.row(k)) <= 4.0);
        }
    }
}

fn batch_equals_one_by_one<T: Real>() {
    for batch in [1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 70] {
        for n in [1, 2, 3, 7, 8, 9, 15, 16, 17, 18, 33, 100] {
            let systems = random::<T>(batch, n, 0.0, (batch * n) as u64);
            let pivoting = Pivoting::Partial;
            assert_eq!(in_batch(&systems, pivoting), one_by_one(&systems, pivoting));
            let systems = random::<T>(batch, n, 3.0, (batch * n) as u64);
            let pivoting = Pivoting::None;
            assert_eq!(in_batch(&systems, pivoting), one_by_one(&systems, pivoting));
        }
    }
}

#[test]
fn batch_equals_one_by_one_to_the_bit() {
    batch_equals_one_by_one::<f64>();
    batch_equals_one_by_one::<f32>();
}

#[test]
fn long_systems_equal_one_by_one_to_the_bit() {
    for n in [1000, 16384, 16385] {
        let systems = random::<f64>(5, n, 0.0, 1);
        assert_eq!(
            in_batch(&systems, Pivoting::Partial),
            one_by_one(&systems, Pivoting::Partial)
        );
    }
}

#[test]
fn agrees_with_plain_rust() {
    let systems = random::<f64>(50, 40, 4.0, 3);
    let x = in_batch(&systems, Pivoting::Partial);
    for k in 0..50 {
        let [mut dl, mut d, mut du, mut b] = systems.each_ref().map(|a| a.row(k).to_vec());
        plain::solve(&mut dl, &mut d, &mut du, &mut b).unwrap();
        // Backward error 4 n eps in each, condition at most (5 + 2) / (3 - 2).
        let tolerance = 2.0 * 4.0 * 40.0 * f64::EPSILON * 7.0;
        for (ours, plain) in x.row(k).iter().zip(&b) {
            assert!((ours - plain).abs() <= tolerance);
        }
    }
}

#[test]
fn same_bits_with_any_number_of_threads() {
    for pivoting in [Pivoting::Partial, Pivoting::None] {
        let systems = random::<f64>(3001, 50, 3.0, 4);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| in_batch(&systems, pivoting))
        };
        let one = with(1);
        assert_eq!(one, with(2));
        assert_eq!(one, with(5));
        assert_eq!(one, one_by_one(&systems, pivoting));
    }
}

#[test]
fn same_bits_with_any_instruction_set() {
    // FNV-1a over the bits; the tests run with each `FERROTRAN_ISA`, and on other processors.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for pivoting in [Pivoting::Partial, Pivoting::None] {
        for x in in_batch(&random::<f64>(37, 50, 3.0, 11), pivoting) {
            hash = (hash ^ x.to_bits()).wrapping_mul(0x0100_0000_01b3);
        }
    }
    assert_eq!(hash, 13_622_911_351_139_001_433);
}

/// The same elements in another memory layout.
fn relaid(a: &Array2<f64>, kind: usize) -> Array2<f64> {
    let (r, c) = a.dim();
    let mut new = match kind {
        0 => Array2::zeros((r, c)),
        1 => Array2::zeros((r, c).f()),
        2 => Array2::zeros((r, c)).slice_move(s![..;-1, ..;-1]),
        3 => Array2::from_elem((3 * r, 2 * c), f64::NAN).slice_move(s![..;3, ..;2]),
        4 => Array2::from_elem((r, c + 3), f64::NAN).slice_move(s![.., ..c]),
        _ => Array2::zeros((r, c).f()).slice_move(s![..;-1, ..]),
    };
    new.assign(a);
    new
}

#[test]
fn any_layout_gives_the_same_bits() {
    for (batch, n) in [(1, 20), (16, 1), (19, 2), (32, 20), (37, 50)] {
        let systems = random::<f64>(batch, n, 3.0, 5);
        for pivoting in [Pivoting::Partial, Pivoting::None] {
            let expected = in_batch(&systems, pivoting);
            for (of_dl, of_rest) in (0..6).flat_map(|i| (0..6).map(move |j| (i, j))) {
                let [dl, d, du, b] = systems.each_ref();
                let dl = relaid(dl, of_dl);
                let [d, du, b] = [d, du, b].map(|a| relaid(a, of_rest));
                let mut x = relaid(&Array2::zeros((batch, n)), of_dl);
                par_solve_tridiagonal_batch_into(&dl, &d, &du, &b, pivoting, &mut x).unwrap();
                assert_eq!(x, expected, "layouts {of_dl} and {of_rest}");
            }
        }
    }
}

#[test]
fn one_system_with_strides_gives_the_same_bits() {
    let [dl, d, du, b] = random::<f64>(1, 30, 0.0, 6).map(|a| a.row(0).to_owned());
    let expected = solve_tridiagonal(&dl, &d, &du, &b).unwrap();
    let reversed = |a: &Array1<f64>| {
        let mut new = Array1::zeros(2 * a.len()).slice_move(s![..;-2]);
        new.assign(a);
        new
    };
    let mut x = reversed(&b);
    let [dl, d, du, b] = [&dl, &d, &du, &b].map(reversed);
    solve_tridiagonal_into(&dl, &d, &du, &b, Pivoting::Partial, &mut x).unwrap();
    assert_eq!(x, expected);
}

#[test]
fn an_operand_with_one_row_serves_the_whole_batch() {
    let [dl, d, du, b] = random::<f64>(40, 30, 3.0, 7);
    for mask in 0..16 {
        let [dl, d, du, b] = [(&dl, 1), (&d, 2), (&du, 4), (&b, 8)].map(|(a, bit)| {
            let rows = if mask & bit == 0 { 40 } else { 1 };
            a.slice(s![..rows, ..]).to_owned()
        });
        let batch = if mask == 15 { 1 } else { 40 };
        let full = [&dl, &d, &du, &b].map(|a| a.broadcast((batch, a.ncols())).unwrap().to_owned());
        let solved = par_solve_tridiagonal_batch(&dl, &d, &du, &b).unwrap();
        assert_eq!(solved.x, in_batch(&full, Pivoting::Partial));
    }
}

//! The scheme of `heat2d` in plain Rust: whole steps, one after another, in one thread.

use ferrotran::Real;
use ferrotran::stencil::{Diffusivity, Edges, Heat2d, Mean};
use ndarray::{Array2, ArrayRef2};

/// What `heat2d` computes, to the last bit: the same expression for each cell.
pub(crate) fn plain_heat2d<T: Real>(u: &ArrayRef2<T>, o: &Heat2d<'_, T>) -> Array2<T> {
    let (m, n) = u.dim();
    let real = |x: f64| T::from(x).unwrap();
    let fixed = o.edges == Edges::Dirichlet;
    let periodic = o.edges == Edges::Periodic;
    let weight = |len: usize, h: f64| if len > 1 || fixed { o.dt / h / h } else { 0.0 };
    let (wx, wy) = (weight(n, o.dx), weight(m, o.dy));
    // The neighbour in a row of `len`; with an insulated side a cell is its own.
    let before = |i: usize, len: usize| match i {
        0 if periodic => len - 1,
        0 => 0,
        i => i - 1,
    };
    let after = |i: usize, len: usize| match i + 1 {
        next if next < len => next,
        _ if periodic => 0,
        _ => i,
    };
    let face = |w: f64, a: T, b: T| {
        let two = real(2.0);
        real(w)
            * match o.mean {
                Mean::Harmonic if a == T::zero() || b == T::zero() => T::zero(),
                Mean::Harmonic => two * a.min(b) * (a.max(b) / (a + b)),
                Mean::Arithmetic => (a + b) / two,
            }
    };
    let mut u = u.to_owned();
    for _ in 0..o.steps {
        let old = u.clone();
        for ((i, j), new) in u.indexed_iter_mut() {
            if fixed && (i == 0 || i == m - 1 || j == 0 || j == n - 1) {
                continue;
            }
            let (up, down) = (before(i, m), after(i, m));
            let (left, right) = (before(j, n), after(j, n));
            let here = old[[i, j]];
            let (up_value, down_value) = (old[[up, j]], old[[down, j]]);
            let (left_value, right_value) = (old[[i, left]], old[[i, right]]);
            *new = match o.diffusivity {
                Diffusivity::Constant(d) => {
                    let twice = here + here;
                    let x = real(d * wx) * ((left_value + right_value) - twice);
                    let y = real(d * wy) * ((up_value + down_value) - twice);
                    here + (x + y)
                }
                Diffusivity::PerCell(d) => {
                    let flux = |w: f64, other: usize, own: usize, a: T, b: T, high: T, low: T| {
                        if other == own {
                            T::zero()
                        } else {
                            face(w, a, b) * (high - low)
                        }
                    };
                    let k = d[[i, j]];
                    let x = flux(wx, right, j, k, d[[i, right]], right_value, here)
                        - flux(wx, left, j, d[[i, left]], k, here, left_value);
                    let y = flux(wy, down, i, k, d[[down, j]], down_value, here)
                        - flux(wy, up, i, d[[up, j]], k, here, up_value);
                    here + (x + y)
                }
            };
        }
    }
    u
}

/// Uniform numbers in [-1, 1) by splitmix64.
pub(crate) fn random<T: Real>(shape: (usize, usize), mut seed: u64) -> Array2<T> {
    Array2::from_shape_simple_fn(shape, || {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        T::from(((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0).unwrap()
    })
}

/// Whether two grids have the same bits; any NaN is like any other.
pub(crate) fn same<T: Real>(a: &ArrayRef2<T>, b: &ArrayRef2<T>) -> bool {
    a.dim() == b.dim()
        && a.iter().zip(b).all(|(x, y)| {
            x == y && x.is_sign_negative() == y.is_sign_negative() || x.is_nan() && y.is_nan()
        })
}

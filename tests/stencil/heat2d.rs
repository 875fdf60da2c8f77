//! What `heat2d` computes: exact modes, order, conservation, maximum principle, bad options.

use std::f64::consts::PI;

use ferrotran::stencil::{
    Diffusivity, Edges, Heat2d, Language, Mean, heat2d, par_heat2d, par_heat2d_in_place,
};
use ferrotran::{Error, Real};
use ndarray::{Array2, array, s};
use proptest::prelude::*;

use crate::plain::{plain_heat2d, random, same};

/// Bound on the difference after `steps` steps from values of size 1: a step is a mean with
/// weights that add up to 1, so it enlarges no error, and adds less than 4 roundings of its own
/// (of the factors, products and sums, each of a number below 2 in size).
fn rounding(steps: usize) -> f64 {
    8.0 * f64::EPSILON * (steps + 1) as f64
}

fn largest(a: &Array2<f64>) -> f64 {
    a.fold(0.0, |m, x| m.max(x.abs()))
}

#[test]
fn separable_modes_decay_by_their_exact_discrete_factor() {
    let (m, n, steps) = (41, 67, 300);
    let base = Heat2d {
        dx: 0.5,
        dy: 0.8,
        ..Heat2d::new(0.3, 0.2, steps)
    };
    // A mode is the product of one function per axis that the second difference multiplies by
    // -4 sin²(w / 2), where w is its phase from cell to cell.
    for (edges, k, l) in [
        (Edges::Dirichlet, 3.0, 2.0),
        (Edges::Neumann, 2.0, 5.0),
        (Edges::Periodic, 3.0, 4.0),
    ] {
        let options = Heat2d { edges, ..base };
        let phase = |k: f64, len: usize| match edges {
            Edges::Dirichlet => PI * k / (len - 1) as f64,
            Edges::Neumann => PI * k / len as f64,
            Edges::Periodic => 2.0 * PI * k / len as f64,
        };
        let (wx, wy) = (phase(k, n), phase(l, m));
        let value = |w: f64, i: usize| match edges {
            Edges::Dirichlet => (w * i as f64).sin(),
            Edges::Neumann => (w * (i as f64 + 0.5)).cos(),
            Edges::Periodic => (w * i as f64 + 0.3).sin(),
        };
        let mut u = Array2::from_shape_fn((m, n), |(i, j)| value(wy, i) * value(wx, j));
        if edges == Edges::Dirichlet {
            // sin(pi k) is not quite 0 in floating point, and the rim keeps what it has.
            u.slice_mut(s![.., -1]).fill(0.0);
            u.slice_mut(s![-1, ..]).fill(0.0);
        }
        let rate = |w: f64, h: f64| 4.0 * (w / 2.0).sin().powi(2) * 0.3 * 0.2 / (h * h);
        let decay = (1.0 - rate(wx, 0.5) - rate(wy, 0.8)).powi(steps as i32);
        let difference = largest(&(heat2d(&u, &options).unwrap() - &u * decay));
        assert!(difference <= rounding(steps), "{edges:?}: {difference:e}");
    }
}

/// The error for a mode of the continuous equation on the unit square, at t = 0.05.
fn mode_error(cells: usize, cells_d: bool) -> f64 {
    let h = 1.0 / cells as f64;
    let steps = cells * cells / 5;
    let d = Array2::from_elem((cells + 1, cells + 1), 1.0);
    let constant = Heat2d::new(1.0, 0.05 / steps as f64, steps);
    let options = Heat2d {
        dx: h,
        dy: h,
        diffusivity: if cells_d {
            (&d).into()
        } else {
            constant.diffusivity
        },
        ..constant
    };
    let u = Array2::from_shape_fn((cells + 1, cells + 1), |(i, j)| {
        (PI * i as f64 * h).sin() * (2.0 * PI * j as f64 * h).sin()
    });
    let exact = &u * (-5.0 * PI * PI * 0.05_f64).exp();
    largest(&(heat2d(&u, &options).unwrap() - exact))
}

#[test]
fn the_error_falls_with_the_square_of_the_spacing() {
    // dt is proportional to the square of the spacing, so first order in dt is second in h. The
    // next term of the error is of fourth order: at 40 cells it changes the ratio 4 by 1 %.
    for cells_d in [false, true] {
        let ratio = mode_error(20, cells_d) / mode_error(40, cells_d);
        assert!((ratio - 4.0).abs() < 0.1, "{ratio}");
    }
}

#[test]
fn a_jump_of_the_diffusivity_keeps_the_exact_steady_flux_with_harmonic_means() {
    // Cells 0..6 of diffusivity 1, 6..12 of 10, held at 0 and 1: the flux is the same through
    // every face, so the differences of neighbours are as 1 to 0.55 (at the jump) to 0.1.
    let mut d = Array2::from_elem((3, 12), 1.0);
    d.slice_mut(s![.., 6..]).fill(10.0);
    let steady: Vec<f64> = (0..12)
        .scan(0.0, |x, j| {
            *x += match j {
                0 => 0.0,
                1..=5 => 1.0,
                6 => 0.55,
                _ => 0.1,
            };
            Some(*x)
        })
        .collect();
    let u = Array2::from_shape_fn((3, 12), |(_, j)| steady[j] / steady[11]);
    let v = heat2d(&u, &Heat2d::new(&d, 0.02, 1000)).unwrap();
    assert!(largest(&(v - u)) <= rounding(1000));
}

#[test]
fn a_point_follows_hand_computed_steps() {
    let mut u = Array2::zeros((5, 5));
    u[[2, 2]] = 1.0;
    let v = heat2d(&u, &Heat2d::new(0.25, 1.0, 2)).unwrap();
    let expected = array![
        [0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.125, 0.0, 0.125, 0.0],
        [0.0, 0.0, 0.25, 0.0, 0.0],
        [0.0, 0.125, 0.0, 0.125, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ];
    assert_eq!(v, expected);
}

fn edges() -> impl Strategy<Value = Edges> {
    prop::sample::select(&Edges::ALL)
}

/// Whether both kernels give the bits of the plain version.
fn both_languages_agree<T: Real>(u: &Array2<T>, options: Heat2d<'_, T>) -> bool {
    let expected = plain_heat2d(u, &options);
    [Language::Fortran, Language::C]
        .into_iter()
        .all(|language| {
            let v = heat2d(
                u,
                &Heat2d {
                    language,
                    ..options
                },
            );
            same(&v.unwrap(), &expected)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_kernel_and_tiling_gives_the_bits_of_the_plain_version(
        m in 0_usize..90, n in 0_usize..90, steps in 0_usize..45, edges in edges(),
        per_cell: bool, arithmetic: bool, seed: u64, dx in 0.5..2.0, dy in 0.5..2.0,
    ) {
        let u: Array2<f64> = random((m, n), seed);
        let cells = random((m, n), !seed).mapv(|x: f64| (x + 0.8).max(0.0));
        let diffusivity = if per_cell { (&cells).into() } else { Diffusivity::Constant(0.9) };
        let mean = if arithmetic { Mean::Arithmetic } else { Mean::Harmonic };
        let mut o = Heat2d { dx, dy, edges, mean, diffusivity, ..Heat2d::new(0.0, 0.0, steps) };
        o.dt = o.largest_dt((m, n)).unwrap().min(1.0);
        prop_assert!(both_languages_agree(&u, o));
    }

    #[test]
    fn single_precision_gives_the_bits_of_the_plain_version(
        m in 0_usize..60, n in 0_usize..60, steps in 0_usize..40, edges in edges(),
        per_cell: bool, seed: u64,
    ) {
        let u: Array2<f32> = random((m, n), seed);
        let cells = random((m, n), !seed).mapv(|x: f32| x + 1.0);
        let diffusivity = if per_cell { (&cells).into() } else { Diffusivity::Constant(1.3) };
        let o = Heat2d { edges, diffusivity, ..Heat2d::new(0.0, 0.125, steps) };
        prop_assert!(both_languages_agree(&u, o));
    }

    #[test]
    fn no_new_extremes_appear_up_to_the_largest_step(
        m in 1_usize..40, n in 1_usize..40, steps in 0_usize..60, edges in edges(),
        per_cell: bool, seed: u64,
    ) {
        let u: Array2<f64> = random((m, n), seed);
        let cells = random((m, n), !seed).mapv(|x: f64| x + 1.0);
        let diffusivity = if per_cell { (&cells).into() } else { Diffusivity::Constant(0.7) };
        let mut o = Heat2d { edges, diffusivity, ..Heat2d::new(0.0, 0.0, steps) };
        o.dt = o.largest_dt((m, n)).unwrap().min(100.0);
        let v = heat2d(&u, &o).unwrap();
        let bound = |a: &Array2<f64>| a.fold((1.0_f64, -1.0_f64), |(l, h), &x| (l.min(x), h.max(x)));
        let ((low, high), (new_low, new_high)) = (bound(&u), bound(&v));
        prop_assert!(new_low >= low - rounding(steps) && new_high <= high + rounding(steps));
    }

    #[test]
    fn insulated_and_periodic_grids_keep_their_sum(
        m in 1_usize..50, n in 1_usize..50, steps in 0_usize..100, periodic: bool,
        per_cell: bool, seed: u64,
    ) {
        let u: Array2<f64> = random((m, n), seed);
        let cells = random((m, n), !seed).mapv(|x: f64| x + 1.0);
        let edges = if periodic { Edges::Periodic } else { Edges::Neumann };
        let diffusivity = if per_cell { (&cells).into() } else { Diffusivity::Constant(1.0) };
        let v = heat2d(&u, &Heat2d { edges, diffusivity, ..Heat2d::new(0.0, 0.125, steps) }).unwrap();
        // Each cell is off by its own rounding at most; adding them up rounds once per cell more.
        let bound = rounding(steps + m * n) * (m * n) as f64;
        prop_assert!((v.sum() - u.sum()).abs() <= bound);
    }
}

#[test]
fn a_constant_grid_stays_as_it_is_to_the_last_bit() {
    let u = Array2::from_elem((50, 40), 0.1);
    for edges in Edges::ALL {
        let o = Heat2d {
            edges,
            ..Heat2d::new(0.3, 0.7, 77)
        };
        assert_eq!(heat2d(&u, &o).unwrap(), u);
    }
}

#[test]
fn nan_and_infinity_spread_by_one_cell_a_step() {
    for bad in [f64::NAN, f64::INFINITY] {
        let mut u: Array2<f64> = random((60, 70), 5);
        u[[30, 31]] = bad;
        for language in [Language::Fortran, Language::C] {
            let v = heat2d(
                &u,
                &Heat2d {
                    language,
                    ..Heat2d::new(0.2, 1.0, 9)
                },
            )
            .unwrap();
            for ((i, j), x) in v.indexed_iter() {
                let far = i.abs_diff(30) + j.abs_diff(31) > 9;
                assert!(!far || x.is_finite(), "{i} {j}");
            }
            assert!(!v[[30, 31]].is_finite());
        }
    }
}

#[test]
fn an_unstable_step_is_refused_with_the_largest_stable_one() {
    let mut u: Array2<f64> = random((20, 30), 1);
    let o = Heat2d {
        dx: 2.0,
        ..Heat2d::new(0.5, 0.9, 10)
    };
    let before = u.clone();
    let error = par_heat2d_in_place(&mut u, &o).unwrap_err();
    assert_eq!(
        error,
        Error::Unstable {
            found: 0.9,
            largest: 0.8
        }
    );
    assert_eq!(
        error.to_string(),
        "`dt` is 0.9, expected at most 0.8 for a stable step"
    );
    assert_eq!(u, before);
    assert!(heat2d(&u, &Heat2d { dt: 0.8, ..o }).is_ok());

    // For each cell: the cell with the most diffusive faces decides.
    let mut d = Array2::from_elem((20, 30), 0.5);
    d.slice_mut(s![9..12, 9..12]).fill(5.0);
    let o = Heat2d {
        dx: 2.0,
        dt: 0.9,
        diffusivity: (&d).into(),
        ..o
    };
    let Error::Unstable { largest, .. } = heat2d(&u, &o).unwrap_err() else {
        panic!("another error");
    };
    assert!((largest - 0.08).abs() < 1e-15, "{largest}");
    assert_eq!(o.largest_dt((20, 30)), Ok(largest));
    assert!(heat2d(&u, &Heat2d { dt: largest, ..o }).is_ok());
}

#[test]
fn a_side_of_one_cell_does_not_limit_the_step() {
    let o = Heat2d {
        edges: Edges::Neumann,
        dy: 1e-3,
        ..Heat2d::new(1.0, 0.5, 10)
    };
    assert_eq!(o.largest_dt((1, 9)), Ok(0.5));
    let u: Array2<f64> = random((1, 9), 2);
    assert!(same(&heat2d(&u, &o).unwrap(), &plain_heat2d(&u, &o)));
    assert_eq!(o.largest_dt((1, 1)), Ok(f64::INFINITY));
    let fixed = Heat2d {
        edges: Edges::Dirichlet,
        ..o
    };
    assert_eq!(fixed.largest_dt((2, 9)), Ok(f64::INFINITY));
}

#[test]
fn options_outside_their_domain_are_named() {
    let u = Array2::<f64>::zeros((4, 4));
    let good = Heat2d::new(1.0, 0.1, 3);
    let negative = Array2::from_elem((4, 4), -1.0);
    let wide = Array2::from_elem((4, 5), 1.0);
    let cases = [
        (
            Heat2d { dt: -0.1, ..good },
            "`dt` is -0.1, expected a finite number, at least 0",
        ),
        (
            Heat2d {
                dt: f64::NAN,
                ..good
            },
            "`dt` is NaN, expected a finite number, at least 0",
        ),
        (
            Heat2d { dx: 0.0, ..good },
            "`dx` is 0, expected a finite number above 0",
        ),
        (
            Heat2d {
                dy: f64::INFINITY,
                ..good
            },
            "`dy` is inf, expected a finite number above 0",
        ),
        (
            Heat2d {
                diffusivity: (-2.0).into(),
                ..good
            },
            "`diffusivity` is -2, expected a finite number, at least 0",
        ),
        (
            Heat2d {
                diffusivity: (&negative).into(),
                ..good
            },
            "`diffusivity` is -1, expected a finite number, at least 0",
        ),
        (
            Heat2d {
                diffusivity: (&wide).into(),
                ..good
            },
            "`diffusivity` has shape [4, 5], expected [4, 4]",
        ),
    ];
    for (options, message) in cases {
        assert_eq!(heat2d(&u, &options).unwrap_err().to_string(), message);
        assert_eq!(par_heat2d(&u, &options).unwrap_err().to_string(), message);
    }
}

//! Every function alike: array layouts, threads, shapes.

use std::thread;

use ferrotran::{Error, special};
use ndarray::{Array, Array1, Array2, Array3, Axis, arr0, s};

/// Arguments over all ranges and special values, in an order that mixes them.
fn arguments(n: usize) -> Array1<f64> {
    let special = [
        0.0,
        -0.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        -3.0,
        1e-310,
        1e300,
    ];
    (0..n)
        .map(|i| {
            if i % 37 == 5 {
                special[i / 37 % 8]
            } else {
                (i * 7919 % 30011) as f64 / 500.0 - 30.0
            }
        })
        .collect()
}

fn bits<'a>(values: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    values
        .into_iter()
        .map(|y| if y.is_nan() { 0x7ff8 } else { y.to_bits() })
        .collect()
}

/// Runs a test for every function, given in its five forms.
macro_rules! for_each_function {
    ($test:ident: $($name:ident, $array:ident, $into:ident, $par_array:ident, $par_into:ident;)*) => {
        $($test!(special::$name, special::$array, special::$into, special::$par_array, special::$par_into);)*
    };
    ($test:ident) => {
        for_each_function! { $test:
            erf, erf_array, erf_into, par_erf_array, par_erf_into;
            erfc, erfc_array, erfc_into, par_erfc_array, par_erfc_into;
            erfcx, erfcx_array, erfcx_into, par_erfcx_array, par_erfcx_into;
            gamma, gamma_array, gamma_into, par_gamma_array, par_gamma_into;
            gammaln, gammaln_array, gammaln_into, par_gammaln_array, par_gammaln_into;
            j0, j0_array, j0_into, par_j0_array, par_j0_into;
            j1, j1_array, j1_into, par_j1_array, par_j1_into;
            y0, y0_array, y0_into, par_y0_array, par_y0_into;
            y1, y1_array, y1_into, par_y1_array, par_y1_into;
        }
    };
}

#[test]
fn the_place_in_an_array_changes_no_bit() {
    macro_rules! test {
        ($one:path, $array:path, $into:path, $par_array:path, $par_into:path) => {
            let x = arguments(1531);
            let expected: Vec<f64> = x.iter().map(|&x| $one(x)).collect();
            for start in [0, 1, 3, 8, 1000] {
                let y = $array(&x.slice(s![start..]));
                assert_eq!(bits(&y), bits(&expected[start..]));
            }
            let y = $array(&x.mapv(|x| x as f32));
            assert_eq!(y[700].to_bits(), $one(x[700] as f32).to_bits());
        };
    }
    for_each_function!(test);
}

#[test]
fn any_layout_works() {
    macro_rules! test {
        ($one:path, $array:path, $into:path, $par_array:path, $par_into:path) => {
            let x = arguments(3 * 40 * 50).into_shape_with_order((3, 40, 50)).unwrap();
            let expected = x.mapv($one);
            assert_eq!(bits(&$array(&x)), bits(&expected), "contiguous");
            let strided = s![.., ..;3, ..;-2];
            assert_eq!(bits(&$array(&x.slice(strided))), bits(expected.slice(strided)), "strided");
            assert_eq!(bits(&$array(&x.t())), bits(expected.t()), "transposed");
            assert!($array(&x.t()).t().is_standard_layout(), "columns first, as the argument");
            let reversed = s![..;-1, ..;-1, ..;-1];
            assert_eq!(bits(&$array(&x.slice(reversed))), bits(expected.slice(reversed)), "reversed");

            let mut y = Array3::zeros((50, 40, 3));
            $into(&x, &mut y.view_mut().reversed_axes()).unwrap();
            assert_eq!(bits(y.t()), bits(&expected), "into columns");
            let mut wide = Array3::zeros((3, 80, 50));
            $into(&x, &mut wide.slice_mut(s![.., ..;2, ..])).unwrap();
            assert_eq!(bits(wide.slice(s![.., ..;2, ..])), bits(&expected), "into a stride");
            assert!(wide.slice(s![.., 1..;2, ..]).iter().all(|&y| y == 0.0), "nothing else");

            let one = arr0(0.75);
            assert_eq!($array(&one)[()], $one(0.75), "no dimension");
            assert_eq!($array(&one.broadcast((4, 5)).unwrap())[[3, 4]], $one(0.75), "broadcast");
            assert!($array(&Array2::<f64>::zeros((0, 7))).is_empty());
        };
    }
    for_each_function!(test);
}

#[test]
fn threads_change_no_bit() {
    macro_rules! test {
        ($one:path, $array:path, $into:path, $par_array:path, $par_into:path) => {
            let x = arguments(300 * 301)
                .into_shape_with_order((300, 301))
                .unwrap();
            let expected = bits(&$array(&x));
            for count in [1, 2, 5] {
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(count)
                    .build()
                    .unwrap();
                assert_eq!(bits(&pool.install(|| $par_array(&x))), expected);
                let mut y = Array::zeros(x.raw_dim());
                pool.install(|| $par_into(&x, &mut y.view_mut())).unwrap();
                assert_eq!(bits(&y), expected);
                let mut y = Array::zeros((301, 300));
                pool.install(|| $par_into(&x, &mut y.view_mut().reversed_axes()))
                    .unwrap();
                assert_eq!(bits(y.t()), expected);
            }
            thread::scope(|scope| {
                let calls: Vec<_> = (0..16).map(|_| scope.spawn(|| bits(&$array(&x)))).collect();
                for call in calls {
                    assert_eq!(call.join().unwrap(), expected);
                }
            });
        };
    }
    for_each_function!(test);
}

#[test]
fn a_wrong_shape_is_an_error_that_names_the_argument() {
    macro_rules! test {
        ($one:path, $array:path, $into:path, $par_array:path, $par_into:path) => {
            let (x, mut y) = (Array2::<f64>::zeros((2, 3)), Array2::<f64>::zeros((3, 2)));
            let error = $into(&x, &mut y).unwrap_err();
            assert_eq!($par_into(&x, &mut y), Err(error.clone()));
            assert_eq!(
                error,
                Error::Shape {
                    argument: "y",
                    expected: vec![2, 3],
                    found: vec![3, 2]
                }
            );
            assert!($into(&x.index_axis(Axis(0), 0), &mut Array1::zeros(4)).is_err());
        };
    }
    for_each_function!(test);
}

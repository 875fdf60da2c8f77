use std::panic::catch_unwind;

use ferrotran::integrate::{QuadOptions, par_quad, par_quad_nodes, quad};
use ndarray::{Array1, array, s};

fn options() -> QuadOptions {
    QuadOptions::default()
}

fn family(x: f64, p: &f64) -> f64 {
    (p * x.sin()).cos()
}

#[test]
fn parallel_gives_the_bits_of_serial_for_any_number_of_threads() {
    let params = Array1::linspace(0.0, 200.0, 301);
    let (a, b) = (array![0.0], Array1::linspace(0.5, 3.5, 602));
    let strided = b.slice(s![..;-2]);
    let serial: Vec<_> = params
        .iter()
        .zip(&strided)
        .map(|(p, &b)| quad(|x| family(x, p), 0.0, b).unwrap())
        .collect();
    for threads in [1, 2, 16] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let parallel = pool.install(|| par_quad(family, &a, &strided, &params, &options()));
        assert_eq!(parallel.unwrap().to_vec(), serial);
    }
    let nodes = |x: &[f64], y: &mut [f64], p: &f64| {
        x.iter().zip(y).for_each(|(x, y)| *y = family(*x, p));
    };
    let vectorised = par_quad_nodes(nodes, &a, &strided, &params, &options()).unwrap();
    assert_eq!(vectorised.to_vec(), serial);
}

#[test]
fn parallel_checks_lengths_and_takes_none() {
    let none: Array1<f64> = Array1::from_vec(vec![]);
    let empty = par_quad(family, &array![0.0], &array![1.0], &none, &options()).unwrap();
    assert!(empty.is_empty());
    let (two, three) = (array![0.0, 1.0], array![1.0, 2.0, 3.0]);
    let error = par_quad(family, &two, &array![1.0], &three, &options()).unwrap_err();
    assert_eq!(error.to_string(), "`params` has length 3, expected 2");
}

#[test]
fn parallel_panic_goes_on() {
    let f = |x: f64, p: &f64| if *p > 2.0 { panic!("three") } else { x };
    let run = || {
        par_quad(
            f,
            &array![0.0],
            &array![1.0],
            &array![1.0, 2.0, 3.0],
            &options(),
        )
    };
    assert!(catch_unwind(run).is_err());
}

#[test]
fn sixteen_threads_at_once_give_the_same_bits() {
    let alone = quad(|x| family(x, &100.0), 0.0, 3.0).unwrap();
    let run = || {
        let one = |_| quad(|x| family(x, &100.0), 0.0, 3.0).unwrap();
        (0..50).map(one).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(run)).collect();
        for thread in threads {
            assert!(thread.join().unwrap().iter().all(|result| *result == alone));
        }
    });
}

//! Layouts, threads, forms of the call and stopping.

use ferrotran::Error;
use ferrotran::stencil::{
    Edges, Heat2d, Language, heat2d, heat2d_in_place, heat2d_into, par_heat2d, par_heat2d_in_place,
    par_heat2d_in_place_while, par_heat2d_into, par_heat2d_into_while,
};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, ShapeBuilder, s};
use rayon::ThreadPoolBuilder;

use crate::plain::{plain_heat2d, random, same};

const SHAPE: (usize, usize) = (61, 83);

/// The same values in many layouts, each with its name.
fn layouts(u: &Array2<f64>, test: impl Fn(&str, ArrayView2<'_, f64>)) {
    let (m, n) = u.dim();
    let mut by_columns = Array2::zeros((m, n).f());
    by_columns.assign(u);
    let mut wide = Array2::zeros((3 * m, 2 * n + 5));
    test("rows", u.view());
    test("columns", by_columns.view());
    wide.slice_mut(s![..m, 5..n + 5]).assign(u);
    test("part of wider rows", wide.slice(s![..m, 5..n + 5]));
    wide.slice_mut(s![..;3, ..n]).assign(u);
    test("each third row", wide.slice(s![..;3, ..n]));
    wide.slice_mut(s![..m, ..2 * n;2]).assign(u);
    test("each second column", wide.slice(s![..m, ..2 * n;2]));
    let reversed = u.slice(s![..;-1, ..;-1]).to_owned();
    test("reversed", reversed.slice(s![..;-1, ..;-1]));
    let one = Array2::from_elem((1, 1), u[[0, 0]]);
    if u.iter().all(|&x| x == u[[0, 0]]) {
        test("broadcast", one.broadcast((m, n)).unwrap());
    }
}

/// Places of many layouts to write to, each with its name.
fn places(shape: (usize, usize), test: impl Fn(&str, ArrayViewMut2<'_, f64>)) {
    let (m, n) = shape;
    let nan = || Array2::from_elem((2 * m, 2 * n), f64::NAN);
    test("rows", Array2::from_elem(shape, f64::NAN).view_mut());
    test("columns", Array2::from_elem(shape.f(), f64::NAN).view_mut());
    test("part of wider rows", nan().slice_mut(s![..m, 3..n + 3]));
    test(
        "each second row and column",
        nan().slice_mut(s![..;2, ..;2]),
    );
    test("reversed", nan().slice_mut(s![..m;-1, ..n;-1]));
}

#[test]
fn every_layout_gives_the_same_bits() {
    for (u, edges) in [
        (random(SHAPE, 1), Edges::Dirichlet),
        (random(SHAPE, 2), Edges::Neumann),
        (random(SHAPE, 3), Edges::Periodic),
        (Array2::from_elem(SHAPE, 0.3), Edges::Periodic),
    ] {
        let d = random(SHAPE, 4).mapv(|x: f64| x + 1.5);
        let constant = Heat2d {
            dx: 1.5,
            dy: 0.7,
            edges,
            ..Heat2d::new(0.3, 0.2, 37)
        };
        let per_cell = Heat2d {
            diffusivity: (&d).into(),
            dt: 0.03,
            ..constant
        };
        for o in [constant, per_cell] {
            let expected = plain_heat2d(&u, &o);
            layouts(&u, |name, view| {
                assert!(same(&heat2d(&view, &o).unwrap(), &expected), "{name}");
                assert!(
                    same(&par_heat2d(&view, &o).unwrap(), &expected),
                    "{name}, parallel"
                );
                let mut own = view.to_owned();
                heat2d_in_place(&mut own, &o).unwrap();
                assert!(same(&own, &expected), "{name}, in place");
                places(SHAPE, |place, mut out| {
                    heat2d_into(&view, &o, &mut out).unwrap();
                    assert!(same(&out, &expected), "{name} into {place}");
                });
            });
            places(SHAPE, |place, mut out| {
                out.assign(&u);
                par_heat2d_in_place(&mut out, &o).unwrap();
                assert!(same(&out, &expected), "in place of {place}");
            });
        }
    }
}

#[test]
fn the_diffusivity_may_have_any_layout() {
    let u: Array2<f64> = random(SHAPE, 1);
    let d = random(SHAPE, 4).mapv(|x: f64| x + 1.5);
    let expected = heat2d(&u, &Heat2d::new(&d, 0.05, 20)).unwrap();
    layouts(&d, |name, view| {
        let v = heat2d(&u, &Heat2d::new(view, 0.05, 20)).unwrap();
        assert!(same(&v, &expected), "{name}");
    });
}

#[test]
fn the_result_has_the_memory_order_of_the_input() {
    let o = Heat2d::new(0.2, 1.0, 3);
    assert!(
        heat2d(&Array2::<f64>::zeros((5, 6)), &o)
            .unwrap()
            .is_standard_layout()
    );
    let v = heat2d(&Array2::<f64>::zeros((5, 6).f()), &o).unwrap();
    assert!(v.t().is_standard_layout());
}

#[test]
fn any_number_of_threads_and_any_number_of_steps_give_the_same_bits() {
    // Wide enough for several tiles side by side, tall enough for several above each other.
    for (shape, steps) in [((40, 1100), 35), ((200, 70), 33)] {
        let u: Array2<f64> = random(shape, 9);
        let single = u.mapv(|x| x as f32);
        for edges in Edges::ALL {
            let mut o = Heat2d {
                edges,
                ..Heat2d::new(0.24, 1.0, steps)
            };
            let mut o32 = Heat2d {
                edges,
                ..Heat2d::new(0.24, 1.0, steps)
            };
            let expected = plain_heat2d(&u, &o);
            let expected32 = plain_heat2d(&single, &o32);
            for language in [Language::Fortran, Language::C] {
                (o.language, o32.language) = (language, language);
                assert!(same(&heat2d(&u, &o).unwrap(), &expected));
                for threads in [1, 2, 5] {
                    let pool = ThreadPoolBuilder::new()
                        .num_threads(threads)
                        .build()
                        .unwrap();
                    let (v, v32) = pool.install(|| {
                        (
                            par_heat2d(&u, &o).unwrap(),
                            par_heat2d(&single, &o32).unwrap(),
                        )
                    });
                    assert!(same(&v, &expected), "{threads} threads, {edges:?}");
                    assert!(same(&v32, &expected32), "{threads} threads, {edges:?}, f32");
                }
            }
        }
    }
}

#[test]
fn sixteen_calls_at_once_give_the_bits_of_one() {
    let u: Array2<f64> = random((150, 200), 3);
    let o = Heat2d {
        edges: Edges::Periodic,
        ..Heat2d::new(0.2, 1.0, 50)
    };
    let expected = heat2d(&u, &o).unwrap();
    std::thread::scope(|scope| {
        for i in 0..16 {
            let (u, o, expected) = (&u, &o, &expected);
            scope.spawn(move || {
                let v = if i % 2 == 0 {
                    heat2d(u, o)
                } else {
                    par_heat2d(u, o)
                };
                assert!(same(&v.unwrap(), expected));
            });
        }
    });
}

#[test]
fn no_steps_and_no_cells_are_cases() {
    let u: Array2<f64> = random((5, 7), 1);
    assert_eq!(heat2d(&u, &Heat2d::new(0.2, 1.0, 0)).unwrap(), u);
    assert_eq!(heat2d(&u, &Heat2d::new(0.2, 0.0, 9)).unwrap(), u);
    assert_eq!(heat2d(&u, &Heat2d::new(0.0, 1e9, 9)).unwrap(), u);
    for shape in [(0, 0), (0, 5), (5, 0)] {
        for edges in Edges::ALL {
            let o = Heat2d {
                edges,
                ..Heat2d::new(0.2, 1.0, 9)
            };
            assert_eq!(
                par_heat2d(&Array2::<f64>::zeros(shape), &o).unwrap().dim(),
                shape
            );
            let d = Array2::zeros(shape);
            let o = Heat2d {
                edges,
                ..Heat2d::new(&d, 1.0, 9)
            };
            assert_eq!(
                par_heat2d(&Array2::<f64>::zeros(shape), &o).unwrap().dim(),
                shape
            );
        }
    }
}

#[test]
fn a_result_of_another_shape_is_refused() {
    let u = Array2::<f64>::zeros((4, 5));
    let mut out = Array2::zeros((5, 4));
    let o = Heat2d::new(0.2, 1.0, 3);
    let expected = Error::Shape {
        argument: "out",
        expected: vec![4, 5],
        found: vec![5, 4],
    };
    assert_eq!(heat2d_into(&u, &o, &mut out), Err(expected.clone()));
    assert_eq!(par_heat2d_into(&u, &o, &mut out), Err(expected));
}

#[test]
fn a_stopped_run_leaves_the_state_of_the_steps_it_reports() {
    let u: Array2<f64> = random((64, 64), 8);
    let o = Heat2d {
        edges: Edges::Neumann,
        ..Heat2d::new(0.2, 1.0, 1000)
    };
    for stop_at in 0..6 {
        let mut calls = 0;
        let mut go_on = |done: usize| {
            assert!(done > 0 && done < 1000);
            calls += 1;
            calls <= stop_at
        };
        let mut out = Array2::zeros((64, 64));
        let done = par_heat2d_into_while(&u, &o, &mut out, &mut go_on).unwrap();
        assert!(done > 0 && done < 1000);
        let expected = heat2d(&u, &Heat2d { steps: done, ..o }).unwrap();
        assert!(same(&out, &expected), "stopped after {done}");

        let mut own = u.clone();
        calls = 0;
        let go_on = |_| {
            calls += 1;
            calls <= stop_at
        };
        let done = par_heat2d_in_place_while(&mut own, &o, go_on).unwrap();
        let expected = heat2d(&u, &Heat2d { steps: done, ..o }).unwrap();
        assert!(same(&own, &expected), "in place, stopped after {done}");
    }
    let mut out = Array2::zeros((64, 64));
    assert_eq!(par_heat2d_into_while(&u, &o, &mut out, |_| true), Ok(1000));
}

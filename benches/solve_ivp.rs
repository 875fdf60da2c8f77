//! `cargo bench -p ferrotran-benches --bench solve_ivp`: the kinds of right-hand sides of an
//! ensemble against each other and against one problem after the other, in one process on one
//! thread.
//!
//! 1000 Lorenz systems from 1 + U(-1/2, 1/2), t to 10, 101 outputs, DOP853, rtol = atol = 1e-8.
//! All give the same bits, which is checked first; then rounds call each in turn. Printed: the
//! median time of a member, and the median and quartiles of the ratio to the built-in system
//! within a round, above 1 where that is faster.

#![allow(clippy::print_stdout)]

use std::time::Instant;

use ferrotran::Error;
use ferrotran::integrate::{
    CompiledRhs, InLanes, Ivp, IvpOptions, LANES, Lanes, Method, RightHandSide, System,
    solve_ivp_batch,
};
use ferrotran_benches::quartiles;
use ndarray::{Array2, Array3, Axis, array};

const MEMBERS: usize = 1000;
const ROUNDS: usize = 25;
const SPAN: (f64, f64) = (0.0, 10.0);

fn closure(_t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]) {
    dydt[0] = p[0] * (y[1] - y[0]);
    dydt[1] = y[0] * (p[1] - y[2]) - y[1];
    dydt[2] = y[0] * y[1] - p[2] * y[2];
}

fn lanes(_t: &Lanes, y: &[Lanes], dydt: &mut [Lanes], p: &[Lanes]) {
    for k in 0..LANES {
        dydt[0][k] = p[0][k] * (y[1][k] - y[0][k]);
        dydt[1][k] = y[0][k] * (p[1][k] - y[2][k]) - y[1][k];
        dydt[2][k] = y[0][k] * y[1][k] - p[2][k] * y[2][k];
    }
}

unsafe extern "C" fn scalar(_t: f64, y: *const f64, dydt: *mut f64, p: *const f64) {
    // SAFETY: the solver hands over three components and three parameters.
    unsafe {
        let (y, p) = (*y.cast::<[f64; 3]>(), *p.cast::<[f64; 3]>());
        closure(0.0, &y, &mut *dydt.cast::<[f64; 3]>(), &p);
    }
}

/// Starts by a linear congruential generator.
fn starts() -> Array2<f64> {
    let mut state = 2_u64;
    Array2::from_shape_simple_fn((MEMBERS, 3), || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        0.5 + (state >> 11) as f64 / (1_u64 << 53) as f64
    })
}

fn options() -> IvpOptions {
    IvpOptions {
        method: Method::Dop853,
        rtol: 1e-8,
        atol: 1e-8.into(),
        t_eval: Some((0..=100).map(|k| f64::from(k) / 10.0).collect()),
        ..Default::default()
    }
}

fn batch(rhs: &impl RightHandSide<Error = Error>, y0: &Array2<f64>) -> Array3<f64> {
    let usual = array![[10.0, 28.0, 8.0 / 3.0]];
    let batch = solve_ivp_batch(rhs, SPAN, y0, &usual, &options(), None);
    batch.expect("the arguments fit together").y
}

fn one_by_one(y0: &Array2<f64>) -> Array3<f64> {
    let (usual, options) = (array![10.0, 28.0, 8.0 / 3.0], options());
    let mut y = Array3::zeros((MEMBERS, 3, 101));
    for (start, mut y) in y0.outer_iter().zip(y.axis_iter_mut(Axis(0))) {
        let problem: Result<Ivp<'_>, Error> =
            Ivp::with_params(&System::Lorenz, &usual, SPAN, &start);
        let solution = problem.and_then(|mut problem| problem.solve(&options));
        y.assign(&solution.expect("the arguments fit together").y);
    }
    y
}

fn main() {
    type Call = fn(&Array2<f64>) -> Array3<f64>;
    let calls: [(&str, Call); 5] = [
        ("System::Lorenz", |y0| batch(&System::Lorenz, y0)),
        ("InLanes", |y0| batch(&InLanes::new(lanes), y0)),
        ("closure", |y0| batch(&closure, y0)),
        ("CompiledRhs::scalar", |y0| {
            // SAFETY: it keeps to three components and parameters, and does not unwind.
            batch(&unsafe { CompiledRhs::scalar(scalar) }, y0)
        }),
        ("System::Lorenz, one by one", one_by_one),
    ];
    let y0 = starts();
    let reference = batch(&System::Lorenz, &y0);
    for (who, call) in calls {
        assert!(call(&y0) == reference, "{who} differs");
    }
    let mut times = [const { Vec::new() }; 5];
    for _ in 0..ROUNDS {
        for ((_, call), times) in calls.iter().zip(&mut times) {
            let start = Instant::now();
            call(&y0);
            times.push(start.elapsed().as_secs_f64() * 1e6 / MEMBERS as f64);
        }
    }
    for ((who, _), time) in calls.iter().zip(&times) {
        let [_, median, _] = quartiles(time.clone());
        let ratios = time
            .iter()
            .zip(&times[0])
            .map(|(time, built_in)| time / built_in);
        let [low, ratio, high] = quartiles(ratios.collect());
        println!("{who:<28} {median:>6.1} us/member   ratio {ratio:>5.2} ({low:.2} to {high:.2})");
    }
}

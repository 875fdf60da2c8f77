//! Ensembles have the bits of their members one by one, whatever computes them.

use std::ffi::{c_int, c_void};
use std::{ptr, slice};

use ferrotran::Error;
use ferrotran::integrate::{
    CompiledRhs, InLanes, Ivp, IvpBatch, IvpMember, IvpOptions, IvpSolution, LANES, Lanes, Method,
    RightHandSide, System, par_solve_ivp_batch, solve_ivp_batch,
};
use ndarray::{Array2, Axis, ShapeBuilder, array, s};

use crate::ode::options;

fn lorenz(_t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]) {
    dydt[0] = p[0] * (y[1] - y[0]);
    dydt[1] = y[0] * (p[1] - y[2]) - y[1];
    dydt[2] = y[0] * y[1] - p[2] * y[2];
}

fn jacobian(_t: f64, y: &[f64], jac: &mut [f64], p: &[f64]) {
    (jac[0], jac[1]) = (-p[0], p[0]);
    (jac[3], jac[4], jac[5]) = (p[1] - y[2], -1.0, -y[0]);
    (jac[6], jac[7], jac[8]) = (y[1], y[0], -p[2]);
}

fn lanes(_t: &Lanes, y: &[Lanes], dydt: &mut [Lanes], p: &[Lanes]) {
    for k in 0..LANES {
        dydt[0][k] = p[0][k] * (y[1][k] - y[0][k]);
        dydt[1][k] = y[0][k] * (p[1][k] - y[2][k]) - y[1][k];
        dydt[2][k] = y[0][k] * y[1][k] - p[2][k] * y[2][k];
    }
}

unsafe extern "C" fn c_scalar(t: f64, y: *const f64, dydt: *mut f64, p: *const f64) {
    // SAFETY: three components and three parameters.
    unsafe {
        let (y, p) = (slice::from_raw_parts(y, 3), slice::from_raw_parts(p, 3));
        lorenz(t, y, slice::from_raw_parts_mut(dydt, 3), p);
    }
}

unsafe extern "C" fn c_lanes(
    _: *mut c_void,
    lanes: isize,
    n: isize,
    t: *const f64,
    y: *const f64,
    dydt: *mut f64,
    p: *const f64,
) -> c_int {
    let (m, n) = (lanes as usize, n as usize);
    assert_eq!(n, 3);
    let mut out = [0.0; 3];
    for k in 0..m {
        // SAFETY: three components and three parameters in each lane.
        unsafe {
            let row = |from: *const f64| [0, 1, 2].map(|i| *from.add(i * m + k));
            lorenz(*t.add(k), &row(y), &mut out, &row(p));
            out.iter()
                .enumerate()
                .for_each(|(i, v)| *dydt.add(i * m + k) = *v);
        }
    }
    0
}

/// Starts and parameters of different members, which take different numbers of steps.
fn ensemble(members: usize) -> (Array2<f64>, Array2<f64>) {
    let y0 = Array2::from_shape_fn((members, 3), |(k, i)| 1.0 + 0.37 * (k + 5 * i) as f64 % 1.9);
    let p = Array2::from_shape_fn((members, 3), |(k, i)| {
        [10.0, 28.0, 8.0 / 3.0][i] * (1.0 + 0.01 * (k % 17) as f64)
    });
    (y0, p)
}

fn sampled(base: IvpOptions, end: f64) -> IvpOptions {
    let t_eval = Some((0..=20).map(|k| end * f64::from(k) / 20.0).collect());
    IvpOptions { t_eval, ..base }
}

/// Each member by itself, in one lane.
fn one_by_one<R: RightHandSide<Error = Error>>(
    rhs: &R,
    end: f64,
    (y0, params): &(Array2<f64>, Array2<f64>),
    options: &IvpOptions,
) -> Vec<IvpSolution> {
    let alone = |k| {
        let (y, p) = (y0.row(k), params.row(k));
        let problem: Result<Ivp<'_>, Error> = Ivp::with_params(rhs, &p, (0.0, end), &y);
        problem.unwrap().solve(options).unwrap()
    };
    (0..y0.nrows()).map(alone).collect()
}

fn assert_same(batch: &IvpBatch, alone: &[IvpSolution]) {
    assert_eq!(batch.members.len(), alone.len());
    for ((y, member), one) in batch.y.axis_iter(Axis(0)).zip(&batch.members).zip(alone) {
        assert_eq!(y, one.y);
        let counts = |m: &IvpMember| (m.nfev, m.njev, m.nlu, m.accepted, m.rejected, m.stiff);
        let same = (
            one.nfev,
            one.njev,
            one.nlu,
            one.accepted,
            one.rejected,
            one.stiff,
        );
        assert_eq!((counts(member), member.status), (same, one.status));
    }
}

#[test]
fn every_kind_of_right_hand_side_has_the_bits_of_one_by_one() {
    // SAFETY: both keep to the three components and parameters, and do not unwind.
    let (scalar, vector) = unsafe {
        (
            CompiledRhs::scalar(c_scalar),
            CompiledRhs::lanes(c_lanes, ptr::null_mut()),
        )
    };
    fn check<R: RightHandSide<Error = Error> + Sync>(rhs: &R, reference: &[Vec<IvpSolution>]) {
        let data = ensemble(37);
        for (method, alone) in Method::ALL.into_iter().zip(reference) {
            let options = sampled(options(method, 1e-6), 2.0);
            let span = (0.0, 2.0);
            let batch = solve_ivp_batch(rhs, span, &data.0, &data.1, &options, None).unwrap();
            assert_same(&batch, alone);
            let batch = par_solve_ivp_batch(rhs, span, &data.0, &data.1, &options, None).unwrap();
            assert_same(&batch, alone);
            assert_same(&batch, &one_by_one(rhs, 2.0, &data, &options));
        }
    }
    let alone = |method| {
        one_by_one(
            &lorenz,
            2.0,
            &ensemble(37),
            &sampled(options(method, 1e-6), 2.0),
        )
    };
    let reference = Method::ALL.map(alone);
    check(&lorenz, &reference);
    check(&InLanes::new(lanes), &reference);
    check(&scalar, &reference);
    check(&vector, &reference);
    check(&System::Lorenz, &reference);

    let rhs = &lorenz.with_jacobian(jacobian);
    for method in Method::ALL {
        let (y0, params) = ensemble(37);
        let options = sampled(options(method, 1e-6), 2.0);
        let batch = par_solve_ivp_batch(rhs, (0.0, 2.0), &y0, &params, &options, None).unwrap();
        assert_same(&batch, &one_by_one(rhs, 2.0, &(y0, params), &options));
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let (y0, params) = ensemble(203);
    for method in Method::ALL {
        let options = sampled(options(method, 1e-6), -0.2);
        let span = (0.0, -0.2);
        let alone = one_by_one(
            &System::Lorenz,
            -0.2,
            &(y0.clone(), params.clone()),
            &options,
        );
        for threads in [1, 2, 7, 32] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let run = || par_solve_ivp_batch(&System::Lorenz, span, &y0, &params, &options, None);
            assert_same(&pool.install(run).unwrap(), &alone);
        }
    }
}

/// Hashes of an ensemble by each method: FNV-1a over the bits.
fn hashes() -> String {
    let (y0, params) = ensemble(20);
    let hash = |method| {
        let options = sampled(options(method, 1e-6), 2.0);
        let batch = solve_ivp_batch(&System::Lorenz, (0.0, 2.0), &y0, &params, &options, None);
        let y = batch.unwrap().y;
        let bytes = y.iter().flat_map(|y| y.to_bits().to_le_bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    format!("hashes {:x?}", Method::ALL.map(hash))
}

#[test]
#[ignore = "run by the next one"]
#[expect(clippy::print_stdout, reason = "the next one reads it")]
fn print_hashes() {
    println!("{}", hashes());
}

#[test]
fn bits_do_not_depend_on_the_instruction_set() {
    let expected = hashes();
    for isa in ["baseline", "v3", "v4"] {
        let this = std::env::current_exe().unwrap();
        let name = "solve_ivp_batch::print_hashes";
        let run = std::process::Command::new(this)
            .args([name, "--exact", "--ignored", "--nocapture"])
            .env("FERROTRAN_ISA", isa)
            .output();
        let printed = String::from_utf8(run.unwrap().stdout).unwrap();
        assert!(printed.contains(&expected), "{isa}: {printed}, {expected}");
    }
}

#[test]
fn solutions_are_those_of_the_equations() {
    // Decay at different rates: the global error is a few times the tolerance.
    let rates = Array2::from_shape_fn((100, 1), |(k, _)| 0.05 * k as f64);
    let decay = |_t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]| dydt[0] = -p[0] * y[0];
    for method in Method::ALL {
        let options = sampled(options(method, 1e-9), 3.0);
        let batch = par_solve_ivp_batch(&decay, (0.0, 3.0), &array![[2.0]], &rates, &options, None);
        let batch = batch.unwrap();
        for ((k, _, i), y) in batch.y.indexed_iter() {
            let exact = 2.0 * (-rates[[k, 0]] * batch.t[i]).exp();
            assert!(
                (y - exact).abs() < 2e-8,
                "{method:?}, {k}, {i}: {y}, {exact}"
            );
        }
    }
}

#[test]
fn layouts_of_the_arguments_do_not_matter() {
    let (y0, params) = ensemble(12);
    let options = IvpOptions::default();
    let run = |y0: &ndarray::ArrayRef2<f64>, params: &ndarray::ArrayRef2<f64>| {
        solve_ivp_batch(&System::Lorenz, (0.0, 1.0), y0, params, &options, None).unwrap()
    };
    let expected = run(&y0, &params);
    let mut fortran = Array2::zeros((12, 3).f());
    fortran.assign(&y0);
    let mut wide = Array2::zeros((24, 6));
    wide.slice_mut(s![..;2, ..;-2]).assign(&params);
    let found = run(&fortran, &wide.slice(s![..;2, ..;-2]));
    assert_eq!((found.y, found.members), (expected.y, expected.members));

    let (first, one) = (y0.slice(s![..1, ..]), params.slice(s![..1, ..]));
    let many = run(&first, &params);
    assert_eq!(many.y, run(&first.broadcast((12, 3)).unwrap(), &params).y);
    assert_eq!(
        run(&y0, &one).y,
        run(&y0, &one.broadcast((12, 3)).unwrap()).y
    );
    assert_eq!(run(&first, &one).y.dim(), (1, 3, 2));
}

#[test]
fn ensembles_may_be_empty_in_every_direction() {
    let still = |_t: f64, _y: &[f64], _dydt: &mut [f64], _p: &[f64]| {};
    let grow = |_t: f64, y: &[f64], dydt: &mut [f64], _p: &[f64]| dydt[0] = y[0];
    let options = IvpOptions::default();
    let (none, one) = (Array2::zeros((1, 0)), Array2::ones((5, 1)));
    // No members, no components, no time.
    let zero = Array2::zeros((0, 1));
    let batch = par_solve_ivp_batch(&grow, (0.0, 1.0), &zero, &none, &options, None).unwrap();
    assert_eq!((batch.y.dim(), batch.members.len()), ((0, 1, 2), 0));
    let bare = Array2::zeros((5, 0));
    let batch = par_solve_ivp_batch(&still, (0.0, 1.0), &bare, &none, &options, None).unwrap();
    assert_eq!((batch.y.dim(), batch.members.len()), ((5, 0, 2), 5));
    assert!(
        batch
            .members
            .iter()
            .all(|m| m.status.is_success() && m.t == 1.0)
    );
    let batch = par_solve_ivp_batch(&grow, (1.0, 1.0), &one, &none, &options, None).unwrap();
    assert_eq!(batch.y, ndarray::Array3::ones((5, 1, 2)));
    // No outputs.
    let mute = IvpOptions {
        t_eval: Some(Vec::new()),
        ..options
    };
    let batch = par_solve_ivp_batch(&grow, (0.0, 1.0), &one, &none, &mute, None).unwrap();
    assert_eq!((batch.t.len(), batch.y.dim()), (0, (5, 1, 0)));
    assert!(
        batch
            .members
            .iter()
            .all(|m| m.status.is_success() && m.nfev > 10)
    );
}

//! Initial value problems, one or an ensemble.

use std::ffi::{c_int, c_void};

use ferrotran::integrate::{
    IvpBatch, IvpMember, IvpOptions, IvpStatus, Method, RightHandSide, Tolerance,
    par_solve_ivp_batch, solve_ivp_batch,
};
use ndarray::{ArrayView2, ArrayViewMut3, Ix1};

use crate::arrays::{Array, apart, length, numbers};
use crate::call::entry;
use crate::callback::{Context, out};
use crate::failure::{Done, Failure, Halt, batch, outcome};
use crate::header::{self as ft, ft_ivp_options, ft_ivp_result, ft_rhs};
use crate::options::{Options, choice, chosen, count, flag, init, read};
use crate::threads::spread;

// SAFETY: begins with `size`; numbers, pointers and an optional function.
unsafe impl Options for ft_ivp_options {
    const LEAST: usize = size_of::<Self>();

    fn defaults() -> Self {
        let usual = IvpOptions::default();
        Self {
            size: size_of::<Self>(),
            method: ft::FT_IVP_RK45,
            banded: 0,
            rtol: usual.rtol,
            atol: usual.atol.as_slice()[0],
            atol_each: std::ptr::null(),
            first_step: 0.0,
            max_step: usual.max_step,
            max_steps: 0,
            lower: 0,
            upper: 0,
            jacobian: None,
        }
    }
}

/// What the entries are given; the names are those of the header.
struct Given {
    f: ft_rhs,
    ctx: *mut c_void,
    span: (f64, f64),
    members: isize,
    n: isize,
    y0: (*const f64, isize),
    npar: isize,
    p: (*const f64, isize),
    times: (isize, *const f64),
    options: *const ft_ivp_options,
    y: *mut f64,
    results: *mut ft_ivp_result,
}

type Function =
    unsafe extern "C" fn(*mut c_void, f64, isize, *const f64, *mut f64, *const f64) -> c_int;

/// A function of the caller as the crate takes it.
fn closure(
    f: Function,
    ctx: Context,
) -> impl Fn(f64, &[f64], &mut [f64], &[f64]) -> Result<(), Halt> + Sync {
    move |t: f64, y: &[f64], dydt: &mut [f64], p: &[f64]| {
        let n = y.len() as isize;
        // SAFETY: the header makes the caller promise a function that returns.
        out(|| unsafe { f(ctx.get(), t, n, y.as_ptr(), dydt.as_mut_ptr(), p.as_ptr()) })
    }
}

/// The options of the caller as the crate has them.
///
/// # Safety
/// The header's promises about the pointers.
unsafe fn options(given: &Given, n: usize) -> Done<(IvpOptions, Option<Function>)> {
    // SAFETY: the caller's promise.
    let from = unsafe { read(given.options)? };
    for (name, t) in [("t0", given.span.0), ("t1", given.span.1)] {
        if !t.is_finite() {
            return Err(Failure::argument(name, t, "a finite time"));
        }
    }
    let (nt, times) = given.times;
    let nt = length("nt", nt)?;
    if nt > 1 && times.is_null() {
        return Err(Failure::null(
            "t_eval",
            "a pointer to `nt` times, or `nt` of 1",
        ));
    }
    // SAFETY: the caller's promise.
    let (each, mut times) = unsafe {
        let each = numbers("options.atol_each", from.atol_each, n)?;
        (each, numbers("t_eval", times, nt)?)
    };
    if nt == 1 && times.is_empty() {
        times.push(given.span.1);
    }
    let atol = match from.atol_each.is_null() {
        true => Tolerance::Scalar(from.atol),
        false => Tolerance::PerComponent(each),
    };
    let (lower, upper) = (
        length("options.lower", from.lower)?,
        length("options.upper", from.upper)?,
    );
    let options = IvpOptions {
        method: choice("options.method", from.method, &Method::ALL)?,
        rtol: from.rtol,
        atol,
        first_step: chosen(from.first_step),
        max_step: from.max_step,
        max_steps: count("options.max_steps", from.max_steps)?,
        t_eval: Some(times),
        dense_output: false,
        band: flag("options.banded", from.banded)?.then_some((lower, upper)),
    };
    Ok((options, from.jacobian))
}

fn status(status: IvpStatus) -> c_int {
    match status {
        IvpStatus::Finished | IvpStatus::Event => ft::FT_OK,
        IvpStatus::StepTooSmall => ft::FT_STEP_TOO_SMALL,
        IvpStatus::NotFinite => ft::FT_STATE_NOT_FINITE,
        IvpStatus::Singular => ft::FT_MATRIX_SINGULAR,
        IvpStatus::MaxSteps => ft::FT_MAX_STEPS,
        IvpStatus::Stopped => ft::FT_STOPPED,
        IvpStatus::NotRun => ft::FT_NOT_RUN,
        _ => ft::FT_INTERNAL,
    }
}

impl From<IvpMember> for ft_ivp_result {
    fn from(member: IvpMember) -> Self {
        Self {
            t: member.t,
            nfev: member.nfev as isize,
            njev: member.njev as isize,
            nlu: member.nlu as isize,
            accepted: member.accepted as isize,
            rejected: member.rejected as isize,
            stiff: member.stiff as isize,
            status: status(member.status),
        }
    }
}

const fn nothing(status: c_int) -> ft_ivp_result {
    ft_ivp_result {
        t: f64::NAN,
        nfev: 0,
        njev: 0,
        nlu: 0,
        accepted: 0,
        rejected: 0,
        stiff: 0,
        status,
    }
}

/// Integrates all members; `stopped` is what each is if a callback stops one.
///
/// # Safety
/// The header's promises about the pointers.
unsafe fn solve(given: &Given, parallel: bool, stopped: c_int) -> Done<Vec<c_int>> {
    let f = given.f.ok_or_else(|| Failure::null("f", "a function"))?;
    let members = length("members", given.members)?;
    let (n, npar) = (length("n", given.n)?, length("npar", given.npar)?);
    // SAFETY: the caller's promise.
    let (options, jacobian) = unsafe { options(given, n)? };
    let nt = options.t_eval.as_ref().map_or(0, Vec::len);
    let y0 = Array::input("y0", given.y0.0, &[members, n], &[given.y0.1, 1])?;
    let p = Array::input("p", given.p.0, &[members, npar], &[given.p.1, 1])?;
    let step = nt.saturating_mul(n);
    let strides = [step as isize, nt as isize, 1];
    let y = Array::output("y", given.y, &[members, n, nt], &strides)?;
    let results = Array::output("results", given.results, &[members], &[1])?;
    let times = given.times.1;
    let times = Array::input(
        "t_eval",
        times,
        &[if times.is_null() { 0 } else { nt }],
        &[1],
    )?;
    apart(
        &[y.place(), results.place()],
        &[y0.place(), p.place(), times.place()],
    )?;
    if members == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the caller promises the elements; the outputs are apart from all.
    let (y0, p, mut y, mut results) = unsafe {
        let y0: ArrayView2<'_, f64> = y0.view();
        let p: ArrayView2<'_, f64> = p.view();
        let y: ArrayViewMut3<'_, f64> = y.view_mut();
        (y0, p, y, results.view_mut::<Ix1>())
    };
    let ctx = Context::new(given.ctx);
    let f = closure(f, ctx);
    let problem = (given.span, &y0, &p, &options);
    let found = match jacobian {
        None => run(&f, problem, parallel),
        Some(jacobian) => run(&f.with_jacobian(closure(jacobian, ctx)), problem, parallel),
    }?;
    match found {
        Ok(found) => {
            y.assign(&found.y);
            results.zip_mut_with(&found.members, |result, member| *result = (*member).into());
            Ok(results.iter().map(|result| result.status).collect())
        }
        Err(Halt::Error(error)) => {
            Err(Failure::from(error).renamed("band", "options.lower` or `options.upper"))
        }
        Err(halt) => {
            y.fill(f64::NAN);
            results.fill(nothing(stopped));
            Err(halt.into())
        }
    }
}

type Problem<'a> = (
    (f64, f64),
    &'a ArrayView2<'a, f64>,
    &'a ArrayView2<'a, f64>,
    &'a IvpOptions,
);

fn run<R: RightHandSide<Error = Halt> + Sync>(
    rhs: &R,
    (span, y0, p, options): Problem<'_>,
    parallel: bool,
) -> Done<Result<IvpBatch, Halt>> {
    spread(parallel, |parallel| match parallel {
        true => par_solve_ivp_batch(rhs, span, y0, p, options, None),
        false => solve_ivp_batch(rhs, span, y0, p, options, None),
    })
}

macro_rules! ensembles {
    ($($name:ident: $parallel:literal;)*) => {
        entry! {
            $(
                fn $name(
                    f: ft_rhs,
                    ctx: *mut c_void,
                    t0: f64,
                    t1: f64,
                    members: isize,
                    n: isize,
                    y0: *const f64,
                    y0_row: isize,
                    npar: isize,
                    p: *const f64,
                    p_row: isize,
                    nt: isize,
                    t_eval: *const f64,
                    options: *const ft_ivp_options,
                    y: *mut f64,
                    results: *mut ft_ivp_result,
                ) {
                    let (y0, p, times) = ((y0, y0_row), (p, p_row), (nt, t_eval));
                    let span = (t0, t1);
                    let given =
                        Given { f, ctx, span, members, n, y0, npar, p, times, options, y, results };
                    // SAFETY: the header makes the caller promise the arrays.
                    let statuses = unsafe { solve(&given, $parallel, ft::FT_NOT_RUN)? };
                    batch(statuses.into_iter(), |status| status == ft::FT_OK)
                }
            )*
        }
    };
}

ensembles! {
    ft_solve_ivp_batch: false;
    ft_par_solve_ivp_batch: true;
}

entry! {
    fn ft_ivp_options_init(options: *mut ft_ivp_options, size: usize) {
        // SAFETY: the header makes the caller promise the struct.
        unsafe { init(options, size) }
    }
    fn ft_solve_ivp(
        f: ft_rhs,
        ctx: *mut c_void,
        t0: f64,
        t1: f64,
        n: isize,
        y0: *const f64,
        npar: isize,
        p: *const f64,
        nt: isize,
        t_eval: *const f64,
        options: *const ft_ivp_options,
        y: *mut f64,
        result: *mut ft_ivp_result,
    ) {
        let (span, y0, p, times) = ((t0, t1), (y0, n), (p, npar), (nt, t_eval));
        let (members, results) = (1, result);
        let given = Given { f, ctx, span, members, n, y0, npar, p, times, options, y, results };
        // SAFETY: the header makes the caller promise the arrays.
        let statuses = unsafe { solve(&given, false, ft::FT_STOPPED)? };
        statuses.into_iter().try_for_each(outcome)
    }
}

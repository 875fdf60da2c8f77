//! Curve fits, of built-in models and of the caller's.

use std::ffi::{c_int, c_void};

use ferrotran::optimize::{
    CurveFitOutput, FitModel, FitStatus, Model, TryModel, curve_fit_batch_into,
    par_curve_fit_batch_into,
};
use ndarray::{ArrayView2, ArrayView3, ArrayViewMut2, ArrayViewMut3, Axis, Ix1};

use super::fit_options::{fit_status, options};
use crate::arrays::{Array, apart, length};
use crate::call::entry;
use crate::callback::{Context, out};
use crate::failure::{Done, Failure, Halt, batch as outcome, outcome as one};
use crate::header::{ft_fit_options, ft_fit_result, ft_model_function};
use crate::options::{choice, flag};
use crate::threads::spread;
use crate::version::ft_status_converged;

/// What the entries are given; the names are those of the header.
struct Given {
    predictors: isize,
    batch: isize,
    m: isize,
    x: (*const f64, isize),
    y: (*const f64, isize),
    n: isize,
    p0: (*const f64, isize),
    options: *const ft_fit_options,
    popt: *mut f64,
    pcov: *mut f64,
    results: *mut ft_fit_result,
}

/// The model of number `model` with `n` parameters.
fn built_in(model: c_int, n: isize) -> Done<Model> {
    let model = choice("model", model, &Model::ALL)?;
    match model {
        Model::Polynomial { .. } if n < 1 => Err(Failure::argument("n", n, "at least 1")),
        Model::Polynomial { .. } => Ok(Model::Polynomial {
            degree: n.unsigned_abs() - 1,
        }),
        fixed if usize::try_from(n) == Ok(fixed.parameters()) => Ok(fixed),
        fixed => {
            let expected = format!("{}, the parameters of `{fixed}`", fixed.parameters());
            Err(Failure::argument("n", n, expected))
        }
    }
}

/// Fits a model to all sets of data.
///
/// # Safety
/// The header's promises about the pointers.
unsafe fn fit<M>(model: M, given: &Given, parallel: bool) -> Done<Vec<c_int>>
where
    M: FitModel<Error: Into<Halt> + Send> + Send + Sync,
{
    let batch = length("batch", given.batch)?;
    let predictors = length("predictors", given.predictors)?;
    let (m, n) = (length("m", given.m)?, length("n", given.n)?);
    let row = m as isize;
    let x = Array::input(
        "x",
        given.x.0,
        &[batch, predictors, m],
        &[given.x.1, row, 1],
    )?;
    let y = Array::input("y", given.y.0, &[batch, m], &[given.y.1, 1])?;
    let start = if given.p0.0.is_null() { 0 } else { batch };
    let p0 = Array::input("p0", given.p0.0, &[start, n], &[given.p0.1, 1])?;
    let (width, area) = (n as isize, n.saturating_mul(n) as isize);
    let popt = Array::output("popt", given.popt, &[batch, n], &[width, 1])?;
    let wanted = if given.pcov.is_null() { 0 } else { batch };
    let pcov = Array::output("pcov", given.pcov, &[wanted, n, n], &[area, width, 1])?;
    let results = Array::output("results", given.results, &[batch], &[1])?;
    // SAFETY: the caller's promise.
    let (options, sigma) = unsafe { options(given.options, [batch, m, n])? };
    let outputs = [popt.place(), pcov.place(), results.place()];
    apart(&outputs, &[x.place(), y.place(), p0.place(), sigma])?;
    if batch == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the caller promises the elements; the outputs are apart from all.
    let (x, y, p0, mut popt, mut pcov, mut results) = unsafe {
        let x: ArrayView3<'_, f64> = x.view();
        let y: ArrayView2<'_, f64> = y.view();
        let p0: ArrayView2<'_, f64> = p0.view();
        let popt: ArrayViewMut2<'_, f64> = popt.view_mut();
        let pcov: ArrayViewMut3<'_, f64> = pcov.view_mut();
        (x, y, p0, popt, pcov, results.view_mut::<Ix1>())
    };
    let shared = given.x.1 == 0;
    let x = if shared {
        x.slice_axis_move(Axis(0), (..1).into())
    } else {
        x
    };
    let mut status = vec![FitStatus::NotRun; batch];
    let (mut cost, mut nfev) = (vec![f64::NAN; batch], vec![0; batch]);
    let output = CurveFitOutput {
        popt: popt.view_mut(),
        pcov: (wanted > 0).then(|| pcov.view_mut()),
        cost: Some(&mut cost),
        nfev: Some(&mut nfev),
        status: Some(&mut status),
    };
    let p0 = (start > 0).then_some(&p0);
    let ended = spread(parallel, |parallel| {
        let p0 = p0.map(|p0| &**p0);
        match parallel {
            true => par_curve_fit_batch_into(model, &x, &y, p0, &options, output),
            false => curve_fit_batch_into(model, &x, &y, p0, &options, output),
        }
        .map_err(Into::into)
    })?;
    if let Err(Halt::Error(error)) = ended {
        return Err(error.into());
    }
    for (k, result) in results.iter_mut().enumerate() {
        if status[k] == FitStatus::NotRun {
            popt.row_mut(k).fill(f64::NAN);
            (pcov.axis_iter_mut(Axis(0)).skip(k).take(1)).for_each(|mut part| part.fill(f64::NAN));
        }
        *result = ft_fit_result {
            cost: cost[k],
            nfev: nfev[k] as isize,
            status: fit_status(status[k]),
        };
    }
    ended?;
    Ok(results.iter().map(|result| result.status).collect())
}

/// The outcome of a batch of fits.
fn all(statuses: Vec<c_int>) -> Done {
    outcome(statuses.into_iter(), |status| {
        ft_status_converged(status) == 1
    })
}

/// Fits a model of the caller.
///
/// # Safety
/// The header's promises about the pointers and the function.
unsafe fn fit_callback(
    (f, ctx, has_jacobian): (ft_model_function, *mut c_void, c_int),
    given: &Given,
    parallel: bool,
) -> Done {
    let f = f.ok_or_else(|| Failure::null("f", "a function"))?;
    if given.p0.0.is_null() && given.batch > 0 {
        return Err(Failure::null(
            "p0",
            "a starting point: only built-in models find one",
        ));
    }
    let has_jacobian = flag("has_jacobian", has_jacobian)?;
    let ctx = Context::new(ctx);
    let model = move |x: &[f64], p: &[f64], y: &mut [f64], jac: Option<&mut [f64]>| {
        let (m, n) = (y.len() as isize, p.len() as isize);
        let jac = jac.map_or(std::ptr::null_mut(), <[f64]>::as_mut_ptr);
        let (x, p, y) = (x.as_ptr(), p.as_ptr(), y.as_mut_ptr());
        // SAFETY: the header makes the caller promise a function that returns.
        out(|| unsafe { f(ctx.get(), m, n, x, p, y, jac) })
    };
    // SAFETY: the caller's promise.
    let statuses = unsafe {
        match has_jacobian {
            true => fit(TryModel::with_jacobian(model), given, parallel)?,
            false => fit(TryModel::values(model), given, parallel)?,
        }
    };
    all(statuses)
}

entry! {
    fn ft_model_parameters(model: c_int, n: *mut isize) {
        let model = choice("model", model, &Model::ALL)?;
        let n = Array::output("n", n, &[1], &[1])?;
        let parameters = match model {
            Model::Polynomial { .. } => 0,
            fixed => fixed.parameters(),
        };
        // SAFETY: the header makes the caller promise the number.
        unsafe { n.write(parameters as isize) };
        Ok(())
    }
    fn ft_curve_fit(
        model: c_int,
        m: isize,
        x: *const f64,
        y: *const f64,
        n: isize,
        p0: *const f64,
        options: *const ft_fit_options,
        popt: *mut f64,
        pcov: *mut f64,
        result: *mut ft_fit_result,
    ) {
        let (predictors, batch, results) = (1, 1, result);
        let (x, y, p0) = ((x, 0), (y, 0), (p0, 0));
        let given =
            Given { predictors, batch, m, x, y, n, p0, options, popt, pcov, results };
        // SAFETY: the header makes the caller promise the arrays.
        let statuses = unsafe { fit(built_in(model, n)?, &given, false)? };
        statuses.into_iter().try_for_each(|status| match ft_status_converged(status) {
            1 => Ok(()),
            _ => one(status),
        })
    }
    fn ft_curve_fit_batch(
        model: c_int,
        batch: isize,
        m: isize,
        x: *const f64,
        x_row: isize,
        y: *const f64,
        y_row: isize,
        n: isize,
        p0: *const f64,
        p0_row: isize,
        options: *const ft_fit_options,
        popt: *mut f64,
        pcov: *mut f64,
        results: *mut ft_fit_result,
    ) {
        let (predictors, x, y, p0) = (1, (x, x_row), (y, y_row), (p0, p0_row));
        let given =
            Given { predictors, batch, m, x, y, n, p0, options, popt, pcov, results };
        // SAFETY: the header makes the caller promise the arrays.
        all(unsafe { fit(built_in(model, n)?, &given, true)? })
    }
}

macro_rules! callbacks {
    ($($name:ident: $parallel:literal;)*) => {
        entry! {
            $(
                fn $name(
                    f: ft_model_function,
                    ctx: *mut c_void,
                    has_jacobian: c_int,
                    predictors: isize,
                    batch: isize,
                    m: isize,
                    x: *const f64,
                    x_row: isize,
                    y: *const f64,
                    y_row: isize,
                    n: isize,
                    p0: *const f64,
                    p0_row: isize,
                    options: *const ft_fit_options,
                    popt: *mut f64,
                    pcov: *mut f64,
                    results: *mut ft_fit_result,
                ) {
                    let (x, y, p0) = ((x, x_row), (y, y_row), (p0, p0_row));
                    let given =
                        Given { predictors, batch, m, x, y, n, p0, options, popt, pcov, results };
                    // SAFETY: the header makes the caller promise the arrays and the function.
                    unsafe { fit_callback((f, ctx, has_jacobian), &given, $parallel) }
                }
            )*
        }
    };
}

callbacks! {
    ft_fit_model_batch: false;
    ft_par_fit_model_batch: true;
}

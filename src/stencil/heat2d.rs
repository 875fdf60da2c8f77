//! Diffusion on a plane grid, explicit in time.

mod advance;
mod factors;
mod native;
mod options;

pub(crate) use native::Native;
pub use options::{Diffusivity, Edges, Heat2d, Language, Mean};

use ndarray::{Array2, ArrayRef2, ArrayView2, ArrayViewMut2, ShapeBuilder};

use crate::{Error, Real, Result};
use advance::Run;

/// Returns `u` after some explicit steps of the diffusion equation, in one thread.
///
/// The scheme is forward in time, centred in space (FTCS) on the five-point stencil: second
/// order in `dx` and `dy`, first order in `dt`. `u[[i, j]]` lies at y = i `dy`, x = j `dx`. Many
/// steps are taken while a tile of the grid is in cache. Row- and column-major arrays, and views
/// of them whose rows (or columns) are contiguous, are used where they are; others are copied.
/// NaN and infinities spread by one cell in each step. The result is in `u`'s memory order.
///
/// The result has the same bits for either [`Language`], any number of threads, any instruction
/// set and either memory order.
///
/// ```
/// use ferrotran::stencil::{Edges, Heat2d, heat2d};
/// use ndarray::Array2;
///
/// let mut u = Array2::zeros((64, 64));
/// u[[32, 32]] = 1.0;
/// let options = Heat2d { edges: Edges::Neumann, ..Heat2d::new(0.2, 1.0, 100) };
/// let v = heat2d(&u, &options)?;
/// assert!((v.sum() - 1.0_f64).abs() < 1e-12);
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Unstable`] if `dt` is above [`Heat2d::largest_dt`]; [`Error::Value`] if `dt`, `dx`,
/// `dy` or `diffusivity` is outside its domain; [`Error::Shape`] if a diffusivity for each cell
/// has another shape than `u`.
pub fn heat2d<T: Real>(u: &ArrayRef2<T>, options: &Heat2d<'_, T>) -> Result<Array2<T>> {
    fresh(u, options, false)
}

/// [`heat2d`] with the threads of the current rayon pool.
///
/// # Errors
///
/// As [`heat2d`].
pub fn par_heat2d<T: Real>(u: &ArrayRef2<T>, options: &Heat2d<'_, T>) -> Result<Array2<T>> {
    fresh(u, options, true)
}

/// [`heat2d`] into `out`, which has the shape of `u`; its old values do not matter.
///
/// An `out` whose rows are contiguous, if those of `u` are, or whose columns are, if those of `u`
/// are, is written where it is; for others there is a copy.
///
/// `u` and `out` cannot overlap:
///
/// ```compile_fail,E0502
/// # use ferrotran::stencil::{Heat2d, heat2d_into};
/// let mut u = ndarray::Array2::<f64>::zeros((8, 8));
/// heat2d_into(&u, &Heat2d::new(0.2, 1.0, 10), &mut u)?;
/// # Ok::<(), ferrotran::Error>(())
/// ```
///
/// # Errors
///
/// As [`heat2d`]; [`Error::Shape`] also if `out` has another shape than `u`.
pub fn heat2d_into<T: Real>(
    u: &ArrayRef2<T>,
    options: &Heat2d<'_, T>,
    out: &mut ArrayRef2<T>,
) -> Result<()> {
    into(u, options, out, false, &mut |_| true).map(drop)
}

/// [`heat2d_into`] with the threads of the current rayon pool.
///
/// # Errors
///
/// As [`heat2d_into`].
pub fn par_heat2d_into<T: Real>(
    u: &ArrayRef2<T>,
    options: &Heat2d<'_, T>,
    out: &mut ArrayRef2<T>,
) -> Result<()> {
    into(u, options, out, true, &mut |_| true).map(drop)
}

/// [`par_heat2d_into`] that can be stopped, and returns the number of steps taken.
///
/// Between blocks of steps (at most 32), `go_on` is called with the number of steps taken so far.
/// When it returns `false`, `out` is `u` after that many steps.
///
/// # Errors
///
/// As [`heat2d_into`].
pub fn par_heat2d_into_while<T: Real>(
    u: &ArrayRef2<T>,
    options: &Heat2d<'_, T>,
    out: &mut ArrayRef2<T>,
    mut go_on: impl FnMut(usize) -> bool,
) -> Result<usize> {
    into(u, options, out, true, &mut go_on)
}

/// [`heat2d`] on `u` itself. On an error `u` keeps its values.
///
/// # Errors
///
/// As [`heat2d`].
pub fn heat2d_in_place<T: Real>(u: &mut ArrayRef2<T>, options: &Heat2d<'_, T>) -> Result<()> {
    in_place(u, options, false, &mut |_| true).map(drop)
}

/// [`heat2d_in_place`] with the threads of the current rayon pool.
///
/// # Errors
///
/// As [`heat2d`].
pub fn par_heat2d_in_place<T: Real>(u: &mut ArrayRef2<T>, options: &Heat2d<'_, T>) -> Result<()> {
    in_place(u, options, true, &mut |_| true).map(drop)
}

/// [`par_heat2d_in_place`] that can be stopped, and returns the number of steps taken.
///
/// Between blocks of steps (at most 32), `go_on` is called with the number of steps taken so far.
/// When it returns `false`, `u` is as after that many steps.
///
/// # Errors
///
/// As [`heat2d`].
pub fn par_heat2d_in_place_while<T: Real>(
    u: &mut ArrayRef2<T>,
    options: &Heat2d<'_, T>,
    mut go_on: impl FnMut(usize) -> bool,
) -> Result<usize> {
    in_place(u, options, true, &mut go_on)
}

fn fresh<T: Real>(u: &ArrayRef2<T>, options: &Heat2d<'_, T>, parallel: bool) -> Result<Array2<T>> {
    let by_columns = columns_contiguous(&u.view()) && !rows_contiguous(&u.view());
    let mut out = Array2::zeros(u.dim().set_f(by_columns));
    into(u, options, &mut out, parallel, &mut |_| true)?;
    Ok(out)
}

/// Whether the kernels can use each row where it is.
fn rows_contiguous<T>(u: &ArrayView2<'_, T>) -> bool {
    let (m, n) = u.dim();
    let row = u.strides()[0];
    (n <= 1 || u.strides()[1] == 1) && (m <= 1 || (row > 0 && row.unsigned_abs() >= n))
}

fn columns_contiguous<T>(u: &ArrayView2<'_, T>) -> bool {
    rows_contiguous(&u.view().reversed_axes())
}

/// The steps from `u` to `out`, in whichever order needs no copy of `u`.
fn into<T: Real>(
    u: &ArrayRef2<T>,
    options: &Heat2d<'_, T>,
    out: &mut ArrayRef2<T>,
    parallel: bool,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Result<usize> {
    if out.dim() != u.dim() {
        return Err(Error::Shape {
            argument: "out",
            expected: u.shape().to_vec(),
            found: out.shape().to_vec(),
        });
    }
    let (u, mut out) = (u.view(), out.view_mut());
    let turned =
        !rows_contiguous(&u) && (columns_contiguous(&u) || columns_contiguous(&out.view()));
    let Some(run) = Run::new(u.dim(), options, turned, parallel)? else {
        out.assign(&u);
        return Ok(options.steps);
    };
    let (u, mut out) = if turned {
        (u.reversed_axes(), out.reversed_axes())
    } else {
        (u, out)
    };
    if rows_contiguous(&u) {
        Ok(from_rows(&run, u, out, go_on))
    } else {
        out.assign(&u);
        Ok(on_rows(&run, out, go_on))
    }
}

/// The steps from `u`, whose rows are contiguous, to `out`, whose rows may be.
fn from_rows<T: Real>(
    run: &Run<T>,
    u: ArrayView2<'_, T>,
    mut out: ArrayViewMut2<'_, T>,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> usize {
    if rows_contiguous(&out.view()) {
        return run.go(Some(u), out, go_on);
    }
    let mut rows = Array2::zeros(u.dim());
    let done = run.go(Some(u), rows.view_mut(), go_on);
    out.assign(&rows);
    done
}

/// The steps on `u` itself, whose rows may be contiguous.
fn on_rows<T: Real>(
    run: &Run<T>,
    mut u: ArrayViewMut2<'_, T>,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> usize {
    if rows_contiguous(&u.view()) {
        return run.go(None, u, go_on);
    }
    let mut rows = Array2::zeros(u.dim());
    rows.assign(&u);
    let done = run.go(None, rows.view_mut(), go_on);
    u.assign(&rows);
    done
}

fn in_place<T: Real>(
    u: &mut ArrayRef2<T>,
    options: &Heat2d<'_, T>,
    parallel: bool,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Result<usize> {
    let u = u.view_mut();
    let turned = !rows_contiguous(&u.view()) && columns_contiguous(&u.view());
    let Some(run) = Run::new(u.dim(), options, turned, parallel)? else {
        return Ok(options.steps);
    };
    Ok(on_rows(
        &run,
        if turned { u.reversed_axes() } else { u },
        go_on,
    ))
}

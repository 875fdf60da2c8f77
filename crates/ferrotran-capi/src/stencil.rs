//! Diffusion on a grid.

use ferrotran::Real;
use ferrotran::stencil::{
    Diffusivity, Edges, Heat2d, Mean, heat2d_in_place, heat2d_into, par_heat2d_in_place,
    par_heat2d_into,
};
use ndarray::{ArrayView2, ArrayViewMut2};

use crate::arrays::{Array, apart, length};
use crate::call::entry;
use crate::failure::Done;
use crate::header::{self as ft, ft_heat2d_options};
use crate::options::{Options, choice, init, read};
use crate::threads::spread;

/// Fewest updates of cells that are worth a second thread.
const WORTH_THREADS: usize = 1 << 16;

// SAFETY: begins with `size`; numbers.
unsafe impl Options for ft_heat2d_options {
    const LEAST: usize = size_of::<Self>();

    fn defaults() -> Self {
        Self {
            size: size_of::<Self>(),
            diffusivity: 1.0,
            dx: 1.0,
            dy: 1.0,
            edges: ft::FT_EDGES_DIRICHLET,
            mean: ft::FT_MEAN_HARMONIC,
        }
    }
}

/// The options of the caller as the crate has them.
fn problem<'a, T: Real>(
    options: &ft_heat2d_options,
    cells: Option<ArrayView2<'a, T>>,
    (dt, steps): (f64, usize),
) -> Done<Heat2d<'a, T>> {
    let means = [Mean::Harmonic, Mean::Arithmetic];
    let diffusivity = match cells {
        Some(cells) => Diffusivity::PerCell(cells),
        None => Diffusivity::Constant(options.diffusivity),
    };
    Ok(Heat2d {
        dx: options.dx,
        dy: options.dy,
        edges: choice("options.edges", options.edges, &Edges::ALL)?,
        mean: choice("options.mean", options.mean, &means)?,
        ..Heat2d::new(diffusivity, dt, steps)
    })
}

/// A grid of the caller.
fn grid<T>(
    name: &'static str,
    shape: [usize; 2],
    (data, row): (*const T, isize),
) -> Done<Array<T>> {
    Array::input(name, data, &shape, &[row, 1])
}

/// Takes the steps.
///
/// # Safety
/// The header's promises about the arrays and the options.
unsafe fn advance<T: Real>(
    (rows, columns): (isize, isize),
    u: (*const T, isize),
    cells: (*const T, isize),
    (dt, steps): (f64, isize),
    options: *const ft_heat2d_options,
    out: (*mut T, isize),
) -> Done {
    let shape = [length("rows", rows)?, length("columns", columns)?];
    let steps = length("steps", steps)?;
    let u = grid("u", shape, u)?;
    let given = !cells.0.is_null();
    let cells = grid("cells", if given { shape } else { [0, 0] }, cells)?;
    let out = Array::output("out", out.0, &shape, &[out.1, 1])?;
    let in_place = u.is(&out);
    apart(&[out.place()], &[cells.place()])?;
    if !in_place {
        apart(&[out.place()], &[u.place()])?;
    }
    // SAFETY: the caller's promise; the output is apart from the diffusivities.
    let (options, cells, mut to) = unsafe {
        let cells: Option<ArrayView2<'_, T>> = given.then(|| cells.view());
        let to: ArrayViewMut2<'_, T> = out.view_mut();
        (read(options)?, cells, to)
    };
    let heat = problem(&options, cells, (dt, steps))?;
    // SAFETY: as above, and the output is elsewhere.
    let from: Option<ArrayView2<'_, T>> = (!in_place).then(|| unsafe { u.view() });
    let work = shape[0].saturating_mul(shape[1]).saturating_mul(steps);
    let result = spread(work >= WORTH_THREADS, |parallel| match (&from, parallel) {
        (Some(from), true) => par_heat2d_into(from, &heat, &mut to),
        (Some(from), false) => heat2d_into(from, &heat, &mut to),
        (None, true) => par_heat2d_in_place(&mut to, &heat),
        (None, false) => heat2d_in_place(&mut to, &heat),
    })?;
    Ok(result?)
}

macro_rules! heat2d {
    ($name:ident: $real:ty) => {
        entry! {
            fn $name(
                rows: isize,
                columns: isize,
                u: *const $real,
                u_row: isize,
                cells: *const $real,
                cells_row: isize,
                dt: f64,
                steps: isize,
                options: *const ft_heat2d_options,
                out: *mut $real,
                out_row: isize,
            ) {
                let (u, cells, out) = ((u, u_row), (cells, cells_row), (out, out_row));
                // SAFETY: the header makes the caller promise the arrays.
                unsafe { advance((rows, columns), u, cells, (dt, steps), options, out) }
            }
        }
    };
}

heat2d!(ft_heat2d: f64);
heat2d!(ft_heat2df: f32);

entry! {
    fn ft_heat2d_options_init(options: *mut ft_heat2d_options, size: usize) {
        // SAFETY: the header makes the caller promise the struct.
        unsafe { init(options, size) }
    }
    fn ft_heat2d_largest_dt(
        rows: isize,
        columns: isize,
        cells: *const f64,
        cells_row: isize,
        options: *const ft_heat2d_options,
        dt: *mut f64,
    ) {
        let shape = [length("rows", rows)?, length("columns", columns)?];
        let dt = Array::output("dt", dt, &[1], &[1])?;
        let given = !cells.is_null();
        let cells = grid("cells", if given { shape } else { [0, 0] }, (cells, cells_row))?;
        // SAFETY: the header makes the caller promise the array and the struct.
        let (options, cells) = unsafe {
            let cells: Option<ArrayView2<'_, f64>> = given.then(|| cells.view());
            (read(options)?, cells)
        };
        let heat: Heat2d<'_, f64> = problem(&options, cells, (0.0, 0))?;
        let largest = heat.largest_dt((shape[0], shape[1]))?;
        // SAFETY: the header makes the caller promise the number.
        unsafe { dt.write(largest) };
        Ok(())
    }
}

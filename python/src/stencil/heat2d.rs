//! `heat2d`.

mod arrays;

use ferrotran::stencil::{
    Diffusivity, Edges, Heat2d, Language, Mean, heat2d_in_place, heat2d_into,
    par_heat2d_in_place_while, par_heat2d_into_while,
};
use ferrotran::{Error, Real};
use ndarray::{ArrayView2, ArrayViewMut2};
use numpy::{Element, PyUntypedArray};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::call::interruptible;
use crate::public::Public;
use crate::workers::Workers;
use arrays::{Grid, Grids, Kind};

/// Cell steps below which the call is over before Ctrl-C or another thread could matter.
const SHORT: usize = 1 << 17;

/// Adds the function.
pub(super) fn add_to(public: &Public<'_, '_>, module: &Bound<'_, PyModule>) -> PyResult<()> {
    public.function(wrap_pyfunction!(heat2d, module)?)
}

/// Take explicit steps of the diffusion equation on a plane grid.
///
/// Solves ``du/dt = div(D grad u)`` by the five-point scheme that is forward in time and
/// centred in space: second order in `dx` and `dy`, first order in `dt`. Many steps are taken
/// while a part of the grid is in cache, in all threads.
///
/// Parameters
/// ----------
/// u : (m, n) array_like
///     Values at the start; ``u[i, j]`` lies at ``y = i * dy``, ``x = j * dx``. Float64 and
///     float32 keep their type; integers, booleans and float16 become float64; other types
///     are refused.
/// diffusivity : float or (m, n) array_like
///     ``D``, the same everywhere or one value for each cell; at least 0.
/// dt : float
///     Time step.
/// steps : int
///     Number of steps.
/// dx, dy : float, optional
///     Distance of neighbouring columns, of neighbouring rows.
/// edges : {'dirichlet', 'neumann', 'periodic'}, optional
///     'dirichlet': the outermost rows and columns keep their values. 'neumann': no flux
///     leaves the grid. 'periodic': opposite sides are neighbours. With the latter two the sum
///     over all cells is kept, up to rounding.
/// mean : {'harmonic', 'arithmetic'}, optional
///     How the diffusivity of a face is made from those of the two cells it lies between:
///     ``2 * a * b / (a + b)``, which is right where it jumps, or ``(a + b) / 2``. Not used if
///     `diffusivity` is one number.
/// language : {'fortran', 'c'}, optional
///     Language of the kernel. Either gives the same bits.
/// out : (m, n) ndarray, optional
///     Where the result goes, of its type; it may be `u` or overlap it.
/// workers : int, optional
///     Number of threads, -1 for one on each core; as set by `ferrotran.set_num_threads` if
///     not given.
///
/// Returns
/// -------
/// (m, n) ndarray
///     Values after `steps` steps: `out`, or a new array in the memory order of `u`.
///
/// Raises
/// ------
/// ValueError
///     If `dt` is too long for the scheme to be stable; the message has the largest stable one.
///     If another argument is outside its domain, or has a wrong shape.
/// TypeError
///     If an array has a wrong type.
/// KeyboardInterrupt
///     On Ctrl-C, which is looked for between blocks of at most 32 steps; `out` then holds the
///     values after some whole number of steps.
///
/// Notes
/// -----
/// With one diffusivity the step is stable, and makes no new extremes, up to
/// ``dt = 1 / (2 * D * (1 / dx**2 + 1 / dy**2))``; else up to the least over all cells of 1
/// over the sum of the cell's four face diffusivities, each divided by ``dx**2`` or ``dy**2``.
///
/// The result has the same bits for any number of workers, either language, any instruction set
/// and either memory order. Row- and column-major arrays, and parts of them, are used where they
/// are; arrays in which neither rows nor columns are contiguous are copied. NaN and infinities
/// spread by one cell in each step.
///
/// References
/// ----------
/// .. [1] K. W. Morton and D. F. Mayers, *Numerical Solution of Partial Differential
///    Equations*, 2nd ed., Cambridge University Press, 2005, sections 2.4 and 3.1,
///    :doi:`10.1017/CBO9780511812248`.
/// .. [2] D. Wonnacott, "Achieving scalable locality with time skewing", *Int. J. Parallel
///    Program.* 30, 181-221 (2002), :doi:`10.1023/A:1015460304860`.
/// .. [3] S. V. Patankar, *Numerical Heat Transfer and Fluid Flow*, Hemisphere, 1980,
///    section 4.2-3.
///
/// Examples
/// --------
/// >>> import numpy as np
/// >>> from ferrotran.stencil import heat2d
/// >>> u = np.zeros((5, 5))
/// >>> u[2, 2] = 1
/// >>> heat2d(u, 0.25, dt=1, steps=2)
/// array([[0.   , 0.   , 0.   , 0.   , 0.   ],
///        [0.   , 0.125, 0.   , 0.125, 0.   ],
///        [0.   , 0.   , 0.25 , 0.   , 0.   ],
///        [0.   , 0.125, 0.   , 0.125, 0.   ],
///        [0.   , 0.   , 0.   , 0.   , 0.   ]])
///
/// No heat leaves an insulated plate:
///
/// >>> float(heat2d(u, 0.25, dt=1, steps=1000, edges="neumann").sum().round(12))
/// 1.0
#[pyfunction]
#[pyo3(signature = (
    u, diffusivity, dt, steps, *, dx=1.0, dy=1.0, edges="dirichlet", mean="harmonic",
    language="fortran", out=None, workers=None
))]
#[allow(clippy::too_many_arguments)]
fn heat2d<'py>(
    py: Python<'py>,
    u: &Bound<'py, PyAny>,
    diffusivity: &Bound<'py, PyAny>,
    dt: f64,
    steps: i64,
    dx: f64,
    dy: f64,
    edges: &str,
    mean: &str,
    language: &str,
    out: Option<&Bound<'py, PyAny>>,
    workers: Option<isize>,
) -> PyResult<Bound<'py, PyUntypedArray>> {
    let named = Edges::ALL.map(|e| (e.name(), e));
    let means = [
        ("harmonic", Mean::Harmonic),
        ("arithmetic", Mean::Arithmetic),
    ];
    let languages = [("fortran", Language::Fortran), ("c", Language::C)];
    let plan = Plan {
        dt,
        steps: usize::try_from(steps).map_err(|_| {
            PyValueError::new_err(format!(
                "`steps` is {steps}, expected an integer, at least 0"
            ))
        })?,
        dx,
        dy,
        edges: choice("edges", edges, &named)?,
        mean: choice("mean", mean, &means)?,
        language: choice("language", language, &languages)?,
    };
    let grids = Grids::new(u, diffusivity, out)?;
    let _workers = Workers::set(workers)?;
    let ran = match grids.kind {
        Kind::F64 => plan.run::<f64>(py, &grids),
        Kind::F32 => plan.run::<f32>(py, &grids),
    };
    let out = grids.finish()?;
    ran.map(|()| out)
}

/// The arguments that are no arrays.
struct Plan {
    dt: f64,
    steps: usize,
    dx: f64,
    dy: f64,
    edges: Edges,
    mean: Mean,
    language: Language,
}

impl Plan {
    fn run<T: Real + Element>(&self, py: Python<'_>, grids: &Grids<'_>) -> PyResult<()> {
        let cells = match &grids.diffusivity {
            Grid::Number(_) => None,
            Grid::Array(array) => Some(arrays::read::<T>(array, "diffusivity")?),
        };
        let options = Heat2d {
            dt: self.dt,
            steps: self.steps,
            dx: self.dx,
            dy: self.dy,
            edges: self.edges,
            mean: self.mean,
            language: self.language,
            diffusivity: match (&cells, &grids.diffusivity) {
                (Some(cells), _) => Diffusivity::PerCell(cells.as_array()),
                (None, Grid::Number(d)) => Diffusivity::Constant(*d),
                (None, Grid::Array(_)) => unreachable!("an array has been read"),
            },
        };
        let mut to = arrays::write::<T>(&grids.to)?;
        let done = match &grids.from {
            None => steps(py, None, arrays::view_mut(&mut to), &options)?,
            Some(from) => {
                let from = arrays::read::<T>(from, "u")?;
                steps(
                    py,
                    Some(from.as_array()),
                    arrays::view_mut(&mut to),
                    &options,
                )?
            }
        };
        done.map_err(|error| PyValueError::new_err(error.to_string()))
    }
}

/// The steps themselves, without the GIL; long ones stop at Ctrl-C.
fn steps<T: Real>(
    py: Python<'_>,
    from: Option<ArrayView2<'_, T>>,
    mut to: ArrayViewMut2<'_, T>,
    options: &Heat2d<'_, T>,
) -> PyResult<Result<(), Error>> {
    if to.len().saturating_mul(options.steps) < SHORT {
        return Ok(py.detach(|| match from {
            None => heat2d_in_place(&mut to, options),
            Some(from) => heat2d_into(&from, options, &mut to),
        }));
    }
    interruptible(py, |cancel| {
        let go_on = |_| !cancel.is_set();
        match from {
            None => par_heat2d_in_place_while(&mut to, options, go_on).map(drop),
            Some(from) => par_heat2d_into_while(&from, options, &mut to, go_on).map(drop),
        }
    })
}

fn choice<T: Copy>(name: &str, found: &str, all: &[(&str, T)]) -> PyResult<T> {
    let chosen = all.iter().find(|(word, _)| *word == found);
    chosen.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<_> = all.iter().map(|(word, _)| format!("'{word}'")).collect();
        let words = words.join(", ");
        PyValueError::new_err(format!("`{name}` is '{found}', expected one of {words}"))
    })
}

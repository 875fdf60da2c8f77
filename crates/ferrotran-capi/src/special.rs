//! Special functions over arrays.

use ferrotran::{Real, special};
use ndarray::{ArrayRef1, ArrayViewMut1, Axis};

use crate::arrays::{Array, apart, length};
use crate::call::entry;
use crate::failure::Done;
use crate::threads::spread;

/// A function of the crate over arrays, for this thread or for many.
type Into<T> = fn(&ArrayRef1<T>, &mut ArrayRef1<T>) -> ferrotran::Result<()>;

/// Fewest elements that are worth a second thread.
const WORTH_THREADS: usize = 1 << 15;
/// Elements that are copied at once where the output is the input.
const COPIED: usize = 1 << 18;

/// Computes `y = f(x)` in one of the two forms.
fn apply<T: Real>(
    [one, many]: [Into<T>; 2],
    (n, x, incx): (isize, *const T, isize),
    (y, incy): (*mut T, isize),
) -> Done {
    let n = length("n", n)?;
    let x = Array::input("x", x, &[n], &[incx])?;
    let y = Array::output("y", y, &[n], &[incy])?;
    let in_place = x.is(&y);
    if !in_place {
        apart(&[y.place()], &[x.place()])?;
    }
    // SAFETY: the header makes the caller promise the elements.
    let mut to: ArrayViewMut1<'_, T> = unsafe { y.view_mut() };
    // SAFETY: as above, and `y` is elsewhere.
    let from = (!in_place).then(|| unsafe { x.view() });
    let result = spread(n >= WORTH_THREADS, |parallel| {
        let f = if parallel { many } else { one };
        match &from {
            Some(from) => f(from, &mut to),
            None => (to.axis_chunks_iter_mut(Axis(0), COPIED))
                .try_for_each(|mut part| f(&part.to_owned(), &mut part)),
        }
    })?;
    Ok(result?)
}

macro_rules! special {
    ($($double:ident $single:ident: $one:ident $many:ident;)*) => {
        $(
            special!($double: f64, $one $many);
            special!($single: f32, $one $many);
        )*
    };
    ($name:ident: $real:ty, $one:ident $many:ident) => {
        entry! {
            fn $name(n: isize, x: *const $real, incx: isize, y: *mut $real, incy: isize) {
                apply([special::$one, special::$many], (n, x, incx), (y, incy))
            }
        }
    };
}

special! {
    ft_erf ft_erff: erf_into par_erf_into;
    ft_erfc ft_erfcf: erfc_into par_erfc_into;
    ft_erfcx ft_erfcxf: erfcx_into par_erfcx_into;
    ft_gamma ft_gammaf: gamma_into par_gamma_into;
    ft_gammaln ft_gammalnf: gammaln_into par_gammaln_into;
    ft_j0 ft_j0f: j0_into par_j0_into;
    ft_j1 ft_j1f: j1_into par_j1_into;
    ft_y0 ft_y0f: y0_into par_y0_into;
    ft_y1 ft_y1f: y1_into par_y1_into;
}

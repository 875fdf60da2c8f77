//! What every elementwise special function shares: one value, arrays of any layout, threads.
//!
//! A new function is one line in `native`, one `elementwise!` block in the file of its kernel, and
//! its names in the parent module.

mod native;

use ndarray::{Array, ArrayRef, ArrayView, ArrayViewMut, Axis, Dimension, ShapeBuilder};

use crate::{Error, Real, Result};
use native::Kernel;

/// Elements that pass through a buffer at once where memory is not contiguous.
const BUFFER: usize = 512;

/// Fewest elements that another thread is given: about 50 microseconds of work.
const GRAIN: usize = 1 << 14;

/// The kernel of one value.
pub(super) fn scalar<T: Real>(kernel: Kernel<T>, x: T) -> T {
    let mut y = x;
    // SAFETY: both pointers lead to one element, and an elementwise kernel may run in place.
    unsafe { kernel(1, &raw const y, &raw mut y) };
    y
}

/// The kernel of every element of `x`, in memory order like that of `x`.
pub(super) fn array<T: Real, D: Dimension>(
    kernel: Kernel<T>,
    x: &ArrayRef<T, D>,
    parallel: bool,
) -> Array<T, D> {
    let columns = !x.is_standard_layout() && x.t().is_standard_layout();
    let mut y = Array::from_elem(x.raw_dim().set_f(columns), T::zero());
    apply(kernel, x.view(), y.view_mut(), parallel);
    y
}

/// The kernel of every element of `x`, into `y`.
pub(super) fn into<T: Real, D: Dimension>(
    kernel: Kernel<T>,
    x: &ArrayRef<T, D>,
    y: &mut ArrayRef<T, D>,
    parallel: bool,
) -> Result<()> {
    if x.shape() != y.shape() {
        return Err(Error::Shape {
            argument: "y",
            expected: x.shape().to_vec(),
            found: y.shape().to_vec(),
        });
    }
    apply(kernel, x.view(), y.view_mut(), parallel);
    Ok(())
}

/// Splits the work over the current rayon pool down to [`GRAIN`] elements, or does it here.
fn apply<T: Real, D: Dimension>(
    kernel: Kernel<T>,
    x: ArrayView<T, D>,
    y: ArrayViewMut<T, D>,
    parallel: bool,
) {
    if parallel && x.len() >= 2 * GRAIN {
        // Halving the axis of the widest stride keeps contiguous memory contiguous.
        let axis = (0..x.ndim())
            .filter(|&i| x.len_of(Axis(i)) > 1)
            .max_by_key(|&i| (x.strides()[i].unsigned_abs(), x.len_of(Axis(i))));
        if let Some(axis) = axis.map(Axis) {
            let half = x.len_of(axis) / 2;
            let (x0, x1) = x.split_at(axis, half);
            let (y0, y1) = y.split_at(axis, half);
            rayon::join(
                || apply(kernel, x0, y0, true),
                || apply(kernel, x1, y1, true),
            );
            return;
        }
    }
    serial(kernel, x, y);
}

fn serial<T: Real, D: Dimension>(kernel: Kernel<T>, x: ArrayView<T, D>, mut y: ArrayViewMut<T, D>) {
    if x.strides() == y.strides()
        && let (Some(from), Some(to)) = (x.as_slice_memory_order(), y.as_slice_memory_order_mut())
    {
        // SAFETY: the slices are of one length, and a shared and a unique borrow do not overlap.
        unsafe { kernel(from.len().cast_signed(), from.as_ptr(), to.as_mut_ptr()) };
        return;
    }
    let mut buffer = [T::zero(); BUFFER];
    let (mut from, mut to) = (x.iter(), y.iter_mut());
    loop {
        let mut count = 0;
        for (place, value) in buffer.iter_mut().zip(from.by_ref()) {
            *place = *value;
            count += 1;
        }
        if count == 0 {
            return;
        }
        let start = buffer.as_mut_ptr();
        // SAFETY: `count` elements of the buffer are filled, and the kernel may run in place.
        unsafe { kernel(count, start, start) };
        for (value, place) in buffer[..count.unsigned_abs()].iter().zip(to.by_ref()) {
            *place = *value;
        }
    }
}

/// Declares a function in its five forms: of one value, of an array, into an array, and the last
/// two in parallel.
macro_rules! elementwise {
    (
        $(#[$doc:meta])*
        $name:ident, $array:ident, $into:ident, $par_array:ident, $par_into:ident: $kernel:ident
    ) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name<T: $crate::Real>(x: T) -> T {
            $crate::special::elementwise::scalar(T::$kernel, x)
        }

        #[doc = concat!("[`", stringify!($name), "`] of every element of `x`, an array of any shape and stride.")]
        #[must_use]
        pub fn $array<T: $crate::Real, D: ndarray::Dimension>(
            x: &ndarray::ArrayRef<T, D>,
        ) -> ndarray::Array<T, D> {
            $crate::special::elementwise::array(T::$kernel, x, false)
        }

        #[doc = concat!("Writes [`", stringify!($name), "`] of every element of `x` to `y`; both of any stride.")]
        ///
        /// # Errors
        ///
        /// [`Error::Shape`](crate::Error::Shape) if `y` has not the shape of `x`.
        pub fn $into<T: $crate::Real, D: ndarray::Dimension>(
            x: &ndarray::ArrayRef<T, D>,
            y: &mut ndarray::ArrayRef<T, D>,
        ) -> $crate::Result<()> {
            $crate::special::elementwise::into(T::$kernel, x, y, false)
        }

        #[doc = concat!("[`", stringify!($array), "`] on the threads of the current rayon pool, with the same bits.")]
        #[must_use]
        pub fn $par_array<T: $crate::Real, D: ndarray::Dimension>(
            x: &ndarray::ArrayRef<T, D>,
        ) -> ndarray::Array<T, D> {
            $crate::special::elementwise::array(T::$kernel, x, true)
        }

        #[doc = concat!("[`", stringify!($into), "`] on the threads of the current rayon pool, with the same bits.")]
        ///
        /// # Errors
        ///
        /// [`Error::Shape`](crate::Error::Shape) if `y` has not the shape of `x`.
        pub fn $par_into<T: $crate::Real, D: ndarray::Dimension>(
            x: &ndarray::ArrayRef<T, D>,
            y: &mut ndarray::ArrayRef<T, D>,
        ) -> $crate::Result<()> {
            $crate::special::elementwise::into(T::$kernel, x, y, true)
        }
    };
}

pub(super) use elementwise;
pub(crate) use native::Native;

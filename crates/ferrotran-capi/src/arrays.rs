//! Arrays of the caller: pointers, lengths and strides, checked before they become views.

use std::mem::{align_of, size_of};

use ndarray::{ArrayView, ArrayViewMut, Axis, Dimension, Ix1, IxDyn, ShapeBuilder};

use crate::failure::{Done, Failure};
use crate::header as ft;

/// Most axes.
const AXES: usize = 3;

/// Where an array lies; the first axes have length 1 where there are fewer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    name: &'static str,
    /// Address of the element of index 0.
    address: usize,
    lengths: [usize; AXES],
    /// In bytes.
    strides: [isize; AXES],
    /// Bytes of an element.
    size: usize,
}

/// An array of the caller whose pointer, lengths and strides fit together.
#[derive(Debug)]
pub(crate) struct Array<T> {
    data: *mut T,
    place: Place,
    strides: [isize; AXES],
}

/// A length of the caller.
pub(crate) fn length(name: &str, found: isize) -> Done<usize> {
    usize::try_from(found).map_err(|_| Failure::argument(name, found, "zero or more"))
}

impl<T> Array<T> {
    /// An array to be read, with a stride for each of its lengths.
    pub(crate) fn input(
        name: &'static str,
        data: *const T,
        lengths: &[usize],
        strides: &[isize],
    ) -> Done<Self> {
        let first = AXES - lengths.len();
        let (mut all, mut steps) = ([1; AXES], [0; AXES]);
        all[first..].copy_from_slice(lengths);
        steps[first..].copy_from_slice(strides);
        let size = size_of::<T>();
        let too_large = || Failure::argument(name, "too large", "an array that fits in memory");
        let mut reach = size as isize;
        let mut count = size;
        let empty = all.contains(&0);
        for (&length, step) in all.iter().zip(&mut steps) {
            // Views bound the product of the other lengths also where one is 0.
            count = count.checked_mul(length.max(1)).ok_or_else(too_large)?;
            if empty {
                continue;
            }
            if length == 1 {
                *step = 0;
            }
            let bytes = step.checked_mul(size as isize).filter(|b| *b != isize::MIN);
            let last = isize::try_from(length - 1).ok();
            let extent = bytes.zip(last).and_then(|(b, l)| b.abs().checked_mul(l));
            reach = extent
                .and_then(|e| e.checked_add(reach))
                .ok_or_else(too_large)?;
        }
        isize::try_from(count).map_err(|_| too_large())?;
        if !empty && data.is_null() {
            return Err(Failure::null(name, "a pointer to its elements"));
        }
        if !empty && !(data as usize).is_multiple_of(align_of::<T>()) {
            let expected = format!("an address that is a multiple of {}", align_of::<T>());
            return Err(Failure::argument(name, format!("{data:p}"), expected));
        }
        let place = Place {
            name,
            address: data as usize,
            lengths: all,
            strides: if empty {
                [0; AXES]
            } else {
                steps.map(|s| s * size as isize)
            },
            size,
        };
        Ok(Self {
            data: data.cast_mut(),
            place,
            strides: steps,
        })
    }

    /// An array to be written, each of whose elements has a place of its own.
    pub(crate) fn output(
        name: &'static str,
        data: *mut T,
        lengths: &[usize],
        strides: &[isize],
    ) -> Done<Self> {
        let array = Self::input(name, data, lengths, strides)?;
        if array.is_empty() {
            return Ok(array);
        }
        let mut axes: Vec<_> = array.place.axes().collect();
        axes.sort_unstable();
        let mut reach = size_of::<T>();
        for (stride, length) in axes {
            if stride < reach {
                let found = stride / size_of::<T>();
                let expected = "strides that give each element a place of its own";
                let argument = format!("stride of {name}");
                return Err(Failure::argument(&argument, found, expected));
            }
            reach += stride * (length - 1);
        }
        Ok(array)
    }

    /// Writes the only element.
    ///
    /// # Safety
    /// The array is an output of one element, which nobody else touches.
    pub(crate) unsafe fn write(&self, value: T) {
        // SAFETY: the caller's promise; `input` has checked that the pointer is aligned, not null.
        unsafe { self.data.write(value) };
    }

    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// Whether it has no element.
    pub(crate) fn is_empty(&self) -> bool {
        self.place.lengths.contains(&0)
    }

    /// Whether both are the same elements in the same order.
    pub(crate) fn is(&self, other: &Self) -> bool {
        !self.is_empty()
            && self.data == other.data
            && self.strides == other.strides
            && self.place.lengths == other.place.lengths
    }

    /// The last `D` axes as a view.
    ///
    /// # Safety
    /// The pointer leads to that many elements, which nobody writes for as long as the view is used.
    pub(crate) unsafe fn view<'a, D: Dimension>(&self) -> ArrayView<'a, T, D> {
        let axes = D::NDIM.unwrap_or(AXES);
        let lengths = &self.place.lengths[AXES - axes..];
        let fit = "the view has as many axes";
        if self.is_empty() {
            let view = ArrayView::from_shape(IxDyn(lengths), &[]).expect("no element is needed");
            return view.into_dimensionality().expect(fit);
        }
        let (data, steps) = self.lowest(lengths);
        let shape = IxDyn(lengths).strides(IxDyn(&steps));
        // SAFETY: the caller's promise; `input` has checked the reach, and no stride is negative.
        let mut view = unsafe { ArrayView::from_shape_ptr(shape, data.cast_const()) };
        for (axis, stride) in self.strides[AXES - axes..].iter().enumerate() {
            if *stride < 0 {
                view.invert_axis(Axis(axis));
            }
        }
        view.into_dimensionality().expect(fit)
    }

    /// The last `D` axes of an output as a view.
    ///
    /// # Safety
    /// The pointer leads to that many elements, which nobody else touches for as long as the view
    /// is used.
    pub(crate) unsafe fn view_mut<'a, D: Dimension>(&self) -> ArrayViewMut<'a, T, D> {
        let axes = D::NDIM.unwrap_or(AXES);
        let lengths = &self.place.lengths[AXES - axes..];
        let fit = "the view has as many axes";
        if self.is_empty() {
            let view = ArrayViewMut::from_shape(IxDyn(lengths), &mut []);
            let view = view.expect("no element is needed");
            return view.into_dimensionality().expect(fit);
        }
        let (data, steps) = self.lowest(lengths);
        let shape = IxDyn(lengths).strides(IxDyn(&steps));
        // SAFETY: the caller's promise; `output` has checked that no two elements share a place.
        let mut view = unsafe { ArrayViewMut::from_shape_ptr(shape, data) };
        for (axis, stride) in self.strides[AXES - axes..].iter().enumerate() {
            if *stride < 0 {
                view.invert_axis(Axis(axis));
            }
        }
        view.into_dimensionality().expect(fit)
    }

    /// The element at the lowest address and the strides without signs, for the last axes of these
    /// lengths.
    fn lowest(&self, lengths: &[usize]) -> (*mut T, Vec<usize>) {
        let strides = &self.strides[AXES - lengths.len()..];
        let backward = |(&stride, &length): (&isize, &usize)| stride.min(0) * (length as isize - 1);
        let offset: isize = strides.iter().zip(lengths).map(backward).sum();
        let steps = strides.iter().map(|s| s.unsigned_abs()).collect();
        (self.data.wrapping_offset(offset), steps)
    }
}

impl Place {
    /// Strides in bytes, without signs, and lengths of the axes that have more than one element.
    fn axes(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (self.strides.iter().zip(&self.lengths))
            .filter(|(_, length)| **length > 1)
            .map(|(stride, length)| (stride.unsigned_abs(), *length))
    }

    /// The first byte and the one behind the last.
    fn span(&self) -> (usize, usize) {
        let (mut low, mut high) = (self.address, self.address + self.size);
        for (&stride, &length) in self.strides.iter().zip(&self.lengths) {
            let extent = stride * (length as isize - 1);
            low = low.wrapping_add_signed(extent.min(0));
            high = high.wrapping_add_signed(extent.max(0));
        }
        (low, high)
    }

    /// Whether an element of one may lie on an element of the other. Arrays that interleave with
    /// strides of a common divisor are told apart.
    fn meets(&self, other: &Self) -> bool {
        if self.lengths.contains(&0) || other.lengths.contains(&0) {
            return false;
        }
        let (a, b) = (self.span(), other.span());
        if a.1 <= b.0 || b.1 <= a.0 {
            return false;
        }
        let common = self
            .axes()
            .chain(other.axes())
            .fold(0, |g, (stride, _)| gcd(g, stride));
        if common == 0 {
            return true;
        }
        let ahead = self.address.wrapping_sub(other.address) as isize;
        let ahead = ahead.rem_euclid(common as isize) as usize;
        !(ahead >= other.size && ahead + self.size <= common)
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The `n` numbers of an optional array; none where the pointer is null.
///
/// # Safety
/// `data` is null or leads to `n` numbers.
pub(crate) unsafe fn numbers<T: Copy>(
    name: &'static str,
    data: *const T,
    n: usize,
) -> Done<Vec<T>> {
    if data.is_null() {
        return Ok(Vec::new());
    }
    let array = Array::input(name, data, &[n], &[1])?;
    // SAFETY: the caller's promise.
    Ok(unsafe { array.view::<Ix1>() }.to_vec())
}

/// Refuses outputs that overlap one another or an input.
pub(crate) fn apart(outputs: &[Place], inputs: &[Place]) -> Done {
    for (k, output) in outputs.iter().enumerate() {
        let others = outputs[k + 1..].iter().chain(inputs);
        if let Some(other) = others.into_iter().find(|other| output.meets(other)) {
            let message = format!(
                "`{}` overlaps `{}`, expected arrays apart",
                output.name, other.name
            );
            return Err(Failure::new(ft::FT_OVERLAP, message));
        }
    }
    Ok(())
}

//! The operands of one inner loop of a gufunc, as `ndarray` views.

use std::ffi::c_char;
use std::iter;
use std::marker::PhantomData;
use std::slice;

use ndarray::{Array, ArrayView, ArrayViewMut, Axis, Dimension, IxDyn, ShapeBuilder};

use super::Lane;
use super::gufunc::Prepared;
use crate::fpstatus::Flags;

/// One operand: the batch axis first, then its core dimensions. Strides in elements.
struct Operand<T> {
    start: *mut T,
    shape: Vec<usize>,
    strides: Vec<isize>,
}

impl<T> Operand<T> {
    /// Bytes from the lowest to behind the highest element; empty if there is none.
    fn span(&self) -> (isize, isize) {
        let (mut low, mut high) = (0, 1);
        for (&n, &stride) in self.shape.iter().zip(&self.strides) {
            if n == 0 {
                return (0, 0);
            }
            let reach = stride * (n as isize - 1);
            low += reach.min(0);
            high += reach.max(0);
        }
        let size = size_of::<T>() as isize;
        (
            self.start as isize + low * size,
            self.start as isize + high * size,
        )
    }

    /// Shape, strides without their sign, and the lowest element: what `ndarray` takes.
    fn parts<D: Dimension>(&self) -> (D, D, *mut T) {
        let mut shape = D::zeros(self.shape.len());
        let mut strides = shape.clone();
        let mut lowest = self.start;
        for axis in 0..self.shape.len() {
            shape[axis] = self.shape[axis];
            strides[axis] = self.strides[axis].unsigned_abs();
            if self.strides[axis] < 0 && !self.shape.contains(&0) {
                let reach = self.strides[axis] * (self.shape[axis] as isize - 1);
                lowest = lowest.wrapping_offset(reach);
            }
        }
        if self.shape.contains(&0) {
            // NumPy's strides of an empty operand may be zero, which `ndarray` takes for overlap.
            for axis in 0..self.shape.len() {
                strides[axis] = usize::from(shape[axis] != 0);
            }
        }
        (shape, strides, lowest)
    }

    fn reversed_axes(&self) -> impl Iterator<Item = Axis> + '_ {
        (0..self.strides.len())
            .filter(|&axis| self.strides[axis] < 0)
            .map(Axis)
    }

    /// # Safety
    /// The elements must be alive and unwritten for `'a`.
    unsafe fn view<'a, D: Dimension>(&self) -> ArrayView<'a, T, D> {
        let (shape, strides, lowest) = self.parts::<D>();
        // SAFETY: NumPy's operand has elements at all these places; strides are not negative.
        let mut view = unsafe { ArrayView::from_shape_ptr(shape.strides(strides), lowest) };
        self.reversed_axes().for_each(|axis| view.invert_axis(axis));
        view
    }

    /// # Safety
    /// The elements must be alive and used through this view only for `'a`.
    unsafe fn view_mut<'a, D: Dimension>(&self) -> ArrayViewMut<'a, T, D> {
        let (shape, strides, lowest) = self.parts::<D>();
        // SAFETY: as in `view`; NumPy lets no two elements of an output share their place.
        let mut view = unsafe { ArrayViewMut::from_shape_ptr(shape.strides(strides), lowest) };
        self.reversed_axes().for_each(|axis| view.invert_axis(axis));
        view
    }
}

/// The operands of one inner loop, broadcast by strides of zero.
pub(crate) struct Batch<'a, T> {
    inputs: Vec<Operand<T>>,
    outputs: Vec<Option<Operand<T>>>,
    /// Keeps what inputs that meet an output were copied to.
    copies: Vec<Array<T, IxDyn>>,
    /// The loop, while which NumPy keeps the operands alive.
    during: PhantomData<&'a T>,
}

impl<'a, T: Lane> Batch<'a, T> {
    /// Input `i`: the first axis counts the items, the others are the core dimensions. Strides
    /// may be zero or negative.
    ///
    /// # Panics
    /// If `D` is not 1 + the number of core dimensions.
    pub(crate) fn input<D: Dimension>(&self, i: usize) -> ArrayView<'_, T, D> {
        // SAFETY: NumPy keeps the operands alive during the loop, and no input meets an output.
        unsafe { self.inputs[i].view() }
    }

    /// Output `i`, laid out like an input. It can be taken once.
    ///
    /// # Panics
    /// If it has been taken, or `D` is not 1 + the number of core dimensions.
    pub(crate) fn output<'b, D: Dimension>(&mut self, i: usize) -> ArrayViewMut<'b, T, D>
    where
        'a: 'b,
    {
        let operand = self.outputs[i].take().expect("an output is taken once");
        // SAFETY: NumPy keeps it alive during the loop, nothing else meets it, taken once.
        unsafe { operand.view_mut() }
    }

    /// Reads the arguments of an inner loop.
    ///
    /// # Safety
    /// They must be those of a loop of `gufunc`.
    pub(super) unsafe fn new(
        gufunc: &Prepared,
        args: *mut *mut c_char,
        dimensions: *mut isize,
        steps: *mut isize,
    ) -> Self {
        const { assert!(align_of::<T>() == size_of::<T>()) };
        let count = gufunc.dims.len();
        let core_count = gufunc.dims.iter().map(Vec::len).sum();
        // SAFETY: `dimensions` holds the number of items and then the core dimensions, `args`
        // one pointer per operand, `steps` one stride per operand and then one per core
        // dimension of each operand.
        let (len, dims, args, steps, core_steps) = unsafe {
            (
                *dimensions as usize,
                slice::from_raw_parts(dimensions.add(1), gufunc.distinct),
                slice::from_raw_parts(args, count),
                slice::from_raw_parts(steps, count),
                slice::from_raw_parts(steps.add(count), core_count),
            )
        };
        let mut core_steps = core_steps.iter();
        let mut operands =
            gufunc
                .dims
                .iter()
                .zip(args)
                .zip(steps)
                .map(|((places, &start), step)| {
                    let sizes = places.iter().map(|&place| dims[place] as usize);
                    let steps = core_steps.by_ref().take(places.len());
                    Operand {
                        start: start.cast::<T>(),
                        shape: iter::once(len).chain(sizes).collect(),
                        strides: iter::once(step)
                            .chain(steps)
                            .map(|step| step / size_of::<T>() as isize)
                            .collect(),
                    }
                });
        let inputs = operands.by_ref().take(gufunc.nin).collect();
        let outputs = operands.map(Some).collect();
        let mut batch = Self {
            inputs,
            outputs,
            copies: Vec::new(),
            during: PhantomData,
        };
        batch.separate();
        batch
    }

    /// Makes every output NaN.
    pub(super) fn spoil(&self) -> Flags {
        for output in self.outputs.iter().flatten() {
            // SAFETY: alive during the loop, and nothing else uses it.
            unsafe { output.view_mut::<IxDyn>() }.fill(T::nan());
        }
        Flags::INVALID
    }

    /// Copies the inputs that meet an output.
    fn separate(&mut self) {
        for input in &mut self.inputs {
            let (low, high) = input.span();
            let meets = |output: &Operand<T>| {
                let (out_low, out_high) = output.span();
                low < out_high && out_low < high
            };
            if self.outputs.iter().flatten().any(meets) {
                // A broadcast axis is copied once.
                let broadcast: Vec<usize> = (0..input.strides.len())
                    .filter(|&axis| input.strides[axis] == 0)
                    .collect();
                let shape = input.shape.clone();
                broadcast
                    .iter()
                    .for_each(|&axis| input.shape[axis] = shape[axis].min(1));
                // SAFETY: the elements are alive, and nothing is written yet.
                let mut copy = unsafe { input.view::<IxDyn>() }
                    .as_standard_layout()
                    .into_owned();
                input.start = copy.as_mut_ptr();
                input.strides = copy.strides().to_vec();
                input.shape = shape;
                broadcast.iter().for_each(|&axis| input.strides[axis] = 0);
                self.copies.push(copy);
            }
        }
    }
}

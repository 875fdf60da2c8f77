//! Functions over core dimensions: one call gets a whole batch.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use ndarray::{Array, ArrayView, ArrayViewMut, Axis, Dimension, IxDyn, ShapeBuilder};
use numpy::npyffi::PyUFuncObject;
use pyo3::exceptions::{PyImportError, PyValueError};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

use super::Lane;
use crate::fpstatus::{self, Flags};

/// A function over core dimensions.
pub(crate) struct Gufunc {
    /// Name in Python; also the attribute's name, without which pickling fails.
    pub(crate) name: &'static CStr,
    /// Core dimensions as NumPy writes them: `(m),(n),(m),(n)->(n)`.
    pub(crate) signature: &'static CStr,
    /// The docstring below the signature, which NumPy writes itself.
    pub(crate) doc: &'static CStr,
    /// Computes all items of a batch. An item that fails is NaN in its place and adds
    /// [`Flags::INVALID`] to what is returned.
    pub(crate) f64: fn(&mut Batch<'_, f64>) -> Flags,
    /// The same in single precision.
    pub(crate) f32: fn(&mut Batch<'_, f32>) -> Flags,
    /// Checks the core dimensions, in the order in which their names first occur in the
    /// signature, and fills in those that only outputs have (-1 on entry). The message of an
    /// error names the argument; it becomes a `ValueError`.
    pub(crate) core_dims: fn(&mut [isize]) -> Result<(), String>,
}

impl Gufunc {
    /// Numbers of inputs and outputs.
    pub(super) fn operands(&self) -> (usize, usize) {
        let (inputs, outputs) = halves(self.signature);
        (count(inputs), count(outputs))
    }
}

fn halves(signature: &CStr) -> (&[u8], &[u8]) {
    let text = signature.to_bytes();
    let arrow = text.windows(2).position(|pair| pair == b"->");
    let arrow = arrow.expect("every signature has an arrow");
    (&text[..arrow], &text[arrow + 2..])
}

fn count(operands: &[u8]) -> usize {
    operands.iter().filter(|&&c| c == b'(').count()
}

/// Chooses the function for an element type.
pub(super) trait GufuncLane: Lane {
    fn function(spec: &Gufunc) -> fn(&mut Batch<'_, Self>) -> Flags;
}

impl GufuncLane for f32 {
    fn function(spec: &Gufunc) -> fn(&mut Batch<'_, Self>) -> Flags {
        spec.f32
    }
}

impl GufuncLane for f64 {
    fn function(spec: &Gufunc) -> fn(&mut Batch<'_, Self>) -> Flags {
        spec.f64
    }
}

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

/// The operands of one inner loop: `len()` items, broadcast by strides of zero.
pub(crate) struct Batch<'a, T> {
    len: usize,
    dims: &'a [isize],
    inputs: Vec<Operand<T>>,
    outputs: Vec<Option<Operand<T>>>,
    /// Keeps what inputs that meet an output were copied to.
    copies: Vec<Array<T, IxDyn>>,
}

impl<'a, T: Lane> Batch<'a, T> {
    /// Number of items.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The core dimensions, in the order in which their names first occur in the signature.
    pub(crate) fn core_dims(&self) -> &'a [isize] {
        self.dims
    }

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
    /// They must be those of a loop of `spec`.
    unsafe fn new(
        spec: &Gufunc,
        args: *mut *mut c_char,
        dimensions: *mut isize,
        steps: *mut isize,
    ) -> Self {
        const { assert!(align_of::<T>() == size_of::<T>()) };
        let (inputs, outputs) = halves(spec.signature);
        let (nin, nout) = (count(inputs), count(outputs));
        let names = names(spec.signature);
        let mut distinct: Vec<&[u8]> = Vec::new();
        for &name in names.iter().flatten() {
            if !distinct.contains(&name) {
                distinct.push(name);
            }
        }
        // SAFETY: `dimensions` holds the number of items and then the core dimensions, `args`
        // one pointer per operand, `steps` one stride per operand and then one per core
        // dimension of each operand.
        let (len, dims, args, mut steps, mut core_steps) = unsafe {
            let dims = slice::from_raw_parts(dimensions.add(1), distinct.len());
            let args = slice::from_raw_parts(args, nin + nout);
            let core = slice::from_raw_parts(steps.add(nin + nout), names.iter().flatten().count());
            let steps = slice::from_raw_parts(steps, nin + nout).iter();
            (*dimensions as usize, dims, args, steps, core.iter())
        };
        let size = size_of::<T>() as isize;
        let mut operands = args.iter().zip(&names).map(|(&start, names)| {
            let mut operand = Operand {
                start: start.cast::<T>(),
                shape: vec![len],
                strides: steps.by_ref().take(1).map(|step| step / size).collect(),
            };
            for &name in names {
                let dim = distinct.iter().position(|&other| other == name);
                operand.shape.push(dim.map_or(0, |dim| dims[dim] as usize));
                operand
                    .strides
                    .extend(core_steps.by_ref().take(1).map(|step| step / size));
            }
            operand
        });
        let inputs: Vec<_> = operands.by_ref().take(nin).collect();
        let outputs: Vec<_> = operands.map(Some).collect();
        let mut batch = Self {
            len,
            dims,
            inputs,
            outputs,
            copies: Vec::new(),
        };
        batch.separate();
        batch
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

/// The names of the core dimensions of each operand.
fn names(signature: &CStr) -> Vec<Vec<&[u8]>> {
    signature
        .to_bytes()
        .split(|&c| c == b'(')
        .skip(1)
        .map(|operand| {
            let end = operand
                .iter()
                .position(|&c| c == b')')
                .unwrap_or(operand.len());
            let names = operand[..end].split(|&c| c == b',').map(<[u8]>::trim_ascii);
            names.filter(|name| !name.is_empty()).collect()
        })
        .collect()
}

/// The inner loop of a [`Gufunc`].
///
/// # Safety
/// As NumPy calls a loop of that signature; all operands are aligned elements of `T`, and
/// `data` is the `&'static Gufunc`.
pub(super) unsafe extern "C" fn inner_loop<T: GufuncLane>(
    args: *mut *mut c_char,
    dimensions: *mut isize,
    steps: *mut isize,
    data: *mut c_void,
) {
    // SAFETY: by this function's contract.
    let spec = unsafe { &*data.cast::<Gufunc>() };
    fpstatus::isolate(|| {
        let work = || {
            // SAFETY: by this function's contract.
            let mut batch = unsafe { Batch::<T>::new(spec, args, dimensions, steps) };
            T::function(spec)(&mut batch)
        };
        // A panic must not unwind into NumPy: the results are not to be trusted then.
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
            // SAFETY: as above; the batch of `work` is gone.
            let batch = unsafe { Batch::<T>::new(spec, args, dimensions, steps) };
            for output in batch.outputs.iter().flatten() {
                // SAFETY: alive during the loop, and nothing else uses it.
                unsafe { output.view_mut::<IxDyn>() }.fill(T::nan());
            }
            Flags::INVALID
        })
    });
}

/// `PyUFuncObject` as NumPy 2.1 has it; the fields behind `base` are newer than the `numpy` crate's.
#[repr(C)]
struct UFuncObject {
    base: PyUFuncObject,
    core_dim_sizes: *mut isize,
    core_dim_flags: *mut u32,
    identity_value: *mut PyObject,
    dispatch_cache: *mut c_void,
    loops: *mut PyObject,
    process_core_dims: Option<unsafe extern "C" fn(*mut PyUFuncObject, *mut isize) -> c_int>,
}

/// Lets NumPy call the spec's `core_dims` before every loop.
pub(super) fn check_core_dims(ufunc: &Bound<'_, PyAny>) -> PyResult<()> {
    let object = ufunc.as_ptr().cast::<UFuncObject>();
    // SAFETY: a ufunc, and NumPy is at least 2.1 (checked when it was made), so the fields are
    // there; the GIL is held, and nobody else has the ufunc yet.
    unsafe {
        if (*object).process_core_dims.is_some() {
            return Err(PyImportError::new_err(
                "the layout of NumPy's ufuncs has changed",
            ));
        }
        (*object).process_core_dims = Some(process_core_dims);
    }
    Ok(())
}

/// # Safety
/// NumPy calls it with a ufunc made of a `&'static Gufunc` and its core dimensions.
unsafe extern "C" fn process_core_dims(ufunc: *mut PyUFuncObject, sizes: *mut isize) -> c_int {
    // SAFETY: `data` was filled with the spec when the ufunc was made; NumPy holds the GIL.
    let (spec, sizes, py) = unsafe {
        let fields = &(*ufunc).fields;
        let spec = &*(*fields.data).cast::<Gufunc>();
        let sizes = slice::from_raw_parts_mut(sizes, fields.core_num_dim_ix as usize);
        (spec, sizes, Python::assume_attached())
    };
    let checked = catch_unwind(AssertUnwindSafe(|| (spec.core_dims)(sizes)));
    match checked.unwrap_or_else(|_| Err("the check of the core dimensions failed".into())) {
        Ok(()) => 0,
        Err(message) => {
            let name = spec.name.to_string_lossy();
            PyValueError::new_err(format!("{name}: {message}")).restore(py);
            -1
        }
    }
}

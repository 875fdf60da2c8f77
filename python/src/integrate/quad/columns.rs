use numpy::{PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// The limits and parameters of a batch as contiguous arrays, and the shape they broadcast to.
pub(super) struct Operands<'py> {
    arrays: Vec<PyReadonlyArrayDyn<'py, f64>>,
    shape: Vec<usize>,
}

impl<'py> Operands<'py> {
    /// Converts and broadcasts.
    pub(super) fn new(
        py: Python<'py>,
        a: &Bound<'py, PyAny>,
        b: &Bound<'py, PyAny>,
        args: &[Bound<'py, PyAny>],
    ) -> PyResult<Self> {
        let numpy = py.import("numpy")?;
        let mut inputs = vec![as_array(&numpy, "a", a)?, as_array(&numpy, "b", b)?];
        for arg in args {
            inputs.push(as_array(&numpy, "args", arg)?);
        }
        let shapes: PyResult<Vec<_>> = inputs.iter().map(|x| x.getattr("shape")).collect();
        let shapes = PyTuple::new(py, shapes?)?;
        let shape = numpy
            .call_method1("broadcast_shapes", &shapes)
            .map_err(|_| {
                PyValueError::new_err(format!(
                    "`a`, `b` and `args` have the shapes {shapes}, expected shapes that broadcast"
                ))
            })?;
        let mut arrays = Vec::with_capacity(inputs.len());
        for mut input in inputs {
            let one = input.getattr("size")?.extract::<usize>()? == 1;
            if !one && !input.getattr("shape")?.eq(&shape)? {
                input = numpy.call_method1("broadcast_to", (input, &shape))?;
            }
            let array = numpy.call_method1("ascontiguousarray", (input,))?;
            arrays.push(array.extract()?);
        }
        let shape = shape.extract()?;
        Ok(Self { arrays, shape })
    }

    /// The broadcast shape.
    pub(super) fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of members.
    pub(super) fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// The numbers, for any thread.
    pub(super) fn columns(&self) -> PyResult<Columns<'_>> {
        let mut columns = Vec::with_capacity(self.arrays.len());
        for array in &self.arrays {
            columns.push(Column {
                data: array.as_slice()?,
                step: usize::from(array.len() != 1),
            });
        }
        let args = columns.split_off(2);
        Ok(Columns {
            a: columns[0],
            b: columns[1],
            args,
        })
    }
}

/// The numbers of a batch by operand.
pub(super) struct Columns<'a> {
    pub(super) a: Column<'a>,
    pub(super) b: Column<'a>,
    pub(super) args: Vec<Column<'a>>,
}

/// One number for each member, or one for all.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    data: &'a [f64],
    step: usize,
}

impl Column<'_> {
    /// The number of member `i`.
    pub(super) fn at(self, i: usize) -> f64 {
        self.data[i * self.step]
    }
}

/// `value` as an array of double.
fn as_array<'py>(
    numpy: &Bound<'py, PyModule>,
    name: &str,
    value: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    numpy
        .call_method1("asarray", (value, "float64"))
        .map_err(|error| {
            let new =
                PyTypeError::new_err(format!("`{name}` is {value}, expected array_like of float"));
            new.set_cause(value.py(), Some(error));
            new
        })
}

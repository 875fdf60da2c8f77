use std::ffi::{c_int, c_void};

use ferrotran::optimize::{CompiledModel, Model};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::call::{Cancel, guarded};
use crate::compiled::CFunction;

/// The signature of a compiled model, in the normal form.
const SIGNATURE: &str = "int(void*,ptrdiff_t,ptrdiff_t,double*,double*,double*,double*)";
/// The same for a reader.
const ACCEPTED: &str = "int (void *, ptrdiff_t, ptrdiff_t, const double *, const double *, \
     double *, double *)";
/// What a model that was cancelled returns.
const CANCELLED: c_int = -1;
/// A NaN that no arithmetic makes: a model that leaves it in all places gives no derivatives.
const UNTOUCHED: u64 = 0x7ff4_5ca1_ab1e_0001;

type Function = unsafe extern "C-unwind" fn(
    *mut c_void,
    isize,
    isize,
    *const f64,
    *const f64,
    *mut f64,
    *mut f64,
) -> c_int;

/// A model that runs without the GIL.
pub(super) enum Native {
    /// One of the library's.
    BuiltIn(Model),
    /// A C function of the user's.
    Compiled(Compiled),
}

impl Native {
    /// Finds a built-in model by its name, and else a compiled function; a polynomial has as
    /// many coefficients as there are parameters.
    pub(super) fn new(f: &Bound<'_, PyAny>, parameters: usize) -> PyResult<Self> {
        if let Ok(name) = f.extract::<String>() {
            return named(&name, parameters).map(Self::BuiltIn);
        }
        match CFunction::find(f, "f")? {
            Some(function) => Compiled::new(&function).map(Self::Compiled),
            None => Err(PyValueError::new_err("`f` is a Python callable")),
        }
    }

    /// Puts the values into `y`, and derivatives into `jac`; false if the model refuses.
    pub(super) fn evaluate(
        &self,
        x: &[f64],
        p: &[f64],
        y: &mut [f64],
        jac: Option<&mut [f64]>,
    ) -> bool {
        match (self, jac) {
            (Self::BuiltIn(model), None) => model.values(x, p, y).is_ok(),
            (Self::BuiltIn(model), Some(jac)) => model.values_and_derivatives(x, p, y, jac).is_ok(),
            (Self::Compiled(model), jac) => model.evaluate(x, p, y, jac) == 0,
        }
    }
}

/// The built-in model of that name.
pub(super) fn named(name: &str, parameters: usize) -> PyResult<Model> {
    if name == "polynomial" {
        let degree = parameters.saturating_sub(1);
        return Ok(Model::Polynomial { degree });
    }
    let found = Model::ALL.into_iter().find(|model| model.name() == name);
    found.ok_or_else(|| {
        let names: Vec<_> = Model::ALL.iter().map(|model| model.name()).collect();
        let names = names.join(", ");
        PyValueError::new_err(format!("`f` is '{name}', expected one of {names}"))
    })
}

/// A C function of the user's. The object that it came from must outlive it.
#[derive(Clone, Copy)]
pub(super) struct Compiled {
    function: Function,
    ctx: usize,
}

impl Compiled {
    fn new(function: &CFunction) -> PyResult<Self> {
        if function.signature() != SIGNATURE {
            return Err(function.refused("f", ACCEPTED));
        }
        // SAFETY: the object that `f` is promised this signature; a function pointer has the
        // size of a data pointer on every platform with Python.
        let call = unsafe { std::mem::transmute::<usize, Function>(function.address) };
        Ok(Self {
            function: call,
            ctx: function.user_data,
        })
    }

    /// Calls the function, which may wait for the GIL: it may be Python behind ctypes.
    ///
    /// # Safety
    /// As the model's contract says: `x` holds the predictors of `m` points, `p` holds `n`
    /// numbers, `y` has room for `m` and `jac`, unless null, for `n * m`.
    // Inlined into a function of C's convention, which must not unwind, it would lose its guard.
    #[inline(never)]
    unsafe fn call(
        self,
        (m, n): (isize, isize),
        x: *const f64,
        p: *const f64,
        y: *mut f64,
        jac: *mut f64,
    ) -> c_int {
        // SAFETY: the promises made to this function and about the user's.
        guarded(|| unsafe { (self.function)(self.ctx as *mut c_void, m, n, x, p, y, jac) })
    }

    /// Tells whether the function touches the derivatives; if it refuses, that is not known.
    pub(super) fn has_jacobian(self, x: &[f64], p: &[f64], m: usize) -> bool {
        let mut y = vec![0.0; m];
        let mut jac = vec![f64::from_bits(UNTOUCHED); m * p.len()];
        let code = self.evaluate(x, p, &mut y, Some(&mut jac));
        code != 0 || jac.iter().any(|d| d.to_bits() != UNTOUCHED)
    }

    /// Puts the values into `y`, and derivatives into `jac`; the code the function returned.
    fn evaluate(self, x: &[f64], p: &[f64], y: &mut [f64], jac: Option<&mut [f64]>) -> c_int {
        let sizes = (y.len() as isize, p.len() as isize);
        let jac = jac.map_or(std::ptr::null_mut(), <[f64]>::as_mut_ptr);
        // SAFETY: the callers give slices of these lengths.
        unsafe { self.call(sizes, x.as_ptr(), p.as_ptr(), y.as_mut_ptr(), jac) }
    }
}

/// A compiled model that stops when it is asked to.
pub(super) struct Stoppable<'a> {
    model: Compiled,
    cancel: &'a Cancel,
}

impl<'a> Stoppable<'a> {
    pub(super) fn new(model: Compiled, cancel: &'a Cancel) -> Self {
        Self { model, cancel }
    }

    /// The model as the batches of the library take it.
    pub(super) fn model(&self, has_jacobian: bool) -> CompiledModel {
        let ctx = ptr_of(self);
        // SAFETY: `trampoline` reads a `Stoppable`, which both the caller and the borrow of
        // `self` keep alive; it does not unwind, since `guarded` never lets go, and the user's
        // function may be called on any thread, as the documentation says.
        unsafe {
            match has_jacobian {
                true => CompiledModel::with_jacobian(trampoline, ctx),
                false => CompiledModel::values(trampoline, ctx),
            }
        }
    }
}

fn ptr_of(stoppable: &Stoppable<'_>) -> *mut c_void {
    std::ptr::from_ref(stoppable).cast_mut().cast()
}

unsafe extern "C" fn trampoline(
    ctx: *mut c_void,
    m: isize,
    n: isize,
    x: *const f64,
    p: *const f64,
    y: *mut f64,
    jac: *mut f64,
) -> c_int {
    // SAFETY: `Stoppable::model` made the pointer.
    let this = unsafe { &*ctx.cast::<Stoppable<'_>>() };
    if this.cancel.is_set() {
        return CANCELLED;
    }
    // SAFETY: the kernel keeps the contract of a model.
    unsafe { this.model.call((m, n), x, p, y, jac) }
}

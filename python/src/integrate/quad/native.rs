use std::ffi::{c_int, c_void};

use pyo3::prelude::*;

use super::Failure;
use crate::call::guarded;
use crate::compiled::CFunction;

/// What a compiled integrand takes and returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signature {
    /// `double f(double x)`
    Plain,
    /// `double f(double x, void *user_data)`
    PlainData,
    /// `double f(int n, double *xx)`, where `xx` holds x and the parameters
    Array,
    /// `double f(int n, double *xx, void *user_data)`
    ArrayData,
    /// `int f(void *ctx, ptrdiff_t n, const double *x, double *y)`
    Nodes,
}

/// Every signature, for the error message.
const ACCEPTED: &str = "double (double), double (double, void *), \
     double (int, double *), double (int, double *, void *) or \
     int (void *, ptrdiff_t, const double *, double *)";

impl Signature {
    /// Finds the signature of `function` among ours.
    fn of(function: &CFunction) -> Option<Self> {
        Some(match function.signature().as_str() {
            "double(double)" => Self::Plain,
            "double(double,void*)" => Self::PlainData,
            "double(int,double*)" => Self::Array,
            // What SciPy asks for of ctypes where the C function is double (int, double *).
            "double(int,double)" if function.typed => Self::Array,
            "double(int,double*,void*)" => Self::ArrayData,
            "int(void*,ptrdiff_t,double*,double*)" => Self::Nodes,
            _ => return None,
        })
    }
}

/// A compiled integrand. The object it came from must outlive it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Native {
    /// Address of the function.
    address: usize,
    /// What it takes.
    signature: Signature,
    /// The `void *` it gets; where null, it gets the parameters.
    user_data: usize,
}

impl Native {
    /// Takes a function with one of the signatures.
    pub(super) fn new(function: &CFunction) -> PyResult<Self> {
        let signature =
            Signature::of(function).ok_or_else(|| function.refused("func", ACCEPTED))?;
        Ok(Self {
            address: function.address,
            signature,
            user_data: function.user_data,
        })
    }

    /// Tells whether the parameters reach the integrand.
    pub(super) fn takes_parameters(self) -> bool {
        match self.signature {
            Signature::Plain => false,
            Signature::PlainData | Signature::Nodes => self.user_data == 0,
            Signature::Array | Signature::ArrayData => true,
        }
    }

    /// Puts the values at `x` into `y`. `xx` holds room for one node, then the parameters.
    pub(super) fn evaluate(self, x: &[f64], y: &mut [f64], xx: &mut [f64]) -> Result<(), Failure> {
        let function = self.address as *const c_void;
        let mut data = self.user_data as *mut c_void;
        if data.is_null() && xx.len() > 1 {
            data = xx[1..].as_mut_ptr().cast();
        }
        let n = xx.len() as c_int;
        // SAFETY: the object that `func` is promised this signature, which is checked as far as
        // it can be; a function pointer has the size of a data pointer on every platform with
        // Python. `xx` holds `n` numbers, `x` and `y` as many as is said.
        guarded(|| unsafe {
            match self.signature {
                Signature::Plain => {
                    type F = unsafe extern "C-unwind" fn(f64) -> f64;
                    let f = std::mem::transmute::<*const c_void, F>(function);
                    x.iter().zip(y).for_each(|(x, y)| *y = f(*x));
                }
                Signature::PlainData => {
                    type F = unsafe extern "C-unwind" fn(f64, *mut c_void) -> f64;
                    let f = std::mem::transmute::<*const c_void, F>(function);
                    x.iter().zip(y).for_each(|(x, y)| *y = f(*x, data));
                }
                Signature::Array => {
                    type F = unsafe extern "C-unwind" fn(c_int, *mut f64) -> f64;
                    let f = std::mem::transmute::<*const c_void, F>(function);
                    for (x, y) in x.iter().zip(y) {
                        xx[0] = *x;
                        *y = f(n, xx.as_mut_ptr());
                    }
                }
                Signature::ArrayData => {
                    type F = unsafe extern "C-unwind" fn(c_int, *mut f64, *mut c_void) -> f64;
                    let f = std::mem::transmute::<*const c_void, F>(function);
                    for (x, y) in x.iter().zip(y) {
                        xx[0] = *x;
                        *y = f(n, xx.as_mut_ptr(), data);
                    }
                }
                Signature::Nodes => {
                    type F = unsafe extern "C-unwind" fn(
                        *mut c_void,
                        isize,
                        *const f64,
                        *mut f64,
                    ) -> c_int;
                    let f = std::mem::transmute::<*const c_void, F>(function);
                    match f(data, x.len() as isize, x.as_ptr(), y.as_mut_ptr()) {
                        0 => {}
                        code => {
                            return Err(Failure::Refused {
                                argument: "func",
                                work: "quadrature",
                                code,
                            });
                        }
                    }
                }
            }
            Ok(())
        })
    }
}

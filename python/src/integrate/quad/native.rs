use std::ffi::{c_int, c_void};

use super::Failure;
use crate::call::guarded;

/// What a compiled integrand takes and returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
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
pub(super) const ACCEPTED: &str = "double (double), double (double, void *), \
     double (int, double *), double (int, double *, void *) or \
     int (void *, ptrdiff_t, const double *, double *)";

impl Signature {
    /// Reads a C signature; `const` and spaces do not matter.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bare: String = text
            .replace("const", "")
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        Some(match bare.as_str() {
            "double(double)" => Self::Plain,
            "double(double,void*)" => Self::PlainData,
            "double(int,double*)" => Self::Array,
            "double(int,double*,void*)" => Self::ArrayData,
            nodes => {
                let inner = nodes.strip_prefix("int(void*,")?;
                let index = inner.strip_suffix(",double*,double*)")?;
                if !is_index(index) {
                    return None;
                }
                Self::Nodes
            }
        })
    }
}

/// Tells whether a C type is `ptrdiff_t` under one of its names.
fn is_index(name: &str) -> bool {
    match name {
        "ptrdiff_t" | "ssize_t" | "Py_ssize_t" | "npy_intp" | "intptr_t" => true,
        "long" => size_of::<std::ffi::c_long>() == size_of::<isize>(),
        "longlong" | "int64_t" => size_of::<i64>() == size_of::<isize>(),
        _ => false,
    }
}

/// A compiled integrand. The object it came from must outlive it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Native {
    /// Address of the function.
    pub(super) address: usize,
    /// What it takes.
    pub(super) signature: Signature,
    /// The `void *` it gets; where null, it gets the parameters.
    pub(super) user_data: usize,
}

impl Native {
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
                        code => return Err(Failure::Refused(code)),
                    }
                }
            }
            Ok(())
        })
    }
}

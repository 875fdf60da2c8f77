//! The library in Chapel: its C interface, and safe functions around it.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::Once;

use ndarray::{Array2, ArrayRef2};

/// What Chapel takes for an array. The memory stays Rust's.
#[repr(C)]
struct ExternalArray {
    elts: *mut c_void,
    num_elts: u64,
    freer: *mut c_void,
}

unsafe extern "C" {
    fn chpl_library_init(argc: c_int, argv: *const *const c_char);
    #[link_name = "chpl__init_Diffusion"]
    fn init_diffusion(line: i64, file: i32);
    fn chapel_heat2d(
        rows: i64,
        columns: i64,
        u: *mut ExternalArray,
        r: f64,
        steps: i64,
        tasks: i64,
        work: *mut ExternalArray,
    ) -> i32;
    fn chapel_largest_difference(
        a: *mut ExternalArray,
        b: *mut ExternalArray,
        largest: *mut f64,
    ) -> i32;
}

/// Why Chapel refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The shapes do not fit.
    Shape,
    /// `r` is not in [0, 1/4].
    Unstable,
    /// `tasks` is 0.
    Tasks,
}

fn check(status: i32) -> Result<(), Refused> {
    match status {
        0 => Ok(()),
        1 => Err(Refused::Shape),
        2 => Err(Refused::Unstable),
        _ => Err(Refused::Tasks),
    }
}

/// Starts Chapel's run time and the module, once in a process.
fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let arguments = [c"diffusion".as_ptr(), ptr::null()];
        // SAFETY: `arguments` is a C vector of one string with its end; `Once` keeps others out.
        unsafe {
            chpl_library_init(1, arguments.as_ptr());
            init_diffusion(0, 0);
        }
    });
}

fn external(x: &mut [f64]) -> ExternalArray {
    ExternalArray {
        elts: x.as_mut_ptr().cast(),
        num_elts: x.len() as u64,
        freer: ptr::null_mut(),
    }
}

/// Returns `u` after `steps` steps of diffusion of ratio `r`, the grid closed.
pub fn heat2d(u: &ArrayRef2<f64>, r: f64, steps: i64, tasks: i64) -> Result<Array2<f64>, Refused> {
    start();
    let (rows, columns) = u.dim();
    let mut v: Vec<f64> = u.iter().copied().collect();
    let mut work = vec![0.0; v.len()];
    let (mut at, mut scratch) = (external(&mut v), external(&mut work));
    // SAFETY: both arrays hold rows * columns numbers of ours, which nothing else touches.
    let status = unsafe {
        chapel_heat2d(
            rows as i64,
            columns as i64,
            &mut at,
            r,
            steps,
            tasks,
            &mut scratch,
        )
    };
    check(status)?;
    Ok(Array2::from_shape_vec((rows, columns), v).expect("as many numbers as before"))
}

/// Returns the largest absolute difference of two contiguous arrays.
pub fn largest_difference(a: &mut [f64], b: &mut [f64]) -> Result<f64, Refused> {
    start();
    let mut largest = 0.0;
    let (mut a, mut b) = (external(a), external(b));
    // SAFETY: both are arrays of ours, and Chapel only reads them.
    check(unsafe { chapel_largest_difference(&mut a, &mut b, &mut largest) })?;
    Ok(largest)
}

//! Calls of the caller's functions, and whether one of them was left by longjmp.
//!
//! Each call out of the library leaves a mark: its address on the stack, where a number of its own
//! is kept, in a list of the thread. A call into the library that finds a mark was either made
//! by that callback, and then the number is still there and the stack is deeper, or the callback
//! was left. Marks on other stacks, those of coroutines, tell nothing.

use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::ops::Range;

use crate::failure::Halt;

/// A callback under way.
#[derive(Clone, Copy)]
struct Mark {
    /// Where its number is on the stack.
    address: usize,
    number: usize,
}

thread_local! {
    static MARKS: RefCell<Vec<Mark>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<usize> = const { Cell::new(0x5eed_f00d) };
    static STACK: Cell<Option<(usize, usize)>> = const { Cell::new(None) };
}

/// Calls a function of the caller; a number other than 0 is an error.
pub(crate) fn out(f: impl FnOnce() -> c_int) -> Result<(), Halt> {
    let number = NEXT.get();
    NEXT.set(number.wrapping_add(1));
    let place = Cell::new(number);
    let address = black_box(&raw const place) as usize;
    let depth = MARKS.with_borrow_mut(|marks| {
        marks.push(Mark { address, number });
        marks.len() - 1
    });
    let code = f();
    black_box(&place);
    MARKS.with_borrow_mut(|marks| marks.truncate(depth));
    match code {
        0 => Ok(()),
        code => Err(Halt::Code(code)),
    }
}

/// Whether a callback of this thread was left by longjmp since the last look.
pub(crate) fn left() -> bool {
    // While the thread ends its list is gone, and nothing can be under way.
    MARKS
        .try_with(|marks| {
            let mut marks = marks.borrow_mut();
            let before = marks.len();
            if before > 0 {
                let here = 0_u8;
                let here = black_box(&raw const here) as usize;
                let stack = stack();
                while marks.last().is_some_and(|mark| gone(mark, here, &stack)) {
                    marks.pop();
                }
            }
            marks.len() < before
        })
        .unwrap_or(false)
}

/// Whether the callback is no longer on the stack, which grows down.
fn gone(mark: &Mark, here: usize, stack: &Range<usize>) -> bool {
    if !stack.contains(&mark.address) || !stack.contains(&here) {
        return false;
    }
    // SAFETY: the address is above `here` on the stack of this thread, so it can be read.
    here > mark.address || unsafe { (mark.address as *const usize).read_volatile() } != mark.number
}

/// The addresses of this thread's stack; none where the system does not tell.
fn stack() -> Range<usize> {
    let (start, end) = STACK.get().unwrap_or_else(|| {
        let bounds = bounds().unwrap_or((0, 0));
        STACK.set(Some(bounds));
        bounds
    });
    start..end
}

#[cfg(target_os = "linux")]
fn bounds() -> Option<(usize, usize)> {
    let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    let mut start: *mut c_void = std::ptr::null_mut();
    let mut size = 0;
    // SAFETY: the attributes are initialised by the first call, read by the second, destroyed by
    // the third.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let found = libc::pthread_attr_getstack(attributes.as_ptr(), &mut start, &mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        (found == 0).then(|| (start as usize, start as usize + size))
    }
}

#[cfg(not(target_os = "linux"))]
fn bounds() -> Option<(usize, usize)> {
    None
}

/// The caller's context, for closures that may run on several threads: the header says which
/// functions call back from those.
#[derive(Clone, Copy)]
pub(crate) struct Context(*mut c_void);

// SAFETY: the header makes the caller promise it, for the functions that begin with `ft_par_`.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    pub(crate) fn new(ctx: *mut c_void) -> Self {
        Self(ctx)
    }

    pub(crate) fn get(self) -> *mut c_void {
        self.0
    }
}

//! The floating-point status flags that NumPy reads after a loop.
//!
//! NumPy clears the flags of the calling thread before it runs an inner loop and reads them
//! afterwards to decide what `np.errstate` has to say. A vector kernel computes lanes that it
//! throws away, and other threads have flags of their own, so the hardware flags tell neither
//! the truth nor the whole of it. Loops therefore find the genuine flags from their operands
//! and results ([`Flags`]), and [`isolate`] leaves exactly those in the hardware.

use std::ffi::c_int;
use std::ops::{BitOr, BitOrAssign};

use fenv::{FE_DIVBYZERO, FE_INEXACT, FE_INVALID, FE_OVERFLOW, FE_UNDERFLOW};

/// A set of floating-point exceptions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    /// No exception.
    pub(crate) const NONE: Self = Self(0);
    /// The result is NaN although no operand is.
    pub(crate) const INVALID: Self = Self(1);
    /// The result is infinite at a pole, exactly.
    pub(crate) const DIVIDE: Self = Self(2);
    /// The result is too large for the type.
    pub(crate) const OVERFLOW: Self = Self(4);
    /// The result is too small for the type and was rounded.
    pub(crate) const UNDERFLOW: Self = Self(8);

    /// The set as a number, for an atomic.
    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    /// The set that [`bits`](Self::bits) gave.
    pub(crate) fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    fn excepts(self) -> c_int {
        [
            (Self::INVALID, FE_INVALID),
            (Self::DIVIDE, FE_DIVBYZERO),
            (Self::OVERFLOW, FE_OVERFLOW),
            (Self::UNDERFLOW, FE_UNDERFLOW),
        ]
        .iter()
        .filter(|(flag, _)| self.0 & flag.0 != 0)
        .fold(0, |excepts, (_, bit)| excepts | bit)
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Runs `work`, then sets the thread's flags to what they were before plus what `work` returned:
/// whatever its instructions raised in between is forgotten.
pub(crate) fn isolate(work: impl FnOnce() -> Flags) {
    // SAFETY: reads the flags of this thread.
    let before = unsafe { fetestexcept(ALL) };
    let genuine = work().excepts();
    // SAFETY: change the sticky flags of this thread, which compiled code never reads; NumPy
    // runs with all exceptions masked, so raising does not trap.
    unsafe {
        feclearexcept(ALL);
        if before | genuine != 0 {
            feraiseexcept(before | genuine);
        }
    }
}

#[cfg_attr(unix, link(name = "m"))]
unsafe extern "C" {
    fn feclearexcept(excepts: c_int) -> c_int;
    fn feraiseexcept(excepts: c_int) -> c_int;
    fn fetestexcept(excepts: c_int) -> c_int;
}

const ALL: c_int = FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW | FE_INEXACT;

/// The constants of `<fenv.h>`: macros, so no library exports them. An architecture that is
/// missing here does not compile until its values are added.
#[cfg(all(not(windows), any(target_arch = "x86_64", target_arch = "x86")))]
mod fenv {
    pub(super) const FE_INVALID: i32 = 0x01;
    pub(super) const FE_DIVBYZERO: i32 = 0x04;
    pub(super) const FE_OVERFLOW: i32 = 0x08;
    pub(super) const FE_UNDERFLOW: i32 = 0x10;
    pub(super) const FE_INEXACT: i32 = 0x20;
}
#[cfg(all(not(windows), any(target_arch = "aarch64", target_arch = "arm")))]
mod fenv {
    pub(super) const FE_INVALID: i32 = 0x01;
    pub(super) const FE_DIVBYZERO: i32 = 0x02;
    pub(super) const FE_OVERFLOW: i32 = 0x04;
    pub(super) const FE_UNDERFLOW: i32 = 0x08;
    pub(super) const FE_INEXACT: i32 = 0x10;
}
#[cfg(any(windows, target_arch = "riscv64"))]
mod fenv {
    pub(super) const FE_INEXACT: i32 = 0x01;
    pub(super) const FE_UNDERFLOW: i32 = 0x02;
    pub(super) const FE_OVERFLOW: i32 = 0x04;
    pub(super) const FE_DIVBYZERO: i32 = 0x08;
    pub(super) const FE_INVALID: i32 = 0x10;
}

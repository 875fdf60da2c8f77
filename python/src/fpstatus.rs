//! The floating-point status flags that NumPy reads after a loop.
//!
//! NumPy clears the flags of the calling thread before it runs an inner loop and reads them
//! afterwards to decide what `np.errstate` has to say. A vector kernel computes lanes that it
//! throws away, and other threads have flags of their own, so the hardware flags tell neither
//! the truth nor the whole of it. Loops therefore find the genuine flags from their operands
//! and results ([`Flags`]), and [`isolate`] leaves exactly those in the hardware.

use std::ops::{BitOr, BitOrAssign};

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

    fn excepts(self) -> u32 {
        [
            (Self::INVALID, status::INVALID),
            (Self::DIVIDE, status::DIVIDE),
            (Self::OVERFLOW, status::OVERFLOW),
            (Self::UNDERFLOW, status::UNDERFLOW),
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
    let before = status::get();
    let genuine = work().excepts();
    status::set(before | genuine);
}

/// The flags of this thread, in the control register of SSE: the only ones that compiled code
/// raises on x86-64. `<fenv.h>` would add 130 ns to a call of 400.
#[cfg(target_arch = "x86_64")]
mod status {
    use std::arch::asm;

    pub(super) const INVALID: u32 = 0x01;
    pub(super) const DIVIDE: u32 = 0x04;
    pub(super) const OVERFLOW: u32 = 0x08;
    pub(super) const UNDERFLOW: u32 = 0x10;
    const ALL: u32 = 0x3f;

    pub(super) fn get() -> u32 {
        register() & ALL
    }

    pub(super) fn set(flags: u32) {
        let register = register() & !ALL | flags;
        // SAFETY: changes the sticky flags only, which compiled code never reads.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &register, options(nostack, readonly)) };
    }

    fn register() -> u32 {
        let mut register = 0_u32;
        // SAFETY: writes the register to the variable.
        unsafe { asm!("stmxcsr [{}]", in(reg) &mut register, options(nostack)) };
        register
    }
}

/// The flags of this thread, by `<fenv.h>`.
#[cfg(not(target_arch = "x86_64"))]
mod status {
    use std::ffi::c_int;

    pub(super) fn get() -> u32 {
        // SAFETY: reads the flags of this thread.
        unsafe { fetestexcept(ALL).cast_unsigned() }
    }

    pub(super) fn set(flags: u32) {
        // SAFETY: change the sticky flags of this thread, which compiled code never reads; NumPy
        // runs with all exceptions masked, so raising does not trap.
        unsafe {
            feclearexcept(ALL);
            feraiseexcept(flags.cast_signed());
        }
    }

    #[cfg_attr(unix, link(name = "m"))]
    unsafe extern "C" {
        fn feclearexcept(excepts: c_int) -> c_int;
        fn feraiseexcept(excepts: c_int) -> c_int;
        fn fetestexcept(excepts: c_int) -> c_int;
    }

    // The values of `<fenv.h>` are macros, so no library exports them. An architecture that is
    // missing here does not compile until its values are added.
    #[cfg(all(not(windows), any(target_arch = "aarch64", target_arch = "arm")))]
    mod values {
        pub(in super::super) const INVALID: u32 = 0x01;
        pub(in super::super) const DIVIDE: u32 = 0x02;
        pub(in super::super) const OVERFLOW: u32 = 0x04;
        pub(in super::super) const UNDERFLOW: u32 = 0x08;
    }
    #[cfg(any(windows, target_arch = "riscv64"))]
    mod values {
        pub(in super::super) const INVALID: u32 = 0x10;
        pub(in super::super) const DIVIDE: u32 = 0x08;
        pub(in super::super) const OVERFLOW: u32 = 0x04;
        pub(in super::super) const UNDERFLOW: u32 = 0x02;
    }
    pub(super) use values::{DIVIDE, INVALID, OVERFLOW, UNDERFLOW};
    /// Both have the inexact flag next to the others: all five in the lowest bits.
    const ALL: c_int = 0x1f;
}

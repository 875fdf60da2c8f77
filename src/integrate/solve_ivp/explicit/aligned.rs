//! Memory on cache line boundaries.

use std::ops::{Deref, DerefMut};
use std::slice;

/// Numbers in a cache line.
const LINE: usize = 8;

#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Line([f64; LINE]);

/// Numbers that begin on a cache line, so that 8 lanes are one line of memory.
#[derive(Debug)]
pub(super) struct Aligned {
    lines: Vec<Line>,
    length: usize,
}

impl Aligned {
    /// `length` zeros.
    pub(super) fn new(length: usize) -> Self {
        Self {
            lines: vec![Line([0.0; LINE]); length.div_ceil(LINE)],
            length,
        }
    }
}

impl Deref for Aligned {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        // SAFETY: the lines hold at least `length` numbers without gaps: 8 fill one.
        unsafe { slice::from_raw_parts(self.lines.as_ptr().cast(), self.length) }
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f64] {
        // SAFETY: as in `deref`; the borrow of `self` is exclusive.
        unsafe { slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.length) }
    }
}

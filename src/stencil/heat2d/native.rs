//! The kernels of each type and language.

use std::ffi::c_int;

use super::options::Language;
use crate::ffi;

/// One tile, and what the kernels need to advance it; the header says how they read it.
pub struct Tile<T> {
    pub(super) shape: (usize, usize),
    pub(super) ld_src: usize,
    pub(super) src: *const T,
    pub(super) ld_dst: usize,
    pub(super) dst: *mut T,
    pub(super) edges: c_int,
    pub(super) steps: usize,
    pub(super) rows: (usize, usize),
    pub(super) cols: (usize, usize),
    pub(super) c: (T, T),
    pub(super) f: (*const T, *const T),
}

/// The length of the workspace for a tile so wide, from the header.
pub(super) fn work_len(steps: usize, width: usize) -> usize {
    (4 * steps + 20) * (width + 2 * steps + 80)
}

/// The kernels for one type.
pub trait Native: Sized {
    /// Advances one tile and returns the kernel's status.
    ///
    /// # Safety
    ///
    /// `src` points to rows of `shape.1` numbers, `ld_src` apart, that nobody writes to; the tile
    /// lies in `shape`; `dst` likewise, and nobody else uses the tile there; the factors are null
    /// or of that shape, contiguous.
    unsafe fn advance(tile: &Tile<Self>, language: Language, work: &mut [Self]) -> c_int;
}

macro_rules! native {
    ($t:ty, $fortran:ident, $c:ident) => {
        impl Native for $t {
            unsafe fn advance(t: &Tile<Self>, language: Language, work: &mut [Self]) -> c_int {
                let kernel = match language {
                    Language::Fortran => ffi::$fortran,
                    Language::C => ffi::$c,
                };
                let mut status = ffi::FT_INVALID_ARGUMENT;
                // SAFETY: the caller keeps the contract above; `work` is a slice of its own, and
                // the kernel refuses one that is too short. Lengths fit isize as they are those of
                // slices or indices into them.
                unsafe {
                    kernel(
                        t.shape.0 as isize,
                        t.shape.1 as isize,
                        t.ld_src as isize,
                        t.src,
                        t.ld_dst as isize,
                        t.dst,
                        t.edges,
                        t.steps as isize,
                        t.rows.0 as isize,
                        t.rows.1 as isize,
                        t.cols.0 as isize,
                        t.cols.1 as isize,
                        t.c.0,
                        t.c.1,
                        t.f.0,
                        t.f.1,
                        work.len() as isize,
                        work.as_mut_ptr(),
                        &mut status,
                    );
                }
                status
            }
        }
    };
}

native!(f64, ft_heat2d_f64, ft_heat2d_c_f64);
native!(f32, ft_heat2d_f32, ft_heat2d_c_f32);

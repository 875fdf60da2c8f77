//! Blocks of steps, and the tiles of each block.

use std::ptr::null;
use std::sync::{Mutex, PoisonError};

use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use rayon::prelude::*;

use super::factors::Factors;
use super::native::{Tile, work_len};
use super::options::{Edges, Heat2d, Language};
use crate::{Error, Real, Result, ffi};

/// Steps of a block at most: its tiles are read and written once in so many steps.
const STEPS: usize = 32;
/// Width of a tile in bytes: the rows that a tile works on stay in an L2 cache of 512 KiB.
const WIDTH: usize = 4096;
/// Cell steps below which other threads cost more than they help.
const SERIAL: usize = 1 << 17;
/// Bytes that the rows of a workspace are best aligned to, a cache line; also a number of elements
/// that holds as many bytes.
const ALIGN: usize = 64;

/// All that is fixed before the first step.
pub(super) struct Run<T> {
    edges: Edges,
    language: Language,
    steps: usize,
    factors: Factors<T>,
    parallel: bool,
    /// Workspaces that no thread is using.
    spare: Mutex<Vec<Vec<T>>>,
}

/// Where each thread writes its own tiles.
struct Shared<T>(*mut T);

impl<T> Shared<T> {
    /// The whole struct, so that closures do not capture the pointer alone.
    fn get(&self) -> *mut T {
        self.0
    }
}

// SAFETY: the pointer is only used, while the array it points to is borrowed, to write tiles that
// do not overlap.
unsafe impl<T: Send + Sync> Sync for Shared<T> {}

impl<T: Real> Run<T> {
    /// Checks the options for a grid of this shape, whose axes will be exchanged if `turned`;
    /// `None` if nothing is to move.
    pub(super) fn new(
        shape: (usize, usize),
        options: &Heat2d<'_, T>,
        turned: bool,
        parallel: bool,
    ) -> Result<Option<Self>> {
        options.check(shape)?;
        let shape = if turned { (shape.1, shape.0) } else { shape };
        let (factors, sum) = Factors::of(shape, options, turned, parallel)?;
        // A step that is meant to be the largest may have come out a few roundings above.
        let tolerance = match factors {
            Factors::Constant(..) => f64::EPSILON,
            Factors::Faces(..) => T::epsilon().to_f64().unwrap_or(f64::EPSILON),
        };
        if sum > 1.0 + 8.0 * tolerance || sum.is_nan() {
            return Err(Error::Unstable {
                found: options.dt,
                largest: options.dt / sum,
            });
        }
        let still = options.steps == 0 || sum == 0.0;
        Ok((!still).then(|| Self {
            edges: options.edges,
            language: options.language,
            steps: options.steps,
            factors,
            parallel: parallel && work(shape, options.steps) > SERIAL,
            spare: Mutex::new(Vec::new()),
        }))
    }

    /// Steps from `u`, or from `out` itself, to `out`, both with contiguous rows. Returns how many
    /// were taken.
    pub(super) fn go(
        &self,
        u: Option<ArrayView2<'_, T>>,
        mut out: ArrayViewMut2<'_, T>,
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> usize {
        let shape = out.dim();
        let mut blocks = self.steps.div_ceil(self.steps_of_block(shape));
        if u.is_none() && self.steps > 1 {
            blocks = blocks.next_multiple_of(2);
        }
        // The last block writes to `out`, the one before to `other`, and so on.
        let mut to_out = u.is_some() && blocks % 2 == 1;
        let mut other = Array2::zeros(if blocks == 1 && to_out { (0, 0) } else { shape });
        let mut done = 0;
        for block in 0..blocks {
            if block > 0 && !go_on(done) {
                break;
            }
            let steps = (self.steps - done).div_ceil(blocks - block);
            let first = u.filter(|_| block == 0);
            if to_out {
                self.block(steps, first.unwrap_or(other.view()), out.view_mut());
            } else {
                self.block(steps, first.unwrap_or(out.view()), other.view_mut());
            }
            done += steps;
            to_out = !to_out;
        }
        if to_out {
            out.assign(&other);
        }
        done
    }

    /// Some steps of the whole grid.
    fn block(&self, steps: usize, src: ArrayView2<'_, T>, mut dst: ArrayViewMut2<'_, T>) {
        let shape = src.dim();
        let ld = |strides: &[isize]| strides[0].unsigned_abs().max(shape.1);
        let (ld_src, ld_dst) = (ld(src.strides()), ld(dst.strides()));
        let to = Shared(dst.as_mut_ptr());
        let (c, f) = match &self.factors {
            Factors::Constant(cx, cy) => ((*cx, *cy), None),
            Factors::Faces(fx, fy) => ((T::zero(), T::zero()), Some((fx, fy))),
        };
        let advance = |&(rows, cols): &((usize, usize), (usize, usize))| {
            let mut work = self.workspace(work_len(steps, cols.1 - cols.0));
            let skip = work.as_ptr().align_offset(ALIGN).min(ALIGN);
            let tile = Tile {
                shape,
                ld_src,
                src: src.as_ptr(),
                ld_dst,
                dst: to.get(),
                edges: self.edges.code(),
                steps,
                rows,
                cols,
                c,
                f: f.map_or((null(), null()), |(fx, fy)| (fx.as_ptr(), fy.as_ptr())),
            };
            // SAFETY: rows of `src` and `dst` are contiguous and `ld` apart (the caller's part);
            // `src` is borrowed, and so is `dst`, of which no two tiles have a cell in common;
            // `fx` and `fy` have as many cells as the grid.
            let status = unsafe { T::advance(&tile, self.language, &mut work[skip..]) };
            assert_eq!(status, ffi::FT_OK, "a tile lies inside the grid");
            self.put_back(work);
        };
        let tiles = self.tiles(shape, steps);
        if self.parallel {
            tiles.par_iter().with_max_len(1).for_each(advance);
        } else {
            tiles.iter().for_each(advance);
        }
    }

    /// The tiles of a grid: half-open ranges of rows and of columns.
    fn tiles(&self, (m, n): (usize, usize), steps: usize) -> Vec<((usize, usize), (usize, usize))> {
        let strips = strips::<T>(n);
        let width = n.div_ceil(strips).next_multiple_of(16);
        let bands = if self.parallel {
            (4 * rayon::current_num_threads()).div_ceil(strips)
        } else {
            1
        };
        let height = m.div_ceil(bands).max(4 * steps);
        let cut = |len: usize, by: usize| (0..len).step_by(by).map(move |a| (a, len.min(a + by)));
        let band = |rows| cut(n, width).map(move |cols| (rows, cols));
        cut(m, height).flat_map(band).collect()
    }

    /// Steps of a block at most: fewer where the overlap of tiles would cost more than a tenth or
    /// so of the time.
    fn steps_of_block(&self, (m, n): (usize, usize)) -> usize {
        let mut limit = STEPS;
        if self.parallel {
            limit = limit.min(m * strips::<T>(n) / (8 * rayon::current_num_threads()));
        }
        if self.edges == Edges::Periodic {
            limit = limit.min(m.min(n) / 8);
        }
        limit.max(4)
    }

    /// A workspace of at least this length and room to align it.
    fn workspace(&self, len: usize) -> Vec<T> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let found = spare.pop();
        drop(spare);
        let len = len + ALIGN;
        found
            .filter(|work| work.len() >= len)
            .unwrap_or_else(|| vec![T::zero(); len])
    }

    fn put_back(&self, work: Vec<T>) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        spare.push(work);
    }
}

/// How many tiles lie side by side in a row of the grid.
fn strips<T>(n: usize) -> usize {
    n.div_ceil(WIDTH / size_of::<T>())
}

/// Cell steps of the whole run.
fn work((m, n): (usize, usize), steps: usize) -> usize {
    m.saturating_mul(n).saturating_mul(steps)
}

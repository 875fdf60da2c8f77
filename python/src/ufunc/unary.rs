//! Elementwise functions of one argument.

use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::ops::{BitOr, Range};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use super::Lane;
use crate::fpstatus::{self, Flags};
use crate::pool;

/// Elements per call of a kernel: small enough for its operands to stay in the first cache
/// level, and a multiple of every vector length, so that how the work is cut changes no bit.
const BLOCK: usize = 512;

/// An elementwise function of one argument.
pub(crate) struct Unary {
    /// Name in Python; also the attribute's name, without which pickling fails.
    pub(crate) name: &'static CStr,
    /// The docstring below the signature, which NumPy writes itself.
    pub(crate) doc: &'static CStr,
    /// The kernel: both slices have the same length. It may compute lanes that it throws away.
    pub(crate) f64: fn(&[f64], &mut [f64]),
    /// The kernel in single precision.
    pub(crate) f32: fn(&[f32], &mut [f32]),
    /// Whether a finite `x` is a pole: an infinite result there raises *divide*, elsewhere
    /// *overflow*.
    pub(crate) pole: fn(f64) -> bool,
    /// Whether the function, or its limit, is exactly zero at `x`: a zero elsewhere raises
    /// *underflow*.
    pub(crate) zero: fn(f64) -> bool,
    /// Nanoseconds per element, roughly: decides from which size on threads are worth it.
    pub(crate) cost: f64,
}

impl Unary {
    /// The flags of one result: *invalid* for a NaN that comes from a number, the others as
    /// the fields say; a subnormal result counts as rounded.
    fn flags(&self, x: f64, y: f64, subnormal: bool) -> Flags {
        if y.is_nan() {
            if x.is_nan() {
                Flags::NONE
            } else {
                Flags::INVALID
            }
        } else if y.is_infinite() {
            match x.is_finite() {
                true if (self.pole)(x) => Flags::DIVIDE,
                true => Flags::OVERFLOW,
                false => Flags::NONE,
            }
        } else if subnormal || y == 0.0 && !(self.zero)(x) {
            Flags::UNDERFLOW
        } else {
            Flags::NONE
        }
    }
}

/// Chooses the kernel for an element type.
pub(super) trait UnaryLane: Lane {
    fn kernel(spec: &Unary) -> fn(&[Self], &mut [Self]);
    fn widen(self) -> f64;
}

impl UnaryLane for f32 {
    fn kernel(spec: &Unary) -> fn(&[Self], &mut [Self]) {
        spec.f32
    }
    fn widen(self) -> f64 {
        self.into()
    }
}

impl UnaryLane for f64 {
    fn kernel(spec: &Unary) -> fn(&[Self], &mut [Self]) {
        spec.f64
    }
    fn widen(self) -> f64 {
        self
    }
}

/// How the memory of operand and result meet.
#[derive(Clone, Copy, PartialEq)]
enum Overlap {
    /// Not at all.
    None,
    /// A result may replace the operand of its own index, no other.
    Elementwise,
    /// A result may replace operands of lower index: NumPy hands over such views when going
    /// through them in order is safe.
    InOrder,
}

/// The operands of one inner loop.
struct Job<'a, T> {
    spec: &'a Unary,
    x: *const T,
    y: *mut T,
    /// Strides in bytes: any sign, or zero.
    x_step: isize,
    y_step: isize,
    overlap: Overlap,
}

// SAFETY: threads get ranges of indices that do not meet, and where results can replace operands
// of another index only one thread runs.
unsafe impl<T: Sync> Sync for Job<'_, T> {}

impl<T: UnaryLane> Job<'_, T> {
    /// Computes the results of `range` in ascending order, block by block, and their flags.
    ///
    /// # Safety
    /// `x` and `y` must hold every index of `range`, aligned and unused by others meanwhile.
    unsafe fn run(&self, range: Range<usize>) -> Flags {
        let kernel = T::kernel(self.spec);
        let size = size_of::<T>() as isize;
        let (mut x_room, mut y_room) = (
            [const { MaybeUninit::uninit() }; BLOCK],
            [const { MaybeUninit::uninit() }; BLOCK],
        );
        let direct_x = self.x_step == size && self.overlap == Overlap::None;
        let direct_y = self.y_step == size;
        let x_block = zeroed(&mut x_room, if direct_x { 0 } else { range.len() });
        let y_block = zeroed(&mut y_room, if direct_y { 0 } else { range.len() });
        let mut flags = Flags::NONE;
        for start in range.clone().step_by(BLOCK) {
            let n = BLOCK.min(range.end - start);
            let x = self.x.wrapping_byte_offset(start as isize * self.x_step);
            let y = self.y.wrapping_byte_offset(start as isize * self.y_step);

            let xs = if direct_x {
                // SAFETY: `n` elements one after another, which nothing written here meets.
                unsafe { slice::from_raw_parts(x, n) }
            } else {
                for (i, item) in x_block[..n].iter_mut().enumerate() {
                    // SAFETY: index `start + i` is in `range`.
                    *item = unsafe { *x.wrapping_byte_offset(i as isize * self.x_step) };
                }
                &x_block[..n]
            };
            if direct_y {
                // SAFETY: `n` elements one after another; `xs` is a copy if it meets them.
                let ys = unsafe { slice::from_raw_parts_mut(y, n) };
                kernel(xs, ys);
                flags |= block_flags(self.spec, xs, ys);
            } else {
                kernel(xs, &mut y_block[..n]);
                flags |= block_flags(self.spec, xs, &y_block[..n]);
                for (i, item) in y_block[..n].iter().enumerate() {
                    // SAFETY: index `start + i` is in `range`.
                    unsafe { *y.wrapping_byte_offset(i as isize * self.y_step) = *item };
                }
            }
        }
        flags
    }

    /// Makes every result NaN.
    ///
    /// # Safety
    /// As for [`run`](Self::run).
    unsafe fn spoil(&self, n: usize) -> Flags {
        for i in 0..n {
            // SAFETY: index `i` is below `n`.
            unsafe { *self.y.wrapping_byte_offset(i as isize * self.y_step) = T::nan() };
        }
        Flags::INVALID
    }
}

/// The first `n` places of a buffer, or all, as zeros.
fn zeroed<T: Lane>(room: &mut [MaybeUninit<T>; BLOCK], n: usize) -> &mut [T] {
    let room = &mut room[..n.min(BLOCK)];
    room.fill(MaybeUninit::new(T::zero()));
    // SAFETY: every place has just been filled, and `MaybeUninit<T>` is laid out like `T`.
    unsafe { slice::from_raw_parts_mut(room.as_mut_ptr().cast(), room.len()) }
}

fn block_flags<T: UnaryLane>(spec: &Unary, xs: &[T], ys: &[T]) -> Flags {
    // Nearly always all results are finite, normal numbers: one pass without branches sees it.
    let plain = |y: &T| (y.abs() >= T::min_positive_value()) & (y.abs() <= T::max_value());
    if ys.iter().fold(true, |all, y| all & plain(y)) {
        return Flags::NONE;
    }
    xs.iter()
        .zip(ys)
        .filter(|(_, y)| !plain(y))
        .map(|(x, y)| spec.flags(x.widen(), y.widen(), y.is_subnormal()))
        .fold(Flags::NONE, Flags::bitor)
}

fn overlap<T>(n: usize, x: *const T, x_step: isize, y: *const T, y_step: isize) -> Overlap {
    let size = size_of::<T>() as isize;
    let (x, y, last) = (x as isize, y as isize, n as isize - 1);
    let span =
        |at: isize, step: isize| (at + (step * last).min(0), at + (step * last).max(0) + size);
    let ((x_low, x_high), (y_low, y_high)) = (span(x, x_step), span(y, y_step));
    if y_step == 0 {
        Overlap::InOrder
    } else if x_high <= y_low || y_high <= x_low {
        Overlap::None
    } else if x_step == y_step && (x - y).abs() < x_step.abs() {
        Overlap::Elementwise
    } else {
        Overlap::InOrder
    }
}

/// The inner loop of a [`Unary`].
///
/// # Safety
/// As NumPy calls a loop: one input and one output of `dimensions[0]` aligned elements of `T`,
/// `steps` bytes apart; `data` is the `&'static Unary`.
pub(super) unsafe extern "C" fn inner_loop<T: UnaryLane>(
    args: *mut *mut c_char,
    dimensions: *mut isize,
    steps: *mut isize,
    data: *mut c_void,
) {
    // SAFETY: by this function's contract.
    let (n, job) = unsafe {
        let n = (*dimensions).max(0) as usize;
        let (x, y) = ((*args).cast::<T>(), (*args.add(1)).cast::<T>());
        let (x_step, y_step) = (*steps, *steps.add(1));
        let overlap = overlap(n, x, x_step, y, y_step);
        let spec = &*data.cast::<Unary>();
        (
            n,
            Job {
                spec,
                x,
                y,
                x_step,
                y_step,
                overlap,
            },
        )
    };
    fpstatus::isolate(|| {
        // SAFETY: every range is part of `0..n`.
        let body = |range: Range<usize>| unsafe { job.run(range) };
        let work = || match job.overlap {
            Overlap::InOrder => body(0..n),
            _ => pool::split(n, job.spec.cost, BLOCK, &body),
        };
        // A panic must not unwind into NumPy: the results are not to be trusted then.
        // SAFETY: `y` has `n` elements.
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| unsafe { job.spoil(n) })
    });
}

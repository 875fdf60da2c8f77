//! Tridiagonal systems.

use std::ffi::c_int;

use ferrotran::Real;
use ferrotran::linalg::{Pivoting, par_solve_tridiagonal_batch_into, solve_tridiagonal_batch_into};
use ndarray::{ArrayView2, ArrayViewMut2};

use crate::arrays::{Array, apart, length, numbers};
use crate::call::entry;
use crate::failure::{Done, Failure};
use crate::header as ft;
use crate::options::choice;
use crate::threads::spread;

/// Fewest rows of all systems that are worth a second thread.
const WORTH_THREADS: usize = 1 << 14;

/// The arrays of a batch, in the order of the strides.
struct Operands<T> {
    read: [(&'static str, *const T); 4],
    x: *mut T,
    info: *mut isize,
}

/// Solves `batch` systems of order `n`.
///
/// # Safety
/// The header's promises about the arrays; `strides` is null or leads to 10 numbers.
unsafe fn solve<T: Real>(
    (batch, n): (isize, isize),
    operands: Operands<T>,
    pivoting: c_int,
    strides: *const isize,
) -> Done {
    let (batch, n) = (length("batch", batch)?, length("n", n)?);
    let pivoting = choice("pivoting", pivoting, &[Pivoting::Partial, Pivoting::None])?;
    let off = n.saturating_sub(1);
    let columns = [off, n, off, n, n];
    // SAFETY: the caller's promise.
    let given = unsafe { numbers("strides", strides, 10)? };
    let steps: [[isize; 2]; 5] = match given.as_chunks().0.try_into() {
        Ok(steps) => steps,
        Err(_) => columns.map(|columns| [columns as isize, 1]),
    };
    let mut read = Vec::with_capacity(4);
    for (k, (name, data)) in operands.read.into_iter().enumerate() {
        read.push(Array::input(name, data, &[batch, columns[k]], &steps[k])?);
    }
    let x = Array::output("x", operands.x, &[batch, n], &steps[4])?;
    let wanted = if operands.info.is_null() { 0 } else { batch };
    let info = Array::output("info", operands.info, &[wanted], &[1])?;
    let inputs: Vec<_> = read.iter().map(Array::place).collect();
    apart(&[x.place(), info.place()], &inputs)?;

    // SAFETY: the caller promises the elements, and the outputs are apart from all.
    let (read, mut x, mut info) = unsafe {
        let read: Vec<ArrayView2<'_, T>> = read.iter().map(|array| array.view()).collect();
        let x: ArrayViewMut2<'_, T> = x.view_mut();
        (read, x, info.view_mut::<ndarray::Ix1>())
    };
    info.fill(0);
    if x.is_empty() {
        return Ok(());
    }
    let singular = spread(batch.saturating_mul(n) >= WORTH_THREADS, |parallel| {
        let f = match parallel {
            true => par_solve_tridiagonal_batch_into,
            false => solve_tridiagonal_batch_into,
        };
        f(&read[0], &read[1], &read[2], &read[3], pivoting, &mut x)
    })??;
    for system in singular.iter().filter(|_| wanted > 0) {
        info[system.system] = system.row as isize + 1;
    }
    match singular.first() {
        None => Ok(()),
        Some(first) => Err(Failure::new(
            ft::FT_SINGULAR,
            format!(
                "{} of {batch} systems are singular, the first is number {}, whose pivot of row {} is zero, counted from 0",
                singular.len(),
                first.system,
                first.row
            ),
        )),
    }
}

macro_rules! tridiagonal {
    ($one:ident $batch:ident: $real:ty) => {
        entry! {
            fn $one(
                n: isize,
                dl: *const $real,
                d: *const $real,
                du: *const $real,
                b: *const $real,
                pivoting: c_int,
                x: *mut $real,
                info: *mut isize,
            ) {
                let read = [("dl", dl), ("d", d), ("du", du), ("b", b)];
                // SAFETY: the header makes the caller promise the arrays.
                unsafe { solve((1, n), Operands { read, x, info }, pivoting, std::ptr::null()) }
            }
            fn $batch(
                batch: isize,
                n: isize,
                dl: *const $real,
                d: *const $real,
                du: *const $real,
                b: *const $real,
                pivoting: c_int,
                x: *mut $real,
                strides: *const isize,
                info: *mut isize,
            ) {
                let read = [("dl", dl), ("d", d), ("du", du), ("b", b)];
                // SAFETY: the header makes the caller promise the arrays.
                unsafe { solve((batch, n), Operands { read, x, info }, pivoting, strides) }
            }
        }
    };
}

tridiagonal!(ft_solve_tridiagonal ft_solve_tridiagonal_batch: f64);
tridiagonal!(ft_solve_tridiagonalf ft_solve_tridiagonal_batchf: f32);

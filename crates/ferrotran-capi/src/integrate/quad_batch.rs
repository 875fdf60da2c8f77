//! Many quadratures.

use std::ffi::c_void;
use std::slice;

use ferrotran::integrate::{QuadOptions, QuadWorkspace};
use ndarray::ArrayView1;
use rayon::prelude::*;

use super::quad::{each, no_function, nothing, options};
use crate::arrays::{Array, apart, length};
use crate::call::entry;
use crate::callback::{Context, out};
use crate::failure::{Done, Halt, batch as outcome};
use crate::header::{
    self as ft, ft_integrand_member, ft_integrand_member_nodes, ft_quad_options, ft_quad_result,
};
use crate::threads::spread;

/// The limits of a batch, with its options and where its results go.
struct Batch<'a> {
    a: ArrayView1<'a, f64>,
    b: ArrayView1<'a, f64>,
    options: QuadOptions,
    results: &'a mut [ft_quad_result],
}

impl Batch<'_> {
    /// # Safety
    /// The header's promises about the arrays and the options.
    unsafe fn new<'a>(
        batch: isize,
        (a, inca): (*const f64, isize),
        (b, incb): (*const f64, isize),
        given: *const ft_quad_options,
        results: *mut ft_quad_result,
    ) -> Done<Batch<'a>> {
        let n = length("batch", batch)?;
        let a = Array::input("a", a, &[n], &[inca])?;
        let b = Array::input("b", b, &[n], &[incb])?;
        let out = Array::output("results", results, &[n], &[1])?;
        apart(&[out.place()], &[a.place(), b.place()])?;
        // SAFETY: the caller's promise; the results are apart from the limits.
        unsafe {
            let (a, b): (ArrayView1<'a, f64>, ArrayView1<'a, f64>) = (a.view(), b.view());
            let options = options(given)?;
            check(&a, &b, &options)?;
            let results = match n {
                0 => &mut [],
                n => slice::from_raw_parts_mut(results, n),
            };
            Ok(Batch {
                a,
                b,
                options,
                results,
            })
        }
    }

    /// Integrates `f(member, x, y)` for all members.
    fn run(
        self,
        parallel: bool,
        f: impl Fn(isize, &[f64], &mut [f64]) -> Result<(), Halt> + Sync,
    ) -> Done {
        let Batch {
            a,
            b,
            options,
            results,
        } = self;
        results.fill(nothing(ft::FT_NOT_RUN));
        let one = |workspace: &mut QuadWorkspace, (k, result): (usize, &mut ft_quad_result)| {
            let f = |x: &[f64], y: &mut [f64]| f(k as isize, x, y);
            *result = workspace.try_quad_nodes(f, a[k], b[k], &options)?.into();
            Ok::<(), Halt>(())
        };
        spread(parallel, |parallel| {
            if parallel {
                let members = results.par_iter_mut().enumerate();
                return members.try_for_each_init(QuadWorkspace::new, one);
            }
            let mut workspace = QuadWorkspace::new();
            let mut members = results.iter_mut().enumerate();
            members.try_for_each(|member| one(&mut workspace, member))
        })??;
        outcome(results.iter().map(|r| r.status), |status| {
            status == ft::FT_OK
        })
    }
}

/// Refuses what any member would refuse: integrands that stop at once come so far.
fn check(a: &ArrayView1<'_, f64>, b: &ArrayView1<'_, f64>, options: &QuadOptions) -> Done {
    let members = if options.points.is_empty() {
        1
    } else {
        a.len()
    };
    let mut workspace = QuadWorkspace::new();
    for (&a, &b) in a.iter().zip(b).take(members) {
        let stop = |_: &[f64], _: &mut [f64]| Err(Halt::Code(0));
        if let Err(Halt::Error(error)) = workspace.try_quad_nodes(stop, a, b, options) {
            return Err(error.into());
        }
    }
    Ok(())
}

macro_rules! batches {
    ($($scalar:ident $nodes:ident: $parallel:literal;)*) => {
        $(
            entry! {
                fn $scalar(
                    f: ft_integrand_member,
                    ctx: *mut c_void,
                    batch: isize,
                    a: *const f64,
                    inca: isize,
                    b: *const f64,
                    incb: isize,
                    options: *const ft_quad_options,
                    results: *mut ft_quad_result,
                ) {
                    let f = f.ok_or_else(no_function)?;
                    let ctx = Context::new(ctx);
                    // SAFETY: the header makes the caller promise the arrays.
                    let batch = unsafe { Batch::new(batch, (a, inca), (b, incb), options, results)? };
                    batch.run($parallel, |member, x, y| {
                        // SAFETY: the header makes the caller promise a function that returns.
                        each(x, y, |x, y| unsafe { f(ctx.get(), member, x, y) })
                    })
                }
                fn $nodes(
                    f: ft_integrand_member_nodes,
                    ctx: *mut c_void,
                    batch: isize,
                    a: *const f64,
                    inca: isize,
                    b: *const f64,
                    incb: isize,
                    options: *const ft_quad_options,
                    results: *mut ft_quad_result,
                ) {
                    let f = f.ok_or_else(no_function)?;
                    let ctx = Context::new(ctx);
                    // SAFETY: the header makes the caller promise the arrays.
                    let batch = unsafe { Batch::new(batch, (a, inca), (b, incb), options, results)? };
                    batch.run($parallel, |member, x, y| {
                        let n = x.len() as isize;
                        // SAFETY: as above; both slices have that length.
                        out(|| unsafe { f(ctx.get(), member, n, x.as_ptr(), y.as_mut_ptr()) })
                    })
                }
            }
        )*
    };
}

batches! {
    ft_quad_batch ft_quad_batch_nodes: false;
    ft_par_quad_batch ft_par_quad_batch_nodes: true;
}

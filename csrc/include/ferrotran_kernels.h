/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FERROTRAN_KERNELS_H
#define FERROTRAN_KERNELS_H

#include <stddef.h>

/// Outcome of a kernel; `ferrotran_status.def` holds the list.
enum ft_status {
#define FT_STATUS(name, value, text) name = value,
#include "ferrotran_status.def"
#undef FT_STATUS
};

/* ---- linalg ------------------------------------------------------------------------------- */

/* ---- special ------------------------------------------------------------------------------ */

/* ---- integrate ---------------------------------------------------------------------------- */

/// Integrate `f` from `a` to `b`, either may be infinite, to max(epsabs, epsrel*|result|): QAGS,
/// QAGI and QAGP. `points` ascend strictly inside a finite range. `f` puts its values at the
/// `n` <= 60 nodes `x` into `y`; nonzero stops. On return `last` intervals are in use: their
/// ends, integrals, errors, numbers (from 1) by decreasing error, and bisections behind each;
/// `ndin[i]` is 1 where the first error of part `i` between break points was replaced.
void ft_quad_f64(int (*f)(void *ctx, ptrdiff_t n, const double *x, double *y), void *ctx, double a,
                 double b, ptrdiff_t npoints, const double *points, double epsabs, double epsrel,
                 ptrdiff_t limit, double *alist, double *blist, double *rlist, double *elist,
                 ptrdiff_t *iord, ptrdiff_t *level, ptrdiff_t *ndin, double *result,
                 double *abserr, ptrdiff_t *neval, ptrdiff_t *last, int *status);

/* ---- stencil ------------------------------------------------------------------------------ */

#endif

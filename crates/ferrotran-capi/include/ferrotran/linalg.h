/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/** @file ferrotran/linalg.h Tridiagonal systems; included by ferrotran.h. */
#ifndef FERROTRAN_LINALG_H
#define FERROTRAN_LINALG_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which rows the elimination may exchange. */
enum ft_pivoting {
    FT_PIVOTING_PARTIAL = 0, /**< neighbouring rows: for any matrix, as LAPACK's gtsv */
    FT_PIVOTING_NONE = 1,    /**< none: for dominant or positive definite matrices, faster */
};

/**
 * Solve one tridiagonal system of order `n`.
 *
 * `dl` (n - 1), `d` (n) and `du` (n - 1) are the sub-, main and superdiagonal, `b` (n) the
 * right-hand side, `x` (n) the solution; all contiguous. `pivoting` is an `enum ft_pivoting`.
 * `*info`, if `info` is not null, becomes 0 or the row, counted from 1, of a zero pivot.
 *
 * Errors: FT_SINGULAR, and `x` is NaN; FT_NULL_POINTER; FT_INVALID_ARGUMENT for a negative `n` or
 * an unknown `pivoting`; FT_OVERLAP.
 */
int ft_solve_tridiagonal(ptrdiff_t n, const double *dl, const double *d, const double *du,
                         const double *b, int pivoting, double *x, ptrdiff_t *info);

/** ft_solve_tridiagonal() in single precision. */
int ft_solve_tridiagonalf(ptrdiff_t n, const float *dl, const float *d, const float *du,
                          const float *b, int pivoting, float *x, ptrdiff_t *info);

/**
 * Solve `batch` tridiagonal systems of order `n`, spread over the threads.
 *
 * `dl` (batch x n - 1), `d` (batch x n), `du` (batch x n - 1), `b` (batch x n) and `x` (batch x n)
 * are as in ft_solve_tridiagonal(), a row per system. `strides` (5 x 2) has, for each of them in
 * that order, the stride between systems and the stride inside a system; a stride of 0 between
 * systems uses one row for all of them. Null stands for contiguous arrays: n - 1 or n, and 1.
 * `info` (batch) may be null.
 *
 * Errors: as ft_solve_tridiagonal(); FT_INVALID_ARGUMENT also for a stride of 0 in `x`. A singular
 * system is NaN in `x` and the others are solved: FT_SINGULAR comes after all of them.
 */
int ft_solve_tridiagonal_batch(ptrdiff_t batch, ptrdiff_t n, const double *dl, const double *d,
                               const double *du, const double *b, int pivoting, double *x,
                               const ptrdiff_t *strides, ptrdiff_t *info);

/** ft_solve_tridiagonal_batch() in single precision. */
int ft_solve_tridiagonal_batchf(ptrdiff_t batch, ptrdiff_t n, const float *dl, const float *d,
                                const float *du, const float *b, int pivoting, float *x,
                                const ptrdiff_t *strides, ptrdiff_t *info);

#ifdef __cplusplus
}
#endif

#endif

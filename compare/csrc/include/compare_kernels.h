/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef COMPARE_KERNELS_H
#define COMPARE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* Each kernel has the same prototype in C and in Fortran; the ones with `first` and `count` do a
 * part of the work, so that one driver spreads either over threads. */

/// Move `n` bodies by `steps` steps of `dt`: masses `m` (n), positions `x` (n x 3), velocities `v`
/// (n x 3). `energy` (2) becomes the energy before and after.
void cmp_nbody_c(ptrdiff_t n, ptrdiff_t steps, double dt, const double *restrict m,
                 double *restrict x, double *restrict v, double *restrict energy);
/// `cmp_nbody_c` in Fortran.
void cmp_nbody_fortran(ptrdiff_t n, ptrdiff_t steps, double dt, const double *restrict m,
                       double *restrict x, double *restrict v, double *restrict energy);

/// Rows `first` to `first + count` of A v, or of its transpose if `transposed` is not 0: `v` (n),
/// `y` (count, below 2^31); A(i, j) = 1 / ((i + j) (i + j + 1) / 2 + i + 1) with i, j from 0.
void cmp_spectral_rows_c(ptrdiff_t n, ptrdiff_t first, ptrdiff_t count, int transposed,
                         const double *restrict v, double *restrict y);
/// `cmp_spectral_rows_c` in Fortran.
void cmp_spectral_rows_fortran(ptrdiff_t n, ptrdiff_t first, ptrdiff_t count, int transposed,
                               const double *restrict v, double *restrict y);

/// Rows `first` to `first + count` of the bitmap of order `n`: `bits` (count x (n + 7) / 8), the
/// leftmost pixel in the highest bit, 1 for a point that has not escaped after 50 iterations.
void cmp_mandelbrot_rows_c(ptrdiff_t n, ptrdiff_t first, ptrdiff_t count, int8_t *restrict bits);
/// `cmp_mandelbrot_rows_c` in Fortran.
void cmp_mandelbrot_rows_fortran(ptrdiff_t n, ptrdiff_t first, ptrdiff_t count,
                                 int8_t *restrict bits);

/// The `count` permutations of `n` <= 16 numbers from number `first` on: `result` (2) becomes the
/// alternating sum of their flips and the largest number of flips.
void cmp_fannkuch_part_c(ptrdiff_t n, int64_t first, int64_t count, int64_t *restrict result);
/// `cmp_fannkuch_part_c` in Fortran.
void cmp_fannkuch_part_fortran(ptrdiff_t n, int64_t first, int64_t count, int64_t *restrict result);

/// Solve one tridiagonal system by elimination with partial pivoting: diagonals `dl` (n - 1), `d`
/// (n), `du` (n - 1), which are overwritten; `x` (n) holds the right-hand side, then the solution,
/// NaN if a pivot is 0. The Fortran is the library's.
void cmp_tridiagonal_c(ptrdiff_t n, double *restrict dl, double *restrict d, double *restrict du,
                       double *restrict x);

/// Sum of `x` (n) by Neumaier: `result` (2) becomes the plain sum and its correction.
void cmp_neumaier_c(ptrdiff_t n, const double *restrict x, double *restrict result);
/// `cmp_neumaier_c` in Fortran.
void cmp_neumaier_fortran(ptrdiff_t n, const double *restrict x, double *restrict result);

/// a = b + s c, element by element: `a`, `b`, `c` (n).
void cmp_triad_c(ptrdiff_t n, double s, const double *restrict b, const double *restrict c,
                 double *restrict a);
/// `cmp_triad_c` in Fortran.
void cmp_triad_fortran(ptrdiff_t n, double s, const double *restrict b, const double *restrict c,
                       double *restrict a);

/// The longest Collatz chain that starts in [first, first + count), `first` at least 1: `result`
/// (2) becomes the smallest such start and the number of terms; 0 and 0 if `count` is 0.
void cmp_collatz_part_c(int64_t first, int64_t count, int64_t *restrict result);
/// `cmp_collatz_part_c` in Fortran.
void cmp_collatz_part_fortran(int64_t first, int64_t count, int64_t *restrict result);

#endif

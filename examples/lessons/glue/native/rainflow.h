/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef RAINFLOW_H
#define RAINFLOW_H
#include <stddef.h>
#include <stdint.h>

/// Cycles of `signal[0..n)` by range, `counts[0..bins)`. `work[0..n)` is memory to work in.
/// Returns 0; 1 when a value is not finite or too large; 2 when a range has no bin.
int rainflow_c(ptrdiff_t n, const double *restrict signal, double width, ptrdiff_t bins,
               double *restrict counts, int32_t *restrict work);

/// The same in Fortran; `status` is what the other one returns.
void rainflow_f(ptrdiff_t n, const double *restrict signal, double width, ptrdiff_t bins,
                double *restrict counts, int32_t *restrict work, int *restrict status);
#endif

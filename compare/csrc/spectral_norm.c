/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "compare_kernels.h"

static inline double divisor(double i, double j) {
    return (i + j) * (i + j + 1.0) * 0.5 + i + 1.0;
}

/* Rows are the inner loop: they are independent, so it vectorises without another order of sums. An
 * int counts them, for AVX2 has no conversion from 64-bit integers. */
void cmp_spectral_rows_c(ptrdiff_t n, ptrdiff_t first, ptrdiff_t count, int transposed,
                         const double *restrict v, double *restrict y) {
    for (ptrdiff_t k = 0; k < count; k++) {
        y[k] = 0.0;
    }
    for (ptrdiff_t j = 0; j < n; j++) {
        double row = (double)first, column = (double)j, vj = v[j];
        if (transposed) {
            for (int k = 0; k < (int)count; k++) {
                y[k] += vj / divisor(column, row + k);
            }
        } else {
            for (int k = 0; k < (int)count; k++) {
                y[k] += vj / divisor(row + k, column);
            }
        }
    }
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "compare_kernels.h"

static inline double divisor(double i, double j) {
    return (i + j) * (i + j + 1.0) * 0.5 + i + 1.0;
}

/* Rows are the inner loop: they are independent, so it vectorises without another order of sums. */
void cmp_spectral_rows_c(ptrdiff_t n, ptrdiff_t first, ptrdiff_t count, int transposed,
                         const double *restrict v, double *restrict y) {
    for (ptrdiff_t k = 0; k < count; k++) {
        y[k] = 0.0;
    }
    for (ptrdiff_t j = 0; j < n; j++) {
        double column = (double)j, vj = v[j];
        if (transposed) {
            for (ptrdiff_t k = 0; k < count; k++) {
                y[k] += vj / divisor(column, (double)(first + k));
            }
        } else {
            for (ptrdiff_t k = 0; k < count; k++) {
                y[k] += vj / divisor((double)(first + k), column);
            }
        }
    }
}

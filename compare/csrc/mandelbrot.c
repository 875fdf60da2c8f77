/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "compare_kernels.h"

/// The eight pixels from column `column` on, as one byte. A point that has escaped stays so: |c| is
/// below 2, and NaN is below nothing.
static int8_t eight(ptrdiff_t n, ptrdiff_t column, double ci) {
    double cr[8], zr[8], zi[8], rr[8], ii[8];
    for (int k = 0; k < 8; k++) {
        cr[k] = 2.0 * (double)(column + k) / (double)n - 1.5;
        zr[k] = zi[k] = rr[k] = ii[k] = 0.0;
    }
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 5; i++) {
#pragma GCC unroll 1 /* unrolled, gcc does not vectorise it */
            for (int k = 0; k < 8; k++) {
                zi[k] = 2.0 * zr[k] * zi[k] + ci;
                zr[k] = rr[k] - ii[k] + cr[k];
                rr[k] = zr[k] * zr[k];
                ii[k] = zi[k] * zi[k];
            }
        }
        int inside = 0;
        for (int k = 0; k < 8; k++) {
            inside |= rr[k] + ii[k] <= 4.0;
        }
        if (!inside) {
            return 0;
        }
    }
    int byte = 0;
    for (int k = 0; k < 8; k++) {
        byte = 2 * byte + (rr[k] + ii[k] <= 4.0 && column + k < n);
    }
    return (int8_t)byte;
}

void cmp_mandelbrot_rows_c(ptrdiff_t n, ptrdiff_t first, ptrdiff_t count, int8_t *restrict bits) {
    ptrdiff_t width = (n + 7) / 8;
    for (ptrdiff_t row = 0; row < count; row++) {
        double ci = 2.0 * (double)(first + row) / (double)n - 1.0;
        for (ptrdiff_t k = 0; k < width; k++) {
            bits[row * width + k] = eight(n, 8 * k, ci);
        }
    }
}

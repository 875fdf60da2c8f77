/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A reduction, a stream and a branchy loop. */
#include "compare_kernels.h"
#include <math.h>

void cmp_neumaier_c(ptrdiff_t n, const double *restrict x, double *restrict result) {
    double sum = 0.0, lost = 0.0;
    for (ptrdiff_t i = 0; i < n; i++) {
        double next = sum + x[i];
        lost += fabs(sum) >= fabs(x[i]) ? (sum - next) + x[i] : (x[i] - next) + sum;
        sum = next;
    }
    result[0] = sum;
    result[1] = lost;
}

void cmp_triad_c(ptrdiff_t n, double s, const double *restrict b, const double *restrict c,
                 double *restrict a) {
    for (ptrdiff_t i = 0; i < n; i++) {
        a[i] = b[i] + s * c[i];
    }
}

void cmp_collatz_part_c(int64_t first, int64_t count, int64_t *restrict result) {
    int64_t best = 0, longest = 0;
    for (int64_t start = first; start < first + count; start++) {
        int64_t terms = 1;
        for (int64_t k = start; k != 1; terms++) {
            k = k % 2 == 0 ? k / 2 : 3 * k + 1;
        }
        if (terms > longest) {
            longest = terms;
            best = start;
        }
    }
    result[0] = best;
    result[1] = longest;
}

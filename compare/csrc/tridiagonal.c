/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "compare_kernels.h"
#include <math.h>

void cmp_tridiagonal_c(ptrdiff_t n, double *restrict dl, double *restrict d, double *restrict du,
                       double *restrict x) {
    for (ptrdiff_t i = 0; i < n - 1; i++) {
        if (fabs(d[i]) >= fabs(dl[i])) {
            double factor = dl[i] / d[i];
            d[i + 1] -= factor * du[i];
            x[i + 1] -= factor * x[i];
            dl[i] = 0.0;
        } else {
            double factor = d[i] / dl[i], below = d[i + 1], upper = x[i];
            d[i] = dl[i];
            d[i + 1] = du[i] - factor * below;
            du[i] = below;
            dl[i] = 0.0;
            if (i + 2 < n) {
                dl[i] = du[i + 1];
                du[i + 1] *= -factor;
            }
            x[i] = x[i + 1];
            x[i + 1] = upper - factor * x[i];
        }
    }
    int singular = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        singular |= d[i] == 0.0;
    }
    for (ptrdiff_t i = n - 1; i >= 0; i--) {
        double sum = x[i];
        if (i + 1 < n) {
            sum -= du[i] * x[i + 1];
        }
        if (i + 2 < n) {
            sum -= dl[i] * x[i + 2];
        }
        x[i] = singular ? (double)NAN : sum / d[i];
    }
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "compare_kernels.h"
#include <math.h>

static double energy_of(ptrdiff_t n, const double *restrict m, const double *restrict x,
                        const double *restrict v) {
    double e = 0.0;
    for (ptrdiff_t i = 0; i < n; i++) {
        const double *xi = x + 3 * i, *vi = v + 3 * i;
        e += 0.5 * m[i] * (vi[0] * vi[0] + vi[1] * vi[1] + vi[2] * vi[2]);
        for (ptrdiff_t j = i + 1; j < n; j++) {
            const double *xj = x + 3 * j;
            double dx = xi[0] - xj[0], dy = xi[1] - xj[1], dz = xi[2] - xj[2];
            e -= m[i] * m[j] / sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}

void cmp_nbody_c(ptrdiff_t n, ptrdiff_t steps, double dt, const double *restrict m,
                 double *restrict x, double *restrict v, double *restrict energy) {
    energy[0] = energy_of(n, m, x, v);
    for (ptrdiff_t step = 0; step < steps; step++) {
        for (ptrdiff_t i = 0; i < n; i++) {
            for (ptrdiff_t j = i + 1; j < n; j++) {
                double dx = x[3 * i] - x[3 * j];
                double dy = x[3 * i + 1] - x[3 * j + 1];
                double dz = x[3 * i + 2] - x[3 * j + 2];
                double d2 = dx * dx + dy * dy + dz * dz;
                double pull = dt / (d2 * sqrt(d2));
                double from_j = m[j] * pull, from_i = m[i] * pull;
                v[3 * i] -= dx * from_j;
                v[3 * i + 1] -= dy * from_j;
                v[3 * i + 2] -= dz * from_j;
                v[3 * j] += dx * from_i;
                v[3 * j + 1] += dy * from_i;
                v[3 * j + 2] += dz * from_i;
            }
        }
        for (ptrdiff_t k = 0; k < 3 * n; k++) {
            x[k] += dt * v[k];
        }
    }
    energy[1] = energy_of(n, m, x, v);
}

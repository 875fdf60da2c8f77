/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"

#include <math.h>

/* Solves L z = v in place, L the lower triangle by columns. */
static void ft_whiten(ptrdiff_t m, const double *restrict factor, double *restrict v) {
    for (ptrdiff_t k = 0; k < m; k++) {
        const double *column = factor + k * m, z = v[k] / column[k];
        v[k] = z;
        for (ptrdiff_t i = k + 1; i < m; i++)
            v[i] -= column[i] * z;
    }
}

static void ft_scale(ptrdiff_t m, const double *restrict weight, double *restrict v) {
    for (ptrdiff_t i = 0; i < m; i++)
        v[i] *= weight[i];
}

int ft_curve_fit_residual_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *p, double *r,
                              double *jac) {
    const struct ft_curve_fit *fit = ctx;
    const int stop = fit->model(fit->ctx, m, n, fit->x, p, r, jac);
    if (stop)
        return stop;

    const double *y = fit->y;
    for (ptrdiff_t i = 0; i < m; i++)
        r[i] -= y[i];
    const ptrdiff_t rows = jac ? n : 0;
    if (fit->weight) {
        ft_scale(m, fit->weight, r);
        for (ptrdiff_t j = 0; j < rows; j++)
            ft_scale(m, fit->weight, jac + j * m);
    }
    if (fit->factor) {
        ft_whiten(m, fit->factor, r);
        for (ptrdiff_t j = 0; j < rows; j++)
            ft_whiten(m, fit->factor, jac + j * m);
    }
    return 0;
}

void ft_cholesky_f64(ptrdiff_t m, double *a, int *status) {
    *status = FT_OK;
    for (ptrdiff_t k = 0; k < m; k++) {
        double *pivot = a + k * m;
        for (ptrdiff_t j = 0; j < k; j++) {
            const double *column = a + j * m, factor = column[k];
            for (ptrdiff_t i = k; i < m; i++)
                pivot[i] -= column[i] * factor;
        }
        if (!(pivot[k] > 0.0) || pivot[k] > 0x1.fffffffffffffp1023) {
            *status = FT_SINGULAR;
            return;
        }
        const double root = sqrt(pivot[k]);
        for (ptrdiff_t i = k; i < m; i++)
            pivot[i] /= root;
    }
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_model.h"

int ft_model_polynomial_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                            double *y, double *jac) {
    (void)ctx;
    const double last = n > 0 ? p[n - 1] : 0.0;
    for (ptrdiff_t i = 0; i < m; i++)
        y[i] = x[i] == x[i] ? last : x[i];
    for (ptrdiff_t j = n - 2; j >= 0; j--) {
        const double c = p[j];
#pragma GCC ivdep
        for (ptrdiff_t i = 0; i < m; i++)
            y[i] = y[i] * x[i] + c;
    }
    for (ptrdiff_t j = 0; jac && j < n; j++) {
        double *power = jac + j * m;
        const double *lower = power - (j > 0 ? m : 0);
#pragma GCC ivdep
        for (ptrdiff_t i = 0; i < m; i++)
            power[i] = j > 0 ? lower[i] * x[i] : 1.0;
    }
    return 0;
}

/* Angles are counted in turns, so that no reduction by a multiple of pi is needed: the product of
   frequency and x is kept to twice the precision and loses its whole turns exactly. */
static void ft_sine_block(ptrdiff_t count, ptrdiff_t row, const double *restrict x,
                          const double *restrict p, double *restrict y, double *restrict jac) {
    const double a = p[0], frequency = p[1], offset = p[3];
    const struct ft_dd turns = ft_product(p[2], FT_INV_TWO_PI_hi);
    const double start = (turns.hi - ft_round(turns.hi)) + (turns.lo + p[2] * FT_INV_TWO_PI_lo);
    if (!jac) {
        for (ptrdiff_t i = 0; i < count; i++) {
            const struct ft_dd u = ft_product(frequency, x[i]);
            y[i] = a * ft_turns(u.hi, u.lo + start).sine + offset;
        }
        return;
    }
#pragma GCC ivdep
    for (ptrdiff_t i = 0; i < count; i++) {
        const struct ft_dd u = ft_product(frequency, x[i]);
        const struct ft_sine at = ft_turns(u.hi, u.lo + start);
        const double by_phase = a * at.cosine;
        y[i] = a * at.sine + offset;
        jac[i] = at.sine;
        jac[row + i] = FT_TWO_PI_hi * x[i] * by_phase;
        jac[2 * row + i] = by_phase;
        jac[3 * row + i] = 1.0;
    }
}

int ft_model_sine_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                      double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_sine_block, 4, m, n, x, p, y, jac);
}

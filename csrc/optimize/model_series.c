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
FT_MODEL_INLINE void ft_sine_prepare(const double *restrict p, double *restrict q) {
    const struct ft_dd turns = ft_product(p[2], FT_INV_TWO_PI_hi);
    q[0] = p[0];
    q[1] = p[1];
    q[2] = (turns.hi - ft_round(turns.hi)) + (turns.lo + p[2] * FT_INV_TWO_PI_lo);
    q[3] = p[3];
}

FT_MODEL_INLINE void ft_sine_point(double x, const double *restrict q, double *restrict d) {
    const double a = q[0], frequency = q[1], start = q[2], offset = q[3];
    const struct ft_dd u = ft_product(frequency, x);
    const struct ft_sine at = ft_turns(u.hi, u.lo + start);
    const double by_phase = a * at.cosine;
    d[0] = at.sine;
    d[1] = FT_TWO_PI_hi * x * by_phase;
    d[2] = by_phase;
    d[3] = 1.0;
    d[4] = a * at.sine + offset;
}

int ft_model_sine_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                      double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_sine_prepare, ft_sine_point, 4, m, n, x, p, y, jac);
}

FT_MODEL_ONE_COPY void ft_sine_sums(ptrdiff_t m, const double *restrict x, const double *restrict y,
                                    const double *restrict weight, const double *restrict q,
                                    double *restrict sums) {
    ft_model_add(ft_sine_point, 4, m, x, y, weight, q, sums);
}

void ft_normal_sine_f64(ptrdiff_t m, const double *x, const double *y, const double *weight,
                        const double *p, double *sums) {
    ft_model_normal(ft_sine_prepare, ft_sine_sums, 4, m, x, y, weight, p, sums);
}

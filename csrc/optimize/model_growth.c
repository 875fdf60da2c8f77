/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_model.h"

static void ft_exponential_block(ptrdiff_t count, ptrdiff_t row, const double *restrict x,
                                 const double *restrict p, double *restrict y,
                                 double *restrict jac) {
    const double a = p[0], rate = p[1], offset = p[2];
    if (!jac) {
        for (ptrdiff_t i = 0; i < count; i++)
            y[i] = a * ft_exp_plain(-rate * x[i]) + offset;
        return;
    }
#pragma GCC ivdep
    for (ptrdiff_t i = 0; i < count; i++) {
        const double e = ft_exp_plain(-rate * x[i]), part = a * e;
        y[i] = part + offset;
        jac[i] = e;
        jac[row + i] = -x[i] * part;
        jac[2 * row + i] = 1.0;
    }
}

int ft_model_exponential_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                             double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_exponential_block, 3, m, n, x, p, y, jac);
}

static void ft_double_exponential_block(ptrdiff_t count, ptrdiff_t row, const double *restrict x,
                                        const double *restrict p, double *restrict y,
                                        double *restrict jac) {
    const double a = p[0], rate = p[1], b = p[2], rate2 = p[3], offset = p[4];
    if (!jac) {
        for (ptrdiff_t i = 0; i < count; i++) {
            const double first = a * ft_exp_plain(-rate * x[i]);
            y[i] = first + b * ft_exp_plain(-rate2 * x[i]) + offset;
        }
        return;
    }
#pragma GCC ivdep
    for (ptrdiff_t i = 0; i < count; i++) {
        const double e = ft_exp_plain(-rate * x[i]), first = a * e;
        const double e2 = ft_exp_plain(-rate2 * x[i]), second = b * e2;
        y[i] = first + second + offset;
        jac[i] = e;
        jac[row + i] = -x[i] * first;
        jac[2 * row + i] = e2;
        jac[3 * row + i] = -x[i] * second;
        jac[4 * row + i] = 1.0;
    }
}

int ft_model_double_exponential_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x,
                                    const double *p, double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_double_exponential_block, 5, m, n, x, p, y, jac);
}

static void ft_power_block(ptrdiff_t count, ptrdiff_t row, const double *restrict x,
                           const double *restrict p, double *restrict y, double *restrict jac) {
    const double a = p[0], exponent = p[1], offset = p[2];
    if (!jac) {
        for (ptrdiff_t i = 0; i < count; i++)
            y[i] = a * ft_power(ft_log_plain(x[i]), exponent) + offset;
        return;
    }
#pragma GCC ivdep
    for (ptrdiff_t i = 0; i < count; i++) {
        const struct ft_dd log = ft_log_plain(x[i]);
        const double power = ft_power(log, exponent), part = a * power;
        y[i] = part + offset;
        jac[i] = power;
        jac[row + i] = part * log.hi;
        jac[2 * row + i] = 1.0;
    }
}

int ft_model_power_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                       double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_power_block, 3, m, n, x, p, y, jac);
}

/* With e = exp(-|t|), t = rate (x - center), both the value and the product of the value and its
   complement, q^2 e, keep their relative accuracy on both sides. */
static void ft_logistic_block(ptrdiff_t count, ptrdiff_t row, const double *restrict x,
                              const double *restrict p, double *restrict y, double *restrict jac) {
    const double a = p[0], center = p[1], rate = p[2], offset = p[3];
    if (!jac) {
        for (ptrdiff_t i = 0; i < count; i++) {
            const double t = rate * (x[i] - center), e = ft_exp_plain(-fabs(t));
            y[i] = a * ((t < 0.0 ? e : 1.0) / (1.0 + e)) + offset;
        }
        return;
    }
#pragma GCC ivdep
    for (ptrdiff_t i = 0; i < count; i++) {
        const double away = x[i] - center, t = rate * away, e = ft_exp_plain(-fabs(t));
        const double q = 1.0 / (1.0 + e), share = t < 0.0 ? e * q : q, slope = a * (e * q * q);
        y[i] = a * share + offset;
        jac[i] = share;
        jac[row + i] = -rate * slope;
        jac[2 * row + i] = away * slope;
        jac[3 * row + i] = 1.0;
    }
}

int ft_model_logistic_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                          double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_logistic_block, 4, m, n, x, p, y, jac);
}

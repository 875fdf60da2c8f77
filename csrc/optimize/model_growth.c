/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_model.h"

FT_MODEL_INLINE void ft_three(const double *restrict p, double *restrict q) {
    for (int k = 0; k < 3; k++)
        q[k] = p[k];
}

FT_MODEL_INLINE void ft_four(const double *restrict p, double *restrict q) {
    for (int k = 0; k < 4; k++)
        q[k] = p[k];
}

FT_MODEL_INLINE void ft_five(const double *restrict p, double *restrict q) {
    for (int k = 0; k < 5; k++)
        q[k] = p[k];
}

FT_MODEL_INLINE void ft_exponential_point(double x, const double *restrict q, double *restrict d) {
    const double a = q[0], rate = q[1], offset = q[2];
    const double e = ft_exp_plain(-rate * x), part = a * e;
    d[0] = e;
    d[1] = -x * part;
    d[2] = 1.0;
    d[3] = part + offset;
}

FT_MODEL_INLINE void ft_double_exponential_point(double x, const double *restrict q,
                                                 double *restrict d) {
    const double a = q[0], rate = q[1], b = q[2], rate2 = q[3], offset = q[4];
    const double e = ft_exp_plain(-rate * x), first = a * e;
    const double e2 = ft_exp_plain(-rate2 * x), second = b * e2;
    d[0] = e;
    d[1] = -x * first;
    d[2] = e2;
    d[3] = -x * second;
    d[4] = 1.0;
    d[5] = first + second + offset;
}

FT_MODEL_INLINE void ft_power_point(double x, const double *restrict q, double *restrict d) {
    const double a = q[0], exponent = q[1], offset = q[2];
    const struct ft_dd log = ft_log_plain(x);
    const double power = ft_power(log, exponent), part = a * power;
    d[0] = power;
    d[1] = part * log.hi;
    d[2] = 1.0;
    d[3] = part + offset;
}

/* With e = exp(-|t|), t = rate (x - center), both the value and the product of the value and its
   complement, q^2 e, keep their relative accuracy on both sides. */
FT_MODEL_INLINE void ft_logistic_point(double x, const double *restrict q, double *restrict d) {
    const double a = q[0], center = q[1], rate = q[2], offset = q[3];
    const double away = x - center, t = rate * away, e = ft_exp_plain(-fabs(t));
    const double part = 1.0 / (1.0 + e), share = t < 0.0 ? e * part : part;
    const double slope = a * (e * part * part);
    d[0] = share;
    d[1] = -rate * slope;
    d[2] = away * slope;
    d[3] = 1.0;
    d[4] = a * share + offset;
}

int ft_model_exponential_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                             double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_three, ft_exponential_point, 3, m, n, x, p, y, jac);
}

int ft_model_double_exponential_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x,
                                    const double *p, double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_five, ft_double_exponential_point, 5, m, n, x, p, y, jac);
}

int ft_model_power_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                       double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_three, ft_power_point, 3, m, n, x, p, y, jac);
}

int ft_model_logistic_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                          double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_four, ft_logistic_point, 4, m, n, x, p, y, jac);
}

FT_MODEL_ONE_COPY void ft_exponential_sums(ptrdiff_t m, const double *restrict x,
                                           const double *restrict y, const double *restrict weight,
                                           const double *restrict q, double *restrict sums) {
    ft_model_add(ft_exponential_point, 3, m, x, y, weight, q, sums);
}

void ft_normal_exponential_f64(ptrdiff_t m, const double *x, const double *y, const double *weight,
                               const double *p, double *sums) {
    ft_model_normal(ft_three, ft_exponential_sums, 3, m, x, y, weight, p, sums);
}

FT_MODEL_ONE_COPY void ft_double_exponential_sums(ptrdiff_t m, const double *restrict x,
                                                  const double *restrict y,
                                                  const double *restrict weight,
                                                  const double *restrict q, double *restrict sums) {
    ft_model_add(ft_double_exponential_point, 5, m, x, y, weight, q, sums);
}

void ft_normal_double_exponential_f64(ptrdiff_t m, const double *x, const double *y,
                                      const double *weight, const double *p, double *sums) {
    ft_model_normal(ft_five, ft_double_exponential_sums, 5, m, x, y, weight, p, sums);
}

FT_MODEL_ONE_COPY void ft_power_sums(ptrdiff_t m, const double *restrict x,
                                     const double *restrict y, const double *restrict weight,
                                     const double *restrict q, double *restrict sums) {
    ft_model_add(ft_power_point, 3, m, x, y, weight, q, sums);
}

void ft_normal_power_f64(ptrdiff_t m, const double *x, const double *y, const double *weight,
                         const double *p, double *sums) {
    ft_model_normal(ft_three, ft_power_sums, 3, m, x, y, weight, p, sums);
}

FT_MODEL_ONE_COPY void ft_logistic_sums(ptrdiff_t m, const double *restrict x,
                                        const double *restrict y, const double *restrict weight,
                                        const double *restrict q, double *restrict sums) {
    ft_model_add(ft_logistic_point, 4, m, x, y, weight, q, sums);
}

void ft_normal_logistic_f64(ptrdiff_t m, const double *x, const double *y, const double *weight,
                            const double *p, double *sums) {
    ft_model_normal(ft_four, ft_logistic_sums, 4, m, x, y, weight, p, sums);
}

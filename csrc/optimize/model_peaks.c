/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_model.h"

/* 1 / width, limited so that a width next to 0 gives no 0 * infinity where exp(-z^2), z the
   distance from the centre in widths, has underflowed. */
static inline double ft_inverse(double width) {
    return ft_limit(1.0 / width, 0x1p500);
}

FT_MODEL_INLINE void ft_gaussian_prepare(const double *restrict p, double *restrict q) {
    q[0] = p[0];
    q[1] = p[1];
    q[2] = ft_inverse(p[2]);
    q[3] = p[3];
    q[4] = q[0] * q[2];
}

FT_MODEL_INLINE void ft_gaussian_point(double x, const double *restrict q, double *restrict d) {
    const double a = q[0], mean = q[1], inverse = q[2], offset = q[3], slope = q[4];
    const double z = (x - mean) * inverse;
    const double e = ft_exp_plain(-0.5 * z * z), by_mean = slope * e * z;
    d[0] = e;
    d[1] = by_mean;
    d[2] = by_mean * z;
    d[3] = 1.0;
    d[4] = a * e + offset;
}

/* With s = 1 / (d^2 + w^2), d the distance from the centre and w the width, nothing overflows for
   a width next to 0. */
FT_MODEL_INLINE void ft_lorentzian_prepare(const double *restrict p, double *restrict q) {
    for (int k = 0; k < 4; k++)
        q[k] = p[k];
    q[4] = p[2] * p[2];
}

FT_MODEL_INLINE void ft_lorentzian_point(double x, const double *restrict q, double *restrict d) {
    const double a = q[0], center = q[1], width = q[2], offset = q[3], square = q[4];
    const double away = x - center, s = 1.0 / (away * away + square);
    const double share = square * s, slope = 2.0 * a * (away * s);
    d[0] = share;
    d[1] = slope * share;
    d[2] = slope * (away * (width * s));
    d[3] = 1.0;
    d[4] = a * share + offset;
}

/* Both parts are one half a width from the centre. */
FT_MODEL_INLINE void ft_pseudo_voigt_prepare(const double *restrict p, double *restrict q) {
    for (int k = 0; k < 5; k++)
        q[k] = p[k];
    q[5] = ft_inverse(p[2]);
    q[6] = p[2] * p[2];
}

FT_MODEL_INLINE void ft_pseudo_voigt_point(double x, const double *restrict q, double *restrict d) {
    const double a = q[0], center = q[1], width = q[2], mix = q[3], offset = q[4];
    const double inverse = q[5], square = q[6], rest = 1.0 - mix, steep = FT_LN2 * inverse;
    const double away = x - center, z = away * inverse;
    const double g = ft_exp_plain(-FT_LN2 * (z * z)), s = 1.0 / (away * away + square);
    const double share = square * s, shape = mix * share + rest * g, twice = 2.0 * a;
    const double bell = rest * (steep * g * z), tail = mix * (away * s);
    d[0] = shape;
    d[1] = twice * (tail * share + bell);
    d[2] = twice * (tail * (away * (width * s)) + bell * z);
    d[3] = a * (share - g);
    d[4] = 1.0;
    d[5] = a * shape + offset;
}

int ft_model_gaussian_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                          double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_gaussian_prepare, ft_gaussian_point, 4, m, n, x, p, y, jac);
}

int ft_model_lorentzian_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                            double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_lorentzian_prepare, ft_lorentzian_point, 4, m, n, x, p, y, jac);
}

int ft_model_pseudo_voigt_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                              double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_pseudo_voigt_prepare, ft_pseudo_voigt_point, 5, m, n, x, p, y, jac);
}

FT_MODEL_ONE_COPY void ft_gaussian_sums(ptrdiff_t m, const double *restrict x,
                                        const double *restrict y, const double *restrict weight,
                                        const double *restrict q, double *restrict sums) {
    ft_model_add(ft_gaussian_point, 4, m, x, y, weight, q, sums);
}

void ft_normal_gaussian_f64(ptrdiff_t m, const double *x, const double *y, const double *weight,
                            const double *p, double *sums) {
    ft_model_normal(ft_gaussian_prepare, ft_gaussian_sums, 4, m, x, y, weight, p, sums);
}

FT_MODEL_ONE_COPY void ft_lorentzian_sums(ptrdiff_t m, const double *restrict x,
                                          const double *restrict y, const double *restrict weight,
                                          const double *restrict q, double *restrict sums) {
    ft_model_add(ft_lorentzian_point, 4, m, x, y, weight, q, sums);
}

void ft_normal_lorentzian_f64(ptrdiff_t m, const double *x, const double *y, const double *weight,
                              const double *p, double *sums) {
    ft_model_normal(ft_lorentzian_prepare, ft_lorentzian_sums, 4, m, x, y, weight, p, sums);
}

FT_MODEL_ONE_COPY void ft_pseudo_voigt_sums(ptrdiff_t m, const double *restrict x,
                                            const double *restrict y, const double *restrict weight,
                                            const double *restrict q, double *restrict sums) {
    ft_model_add(ft_pseudo_voigt_point, 5, m, x, y, weight, q, sums);
}

void ft_normal_pseudo_voigt_f64(ptrdiff_t m, const double *x, const double *y, const double *weight,
                                const double *p, double *sums) {
    ft_model_normal(ft_pseudo_voigt_prepare, ft_pseudo_voigt_sums, 5, m, x, y, weight, p, sums);
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_model.h"

/* 1 / width, limited so that a width next to 0 gives no 0 * infinity where exp(-z^2), z the
   distance from the centre in widths, has underflowed. */
static inline double ft_inverse(double width) {
    return ft_limit(1.0 / width, 0x1p500);
}

static void ft_gaussian_block(ptrdiff_t count, ptrdiff_t row, const double *restrict x,
                              const double *restrict p, double *restrict y, double *restrict jac) {
    const double a = p[0], mean = p[1], inverse = ft_inverse(p[2]), offset = p[3],
                 slope = a * inverse;
    if (!jac) {
        for (ptrdiff_t i = 0; i < count; i++) {
            const double z = (x[i] - mean) * inverse;
            y[i] = a * ft_exp_plain(-0.5 * z * z) + offset;
        }
        return;
    }
#pragma GCC ivdep
    for (ptrdiff_t i = 0; i < count; i++) {
        const double z = (x[i] - mean) * inverse;
        const double e = ft_exp_plain(-0.5 * z * z), by_mean = slope * e * z;
        y[i] = a * e + offset;
        jac[i] = e;
        jac[row + i] = by_mean;
        jac[2 * row + i] = by_mean * z;
        jac[3 * row + i] = 1.0;
    }
}

int ft_model_gaussian_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                          double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_gaussian_block, 4, m, n, x, p, y, jac);
}

/* With s = 1 / (d^2 + w^2), d the distance from the centre and w the width, nothing overflows for
   a width next to 0. */
static void ft_lorentzian_block(ptrdiff_t count, ptrdiff_t row, const double *restrict x,
                                const double *restrict p, double *restrict y,
                                double *restrict jac) {
    const double a = p[0], center = p[1], width = p[2], offset = p[3], square = width * width;
    if (!jac) {
        for (ptrdiff_t i = 0; i < count; i++) {
            const double d = x[i] - center;
            y[i] = a * (square / (d * d + square)) + offset;
        }
        return;
    }
#pragma GCC ivdep
    for (ptrdiff_t i = 0; i < count; i++) {
        const double d = x[i] - center, s = 1.0 / (d * d + square);
        const double q = square * s, slope = 2.0 * a * (d * s);
        y[i] = a * q + offset;
        jac[i] = q;
        jac[row + i] = slope * q;
        jac[2 * row + i] = slope * (d * (width * s));
        jac[3 * row + i] = 1.0;
    }
}

int ft_model_lorentzian_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                            double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_lorentzian_block, 4, m, n, x, p, y, jac);
}

/* Both parts are one half a width from the centre. */
static void ft_pseudo_voigt_block(ptrdiff_t count, ptrdiff_t row, const double *restrict x,
                                  const double *restrict p, double *restrict y,
                                  double *restrict jac) {
    const double a = p[0], center = p[1], width = p[2], mix = p[3], offset = p[4];
    const double inverse = ft_inverse(width), square = width * width, rest = 1.0 - mix;
    if (!jac) {
        for (ptrdiff_t i = 0; i < count; i++) {
            const double d = x[i] - center, z = d * inverse;
            const double g = ft_exp_plain(-FT_LN2 * (z * z));
            y[i] = a * (mix * (square / (d * d + square)) + rest * g) + offset;
        }
        return;
    }
    const double steep = FT_LN2 * inverse;
#pragma GCC ivdep
    for (ptrdiff_t i = 0; i < count; i++) {
        const double d = x[i] - center, z = d * inverse;
        const double g = ft_exp_plain(-FT_LN2 * (z * z)), s = 1.0 / (d * d + square);
        const double q = square * s, shape = mix * q + rest * g, twice = 2.0 * a;
        const double bell = rest * (steep * g * z), tail = mix * (d * s);
        y[i] = a * shape + offset;
        jac[i] = shape;
        jac[row + i] = twice * (tail * q + bell);
        jac[2 * row + i] = twice * (tail * (d * (width * s)) + bell * z);
        jac[3 * row + i] = a * (q - g);
        jac[4 * row + i] = 1.0;
    }
}

int ft_model_pseudo_voigt_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                              double *y, double *jac) {
    (void)ctx;
    return ft_model_map(ft_pseudo_voigt_block, 5, m, n, x, p, y, jac);
}

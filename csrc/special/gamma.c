/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_gamma.h"
#include "ft_map.h"

/* log Gamma(x) for x >= 5, precise enough for an exponent: 2^-63 of it. */
static inline void ft_gamma_exponent(ptrdiff_t n, const double *restrict x,
                                     struct ft_pairs *restrict a) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++)
        ft_put(a, i, ft_log_precise(ft_clamp(x[i], 200.0)));
    for (ptrdiff_t i = 0; i < ft_padded(n); i++)
        ft_put(a, i, ft_stirling(ft_clamp(x[i], 200.0), ft_get(a, i)));
}

/* Gamma(x) for x >= 5; above 171.7 it overflows. NaN and infinity are their own images. */
static void ft_gamma_far_right(ptrdiff_t n, const double *restrict x, double *restrict y) {
    struct ft_pairs a;
    ft_gamma_exponent(n, x, &a);
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const struct ft_scaled g = ft_exp(ft_get(&a, i));
        const double value = ft_ldexp(g.m.hi + g.m.lo, g.k);
        y[i] = x[i] < INFINITY ? value : x[i];
    }
}

/* Gamma(x) for x < -5: -1 / (a f (sin(pi f) / (pi f)) Gamma(a)), a = -x. Below -190 even the
   doubles nearest to a pole give less than half the smallest subnormal. */
static void ft_gamma_far_left(ptrdiff_t n, const double *restrict x, double *restrict y) {
    struct ft_pairs e;
    ft_gamma_exponent(n, x, &e);
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const struct ft_scaled g = ft_exp(ft_get(&e, i));
        const struct ft_reflection r = ft_reflect(-x[i]);
        const struct ft_dd m = ft_quick_sum(g.m.hi, g.m.lo);
        const struct ft_dd af = ft_product(ft_clamp(x[i], 200.0), r.f);
        const struct ft_dd d = ft_dd_mul(ft_dd_mul(m, af), r.one);
        const double q = ft_dd_div((struct ft_dd){-r.sign, 0.0}, d);
        y[i] = r.f == 0.0 ? NAN : ft_ldexp(q, -g.k);
    }
}

/* 1 / Gamma(1 + w) for 0 <= w < 1: entire, so a short polynomial, and 1 at both ends. */
static inline struct ft_dd ft_rgamma(double w) {
    return ft_quick_sum(1.0, w * (1.0 - w) * ft_poly(14, FT_RGAMMA_POLY, w));
}

/* Gamma(x) for 0 <= x < 5; near zero 1/x - 0.577... */
static void ft_gamma_near_right(ptrdiff_t n, const double *restrict x, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const struct ft_reduction r = ft_reduce(x[i]);
        const struct ft_dd bottom = ft_dd_scale(ft_rgamma(r.w), r.below_one ? x[i] : 1.0);
        const double value = ft_dd_div(r.product, bottom);
        y[i] = fabs(x[i]) < 0x1p-60 ? 1.0 / x[i] : value;
    }
}

/* Gamma(x) for -5 <= x < 0, by reflection. */
static void ft_gamma_near_left(ptrdiff_t n, const double *restrict x, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double a = -x[i];
        const struct ft_reduction r = ft_reduce(a);
        const struct ft_reflection s = ft_reflect(a);
        const struct ft_dd af = ft_product(r.below_one ? 1.0 : a, s.f);
        const struct ft_dd bottom = ft_dd_mul(ft_dd_mul(r.product, af), s.one);
        const double value = -s.sign * ft_dd_div(ft_rgamma(r.w), bottom);
        const double near = a < 0x1p-60 ? -1.0 / a : value;
        y[i] = s.f == 0.0 ? NAN : near;
    }
}

static void ft_gamma_block(ptrdiff_t n, const double *restrict x, double *restrict y) {
    static ft_block *const right[2] = {ft_gamma_near_right, ft_gamma_far_right};
    static ft_block *const left[2] = {ft_gamma_near_left, ft_gamma_far_left};
    ft_four_ranges(n, x, y, FT_STIRLING_FROM, right, left);
}

void ft_gamma_f64(ptrdiff_t n, const double *x, double *y) {
    ft_map_f64(n, x, y, ft_gamma_block);
}

void ft_gamma_f32(ptrdiff_t n, const float *x, float *y) {
    ft_map_f32(n, x, y, ft_gamma_block);
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_gamma.h"
#include "ft_map.h"

/* Gamma(x) for x >= 5: exp of Stirling's series; above 171.7 it overflows. */
static void ft_gamma_far_right(ptrdiff_t n, double *v) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const struct ft_scaled g = ft_exp(ft_stirling(ft_clamp(v[i], 200.0), 1.0));
        v[i] = ft_ldexp(g.m.hi + g.m.lo, g.k);
    }
}

/* Gamma(x) for x < -5: -1 / (a f (sin(pi f) / (pi f)) Gamma(a)), a = -x. Below -190 even the
   doubles nearest to a pole give less than half the smallest subnormal. */
static void ft_gamma_far_left(ptrdiff_t n, double *v) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double a = -v[i];
        const double b = ft_clamp(a, 200.0);
        const struct ft_scaled g = ft_exp(ft_stirling(b, 1.0));
        const struct ft_reflection r = ft_reflect(a);
        const struct ft_dd m = ft_quick_sum(g.m.hi, g.m.lo);
        const struct ft_dd d = ft_dd_mul(ft_dd_mul(m, ft_product(b, r.f)), r.one);
        const double q = ft_dd_div((struct ft_dd){-r.sign, 0.0}, d);
        v[i] = r.f == 0.0 ? NAN : ft_ldexp(q, -g.k);
    }
}

/* 1 / Gamma(1 + w) for 0 <= w < 1: entire, so a short polynomial, and 1 at both ends. */
static inline struct ft_dd ft_rgamma(double w) {
    return ft_quick_sum(1.0, w * (1.0 - w) * ft_poly(14, FT_RGAMMA_POLY, w));
}

/* Gamma(x) for 0 <= x < 5; near zero 1/x - 0.577... */
static void ft_gamma_near_right(ptrdiff_t n, double *v) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double x = v[i];
        const struct ft_reduction r = ft_reduce(x);
        const struct ft_dd bottom = ft_dd_scale(ft_rgamma(r.w), r.below_one ? x : 1.0);
        const double y = ft_dd_div(r.product, bottom);
        v[i] = fabs(x) < 0x1p-60 ? 1.0 / x : y;
    }
}

/* Gamma(x) for -5 <= x < 0, by reflection. */
static void ft_gamma_near_left(ptrdiff_t n, double *v) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double a = -v[i];
        const struct ft_reduction r = ft_reduce(a);
        const struct ft_reflection s = ft_reflect(a);
        const struct ft_dd top = ft_rgamma(r.w);
        const struct ft_dd af = ft_product(r.below_one ? 1.0 : a, s.f);
        const struct ft_dd bottom = ft_dd_mul(ft_dd_mul(r.product, af), s.one);
        const double y = -s.sign * ft_dd_div(top, bottom);
        const double z = a < 0x1p-60 ? -1.0 / a : y;
        v[i] = s.f == 0.0 ? NAN : z;
    }
}

static void ft_gamma_block(ptrdiff_t n, double *v) {
    static ft_block *const right[2] = {ft_gamma_near_right, ft_gamma_far_right};
    static ft_block *const left[2] = {ft_gamma_near_left, ft_gamma_far_left};
    ft_four_ranges(n, v, FT_STIRLING_FROM, right, left);
}

void ft_gamma_f64(ptrdiff_t n, const double *x, double *y) {
    ft_map_f64(n, x, y, ft_gamma_block);
}

void ft_gamma_f32(ptrdiff_t n, const float *x, float *y) {
    ft_map_f32(n, x, y, ft_gamma_block);
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_gamma.h"
#include "ft_map.h"

#include "gammaln_table.inc"

/* log Gamma(x) for x >= 5: Stirling's series, scaled where the product could overflow early. */
static void ft_gammaln_far_right(ptrdiff_t n, double *v) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const int huge = v[i] > 0x1p500;
        const struct ft_dd s = ft_stirling(v[i], huge ? 0x1p-100 : 1.0);
        v[i] = (s.hi + s.lo) * (huge ? 0x1p100 : 1.0);
    }
}

/* log|Gamma(x)| for x < -5, by reflection: -log(a f sin(pi f) / (pi f)) - log Gamma(a), a = -x. */
static void ft_gammaln_far_left(ptrdiff_t n, double *v) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double a = -v[i];
        const double b = ft_clamp(a, 0x1p52); /* beyond, every double is a pole */
        const struct ft_reflection r = ft_reflect(a);
        const struct ft_dd s = ft_stirling(b, 1.0);
        const struct ft_dd d = ft_dd_mul(ft_product(b, fabs(r.f)), r.one);
        const struct ft_dd log = ft_log(r.f == 0.0 ? 1.0 : d.hi);
        const double y = -((s.hi + log.hi) + (s.lo + (log.lo + d.lo / d.hi)));
        v[i] = r.f == 0.0 ? INFINITY : y;
    }
}

/* a + sign log(factor) for a = flip w (w - 1) H(w), flip log Gamma(1 + w): its zeros are exact. */
static inline double ft_gammaln_near(double w, double flip, struct ft_dd factor, double sign) {
    const int tiny = factor.hi < 0x1p-1000;
    const struct ft_dd log = ft_log(tiny ? factor.hi * 0x1p100 : factor.hi);
    const double log_hi = log.hi - (tiny ? 100.0 * FT_LN2 : 0.0);

    const double less = w - 1.0;
    const double less_lo = w - (less + 1.0);
    const struct ft_dd zeros = ft_product(flip * w, less);
    const double h = ft_poly(23, FT_LGAMMA_POLY, w);
    const double low =
        sign * (log.lo + factor.lo / factor.hi) + (zeros.lo + flip * w * less_lo) * h;
    return sign * log_hi + (zeros.hi * h + low);
}

/* log Gamma(x) for 0 <= x < 5: the factors between 1 + w and x by their logarithm. */
static void ft_gammaln_near_right(ptrdiff_t n, double *v) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double x = v[i];
        const struct ft_reduction r = ft_reduce(x);
        const struct ft_dd factor = {r.below_one ? x : r.product.hi, r.product.lo};
        const double y = ft_gammaln_near(r.w, 1.0, factor, r.below_one ? -1.0 : 1.0);
        v[i] = x == 0.0 ? INFINITY : y;
    }
}

/* log|Gamma(x)| for -5 <= x < 0: the reflection's factors join those under the logarithm. */
static void ft_gammaln_near_left(ptrdiff_t n, double *v) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double a = -v[i];
        const struct ft_reduction r = ft_reduce(a);
        const struct ft_reflection s = ft_reflect(a);
        const struct ft_dd af = ft_product(r.below_one ? 1.0 : a, fabs(s.f));
        const struct ft_dd factor = ft_dd_mul(ft_dd_mul(r.product, af), s.one);
        const double y = ft_gammaln_near(r.w, -1.0, factor, -1.0);
        v[i] = s.f == 0.0 ? INFINITY : y;
    }
}

static void ft_gammaln_block(ptrdiff_t n, double *v) {
    static ft_block *const right[2] = {ft_gammaln_near_right, ft_gammaln_far_right};
    static ft_block *const left[2] = {ft_gammaln_near_left, ft_gammaln_far_left};
    ft_four_ranges(n, v, FT_STIRLING_FROM, right, left);
}

void ft_gammaln_f64(ptrdiff_t n, const double *x, double *y) {
    ft_map_f64(n, x, y, ft_gammaln_block);
}

void ft_gammaln_f32(ptrdiff_t n, const float *x, float *y) {
    ft_map_f32(n, x, y, ft_gammaln_block);
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_gamma.h"
#include "ft_map.h"

#include "gammaln_table.inc"

/* log Gamma(x) for x >= 5 as x (log(x) - 1) - log(x)/2 + log(2 pi)/2 + phi(x): the first product
   dominates, log.hi - 1 is exact, and nothing overflows before the result. NaN and infinity are
   their own images. */
static void ft_gammaln_far_right(ptrdiff_t n, const double *restrict x, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const struct ft_dd log = ft_log(x[i]);
        const double rest =
            (x[i] - 0.5) * log.lo + (FT_HALF_LOG_2PI_hi - 0.5 * log.hi + ft_phi(x[i]));
        const double sum = x[i] * (log.hi - 1.0) + rest;
        y[i] = x[i] < INFINITY ? sum : x[i];
    }
}

/* log|Gamma(x)| for x < -5, by reflection: -log(a f sin(pi f) / (pi f)) - log Gamma(a), a = -x. */
static void ft_gammaln_far_left(ptrdiff_t n, const double *restrict x, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double a = -x[i];
        const double b = ft_clamp(a, 0x1p52); /* beyond, every double is a pole */
        const struct ft_reflection r = ft_reflect(a);
        const struct ft_dd s = ft_stirling(b, ft_log(b));
        const struct ft_dd d = ft_dd_mul(ft_product(b, fabs(r.f)), r.one);
        const struct ft_dd log = ft_log(r.f == 0.0 ? 1.0 : d.hi);
        const double sum = -((s.hi + log.hi) + (s.lo + (log.lo + d.lo / d.hi)));
        y[i] = r.f == 0.0 ? INFINITY : sum;
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
    const double h = ft_poly(21, FT_LGAMMA_POLY, w);
    const double low =
        sign * (log.lo + factor.lo / factor.hi) + (zeros.lo + flip * w * less_lo) * h;
    return sign * log_hi + (zeros.hi * h + low);
}

/* log Gamma(x) for 0 <= x < 5: the factors between 1 + w and x by their logarithm. */
static void ft_gammaln_near_right(ptrdiff_t n, const double *restrict x, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const struct ft_reduction r = ft_reduce(x[i]);
        const struct ft_dd factor = {r.below_one ? x[i] : r.product.hi, r.product.lo};
        const double sum = ft_gammaln_near(r.w, 1.0, factor, r.below_one ? -1.0 : 1.0);
        y[i] = x[i] == 0.0 ? INFINITY : sum;
    }
}

/* log|Gamma(x)| for -5 <= x < 0: the reflection's factors join those under the logarithm. */
static void ft_gammaln_near_left(ptrdiff_t n, const double *restrict x, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double a = -x[i];
        const struct ft_reduction r = ft_reduce(a);
        const struct ft_reflection s = ft_reflect(a);
        const struct ft_dd af = ft_product(r.below_one ? 1.0 : a, fabs(s.f));
        const struct ft_dd factor = ft_dd_mul(ft_dd_mul(r.product, af), s.one);
        const double sum = ft_gammaln_near(r.w, -1.0, factor, -1.0);
        y[i] = s.f == 0.0 ? INFINITY : sum;
    }
}

static void ft_gammaln_block(ptrdiff_t n, const double *restrict x, double *restrict y) {
    static ft_block *const right[2] = {ft_gammaln_near_right, ft_gammaln_far_right};
    static ft_block *const left[2] = {ft_gammaln_near_left, ft_gammaln_far_left};
    ft_four_ranges(n, x, y, FT_STIRLING_FROM, right, left);
}

void ft_gammaln_f64(ptrdiff_t n, const double *restrict x, double *restrict y) {
    ft_map_f64(n, x, y, ft_gammaln_block);
}

void ft_gammaln_f32(ptrdiff_t n, const float *x, float *y) {
    ft_map_f32(n, x, y, ft_gammaln_block);
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_GAMMA_H
#define FT_GAMMA_H

#include "ft_explog.h"

#include "gamma_table.inc"

/* Where Stirling's series takes over from the reduction to [1, 2). */
static const double FT_STIRLING_FROM = 5.0;

/* phi(y) = log Gamma(y) - (y - 1/2) log y + y - log(2 pi)/2 for y >= 5, below 0.017: Stirling's
   series, Abramowitz and Stegun 6.1.40. */
static inline double ft_phi(double y) {
    const double inverse = 1.0 / y;
    return inverse * ft_poly(8, FT_STIRLING_POLY, inverse * inverse);
}

/* log Gamma(y) for 5 <= y < 2^53, from the logarithm of y. */
static inline struct ft_dd ft_stirling(double y, struct ft_dd log) {
    const struct ft_dd linear = ft_quick_sum(-y, FT_HALF_LOG_2PI_hi);
    const double rest = linear.lo + (ft_phi(y) + FT_HALF_LOG_2PI_lo);
    const struct ft_dd p = ft_product(y - 0.5, log.hi);
    const struct ft_dd sum = ft_quick_sum(p.hi, linear.hi);
    return (struct ft_dd){sum.hi, sum.lo + (p.lo + ((y - 0.5) * log.lo + rest))};
}

/* x < 0 seen through the reflection Gamma(x) Gamma(-x) = -pi / (x sin(pi x)), a = -x. */
struct ft_reflection {
    double f;         /* a minus the nearest integer: 0 at a pole */
    struct ft_dd one; /* sin(pi f) / (pi f) */
    double sign;      /* sign of sin(pi a) / f */
};

static inline struct ft_reflection ft_reflect(double a) {
    const double n = (a + 0x1p52) - 0x1p52;
    const double odd = n - 2.0 * ((0.5 * n + 0x1p52) - 0x1p52);
    const double f = a < 0x1p52 ? a - n : 0.0;
    const double t = f * f;
    return (struct ft_reflection){f, ft_quick_sum(1.0, t * ft_poly(8, FT_SINE_POLY, t)),
                                  odd == 0.0 ? 1.0 : -1.0};
}

/* Gamma(a) = product Gamma(1 + w) for 1 <= a < 5, Gamma(1 + w) / a below 1. */
struct ft_reduction {
    double w;             /* a - floor(a), exact */
    int below_one;        /* a < 1 */
    struct ft_dd product; /* (a - 1) (a - 2) ... (1 + w), 1 where empty */
};

static inline struct ft_reduction ft_reduce(double a) {
    struct ft_dd p = {a - 1.0 >= 1.0 ? a - 1.0 : 1.0, 0.0};
#pragma GCC unroll 4
    for (int j = 2; j < 4; j++) {
        const double g = a - j >= 1.0 ? a - j : 1.0;
        const struct ft_dd q = ft_product(p.hi, g);
        p = (struct ft_dd){q.hi, q.lo + p.lo * g};
    }
    return (struct ft_reduction){a - ft_floor(a), a < 1.0, p};
}

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_EXPLOG_H
#define FT_EXPLOG_H

#include "ft_dd.h"

#include "explog_table.inc"

/* exp(x) = (m.hi + m.lo) 2^k, sum in [0.70, 1.42], |m.lo| < 0.07, relative error below 2^-56. */
struct ft_scaled {
    struct ft_dd m;
    double k;
};

/* exp(x.hi + x.lo) for |x.hi| < 1400. */
static inline struct ft_scaled ft_exp(struct ft_dd x) {
    const double k = ft_round(x.hi * FT_INV_LN2);
    const double a = x.hi - k * FT_LN2_hi; /* exact: the product has at most 43 bits */
    const double b = x.lo - k * FT_LN2_lo;
    const double r = a + b;
    const double tail = (a - r) + b;
    const double rest = tail + r * r * ft_poly(10, FT_EXP_POLY, r);
    const struct ft_dd one = ft_quick_sum(1.0, r);
    return (struct ft_scaled){{one.hi, one.lo + (rest + tail * r)}, k};
}

/* log(x) = e log 2 + log(m), m in [sqrt(1/2), sqrt(2)); log(m) = 2 s + s^3 P(s^2),
   s + s_lo = (m - 1) / (m + 1). */
struct ft_log_parts {
    double e, s, s_lo;
};

static inline struct ft_log_parts ft_log_split(double x) {
    const uint64_t offset = UINT64_C(0x3ff0000000000000) - UINT64_C(0x3fe6a09e667f3bcd);
    const uint64_t shifted = (ft_bits(x) + offset) >> 52;
    const double e = ft_from_bits(shifted | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023.0);
    const double m = ft_from_bits(ft_bits(x) - ((shifted - 1023) << 52));

    const double f = m - 1.0;
    const struct ft_dd g = ft_quick_sum(1.0, m);
    const double inverse = 1.0 / g.hi;
    const double s = f * inverse;
    return (struct ft_log_parts){e, s, (ft_residual(f, s, g.hi) - s * g.lo) * inverse};
}

/* log(x) for a normal x > 0 with a relative error below 2^-58, |lo| < 0.004. */
static inline struct ft_dd ft_log(double x) {
    const struct ft_log_parts l = ft_log_split(x);
    const double t = l.s * l.s;
    const double cubic = l.s * (t * (t * ft_poly(7, FT_LOG_POLY, t) + FT_TWO_THIRDS_hi));
    const struct ft_dd sum = ft_quick_sum(l.e * FT_LN2_hi, 2.0 * l.s);
    return (struct ft_dd){sum.hi, sum.lo + (2.0 * l.s_lo + cubic + l.e * FT_LN2_lo)};
}

/* log(x) for a normal x > 0 with a relative error below 2^-64, the sum normalised. */
static inline struct ft_dd ft_log_precise(double x) {
    const struct ft_log_parts l = ft_log_split(x);
    struct ft_dd t = ft_product(l.s, l.s);
    t.lo += 2.0 * l.s * l.s_lo;
    struct ft_dd w = ft_product(FT_TWO_THIRDS_hi, t.hi);
    w.lo += (FT_TWO_THIRDS_lo * t.hi + FT_TWO_THIRDS_hi * t.lo) +
            t.hi * t.hi * ft_poly(7, FT_LOG_POLY, t.hi);
    const struct ft_dd cubic = ft_product(l.s, w.hi);
    const double rest = (cubic.lo + l.s * w.lo) + (l.s_lo * w.hi + 2.0 * l.s_lo);

    const struct ft_dd a = ft_quick_sum(l.e * FT_LN2_hi, 2.0 * l.s);
    const struct ft_dd b = ft_quick_sum(a.hi, cubic.hi);
    return (struct ft_dd){b.hi, (b.lo + rest) + (a.lo + l.e * FT_LN2_lo)};
}

#endif

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
    const double rest = tail + r * r * ft_poly(11, FT_EXP_POLY, r);
    const struct ft_dd one = ft_quick_sum(1.0, r);
    return (struct ft_scaled){{one.hi, one.lo + (rest + tail * r)}, k};
}

/* log(x) for a normal x > 0, with a relative error below 2^-64, by the series in
   s = (m - 1) / (m + 1), x = m 2^e, m in [sqrt(1/2), sqrt(2)). */
static inline struct ft_dd ft_log(double x) {
    const uint64_t offset = UINT64_C(0x3ff0000000000000) - UINT64_C(0x3fe6a09e667f3bcd);
    const uint64_t shifted = (ft_bits(x) + offset) >> 52;
    const double e = ft_from_bits(shifted | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023.0);
    const double m = ft_from_bits(ft_bits(x) - ((shifted - 1023) << 52));

    const double f = m - 1.0;
    const struct ft_dd g = ft_quick_sum(1.0, m);
    const double inverse = 1.0 / g.hi;
    const double s = f * inverse;
    const double s_lo = (ft_residual(f, s, g.hi) - s * g.lo) * inverse;

    struct ft_dd t = ft_product(s, s);
    t.lo += 2.0 * s * s_lo;
    struct ft_dd w = ft_product(FT_TWO_THIRDS_hi, t.hi);
    w.lo += (FT_TWO_THIRDS_lo * t.hi + FT_TWO_THIRDS_hi * t.lo) +
            t.hi * t.hi * ft_poly(9, FT_LOG_POLY, t.hi);
    const struct ft_dd sw = ft_product(s, w.hi);

    const struct ft_dd a = ft_quick_sum(e * FT_LN2_hi, 2.0 * s);
    const struct ft_dd b = ft_quick_sum(a.hi, sw.hi);
    const double low = (sw.lo + s * w.lo) + (s_lo * w.hi + 2.0 * s_lo);
    return (struct ft_dd){b.hi, (b.lo + low) + (a.lo + e * FT_LN2_lo)};
}

#endif

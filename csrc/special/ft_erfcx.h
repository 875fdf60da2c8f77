/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_ERFCX_H
#define FT_ERFCX_H

#include "ft_explog.h"

#include "erfcx_table.inc"

/* erfcx(x) = exp(x^2) erfc(x) for 0 <= x <= 28 as value + correction, by its Taylor series
   about the nearest r = k/64. The coefficients follow from f' = 2 x f - 2/sqrt(pi):
   (n+1) c[n+1] = 2 (r c[n] + c[n-1]). The recurrence amplifies rounding errors by 2r per
   order, which 2 r |d| < 0.44 damps again. */
static inline struct ft_dd ft_erfcx_table(double x) {
    const double k = ft_round(x * 64.0);
    const double r = k * 0x1p-6;
    const double d = x - r;
    const ptrdiff_t row = ft_index(x * 64.0);
    const double c0 = FT_ERFCX[row];
    const double c1 = FT_ERFCX_SLOPE[row];
    const double c2 = r * c1 + c0;
    const double c3 = (2.0 / 3.0) * (r * c2 + c1);
    const double c4 = (2.0 / 4.0) * (r * c3 + c2);
    const double c5 = (2.0 / 5.0) * (r * c4 + c3);
    const double c6 = (2.0 / 6.0) * (r * c5 + c4);
    const double c7 = (2.0 / 7.0) * (r * c6 + c5);
    const double tail = (((((c7 * d + c6) * d + c5) * d + c4) * d + c3) * d + c2) * d;
    return (struct ft_dd){c0, (c1 + tail) * d};
}

#endif

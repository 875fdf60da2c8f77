/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_ELEMENTARY_H
#define FT_ELEMENTARY_H

#include "ft_explog.h"

#include "turns_table.inc"

/* Functions without branches, for loops that the compiler vectorises. NaN gives NaN. */

/* x between -bound and bound. */
static inline double ft_limit(double x, double bound) {
    return fabs(x) > bound ? copysign(bound, x) : x;
}

/* exp(x + tail) for |tail| < 1e-3, within 1 ulp; infinity above 709.8, 0 below -745.2. */
static inline double ft_exp_sum(double x, double tail) {
    const double z = ft_limit(x, 750.0);
    const double k = ft_round(z * FT_INV_LN2);
    const double r = (z - k * FT_LN2_hi) + (tail - k * FT_LN2_lo);
    return ft_ldexp(1.0 + (r + r * r * ft_poly(10, FT_EXP_POLY, r)), k);
}

/* exp(x) within 1 ulp. */
static inline double ft_exp_plain(double x) {
    return ft_exp_sum(x, 0.0);
}

/* `yes` where the mask is set, else `no`. */
static inline uint64_t ft_choose(uint64_t mask, uint64_t yes, uint64_t no) {
    return (yes & mask) | (no & ~mask);
}

/* log(x) as a normalised sum, correct to about 2^-58; NaN for x < 0. The logarithms of 0 and of
   infinity are -2^900 and 2^900: large enough for any power, and finite. The cases are told apart
   by the bits of x: gcc makes branches of comparisons here. */
static inline struct ft_dd ft_log_plain(double x) {
    const uint64_t least = UINT64_C(0x0010000000000000), infinity = UINT64_C(0x7ff0000000000000);
    const uint64_t bits = ft_bits(x + 0.0); /* -0 becomes 0 */
    const uint64_t subnormal = ft_within(bits, 0, least);
    const uint64_t scaled = ft_choose(subnormal, ft_bits(x * 0x1p54), bits);
    const uint64_t usual = ft_within(scaled, least, infinity);
    const uint64_t above = ft_choose(ft_within(bits, infinity, infinity + 1), ft_bits(0x1p900),
                                     UINT64_C(0x7ff8000000000000));
    const uint64_t ends = ft_choose(ft_within(bits, 0, 1), ft_bits(-0x1p900), above);

    const struct ft_dd l = ft_log(ft_from_bits(ft_choose(usual, scaled, ft_bits(1.0))));
    const double shift = ft_from_bits(subnormal & ft_bits(54.0));
    const struct ft_dd sum = ft_quick_sum(l.hi - shift * FT_LN2_hi, l.lo - shift * FT_LN2_lo);
    return (struct ft_dd){ft_from_bits(ft_choose(usual, ft_bits(sum.hi), ends)),
                          ft_from_bits(ft_bits(sum.lo) & usual)};
}

/* x^b from the logarithm of x, within 1 ulp. */
static inline double ft_power(struct ft_dd log, double b) {
    const struct ft_dd p = ft_product(b, log.hi);
    return ft_exp_sum(p.hi, ft_limit(p.lo + b * log.lo, 1e-3));
}

/* Sine and cosine of 2 pi (u + v), |v| <= 1 a small part of the sum or all of it, each with an
   absolute error below 2^-52 while |u| < 2^50: whole turns are taken off exactly. */
struct ft_sine {
    double sine, cosine;
};

static inline __attribute__((always_inline)) struct ft_sine ft_turns(double u, double v) {
    const double part = (u - ft_round(u)) + v;
    const double k = ft_round(4.0 * part);
    const double r = part - 0.25 * k;
    const double t = r * r;
    const double s = r * FT_TWO_PI_hi + (r * FT_TWO_PI_lo + r * (t * ft_poly(7, FT_TURN_SINE, t)));
    const double c = 1.0 + t * ft_poly(7, FT_TURN_COSINE, t);

    const uint64_t quarter = ft_bits(k + 0x1.8p52);
    const uint64_t swap = 0 - (quarter & 1);
    const uint64_t sine = ft_choose(swap, ft_bits(c), ft_bits(s));
    const uint64_t cosine = ft_choose(swap, ft_bits(s), ft_bits(c));
    return (struct ft_sine){ft_from_bits(sine ^ ((quarter & 2) << 62)),
                            ft_from_bits(cosine ^ (((quarter + 1) & 2) << 62))};
}

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_DD_H
#define FT_DD_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Unevaluated sums hi + lo of two doubles. Dekker 1971, doi:10.1007/BF01397083. */
struct ft_dd {
    double hi, lo;
};

/* a + b, exact, for |a| >= |b| or a == 0. */
static inline struct ft_dd ft_quick_sum(double a, double b) {
    const double s = a + b;
    return (struct ft_dd){s, b - (s - a)};
}

/* a * b, exact while nothing under- or overflows (the version without fma: |a|, |b| < 2^996). */
static inline struct ft_dd ft_product(double a, double b) {
    const double p = a * b;
#ifdef __FP_FAST_FMA
    return (struct ft_dd){p, fma(a, b, -p)};
#else
    const double ca = 134217729.0 * a, cb = 134217729.0 * b;
    const double ah = ca - (ca - a), bh = cb - (cb - b);
    const double al = a - ah, bl = b - bh;
    return (struct ft_dd){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
#endif
}

/* a * b with a relative error of a few 2^-104. */
static inline struct ft_dd ft_dd_mul(struct ft_dd a, struct ft_dd b) {
    const struct ft_dd p = ft_product(a.hi, b.hi);
    return ft_quick_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

/* a * b for a plain factor b. */
static inline struct ft_dd ft_dd_scale(struct ft_dd a, double b) {
    const struct ft_dd p = ft_product(a.hi, b);
    return ft_quick_sum(p.hi, p.lo + a.lo * b);
}

/* The quotient a / b, rounded once but for about 2^-60. */
static inline double ft_dd_div(struct ft_dd a, struct ft_dd b) {
    const double q = a.hi / b.hi;
    const struct ft_dd p = ft_product(q, b.hi);
    return q + (((a.hi - p.hi) - p.lo) + (a.lo - q * b.lo)) / b.hi;
}

/* f - s g for s within a few ulps of f / g, exact but for one rounding. */
static inline double ft_residual(double f, double s, double g) {
#ifdef __FP_FAST_FMA
    return fma(-s, g, f);
#else
    const struct ft_dd p = ft_product(s, g);
    return (f - p.hi) - p.lo;
#endif
}

/* The polynomial of `count` coefficients, lowest degree first. Estrin's scheme in groups of eight:
   a loop over long chains of dependent operations waits for results, not for units. The last
   step is c[0] + x (...), so beyond its rounding the error is of the size of the second term. */
static inline double ft_poly2(int count, const double *c, double x) {
    return count > 1 ? c[1] * x + c[0] : c[0];
}

static inline double ft_poly4(int count, const double *c, double x, double x2) {
    return count > 2 ? ft_poly2(count - 2, c + 2, x) * x2 + ft_poly2(2, c, x)
                     : ft_poly2(count, c, x);
}

static inline double ft_poly8(int count, const double *c, double x, double x2) {
    return count > 4 ? ft_poly4(count - 4, c + 4, x, x2) * (x2 * x2) + ft_poly4(4, c, x, x2)
                     : ft_poly4(count, c, x, x2);
}

static inline double ft_poly(int count, const double *c, double x) {
    const double x2 = x * x, x4 = x2 * x2, x8 = x4 * x4;
    int start = (count - 2) / 8 * 8 + 1;
    double sum = ft_poly8(count - start, c + start, x, x2);
#pragma GCC unroll 8
    while (start > 1) {
        start -= 8;
        sum = sum * x8 + ft_poly8(8, c + start, x, x2);
    }
    return sum * x + c[0];
}

static inline uint64_t ft_bits(double x) {
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static inline double ft_from_bits(uint64_t u) {
    double x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/* All bits set if x > bound, none else (none for a NaN with its sign clear). Selecting by bits
   keeps a loop free of branches: gcc turns a comparison into one where table look-ups follow. */
static inline uint64_t ft_above(double x, double bound) {
    return 0 - (ft_bits(bound - x) >> 63);
}

/* All bits set if from <= bits < to, none else; from and to are those of positive numbers. */
static inline uint64_t ft_within(uint64_t bits, uint64_t from, uint64_t to) {
    return 0 - (((bits - to) & ~(bits - from)) >> 63);
}

/* The smaller of |x| and bound > 0; NaN gives bound. */
static inline double ft_clamp(double x, double bound) {
    const uint64_t below = ft_above(bound, fabs(x));
    return ft_from_bits((ft_bits(fabs(x)) & below) | (ft_bits(bound) & ~below));
}

/* The integer nearest to x, ties to even, for |x| < 2^51. */
static inline double ft_round(double x) {
    return (x + 0x1.8p52) - 0x1.8p52;
}

/* The integer k nearest to x as an index, for 0 <= x < 2^31: k sits in the low bits of the sum,
   so no conversion of a double to an integer is needed, which not every vector unit has. */
static inline ptrdiff_t ft_index(double x) {
    return (ptrdiff_t)(ft_bits(x + 0x1.8p52) & UINT64_C(0x7fffffff));
}

/* The largest integer not above x, for 0 <= x < 2^51. */
static inline double ft_floor(double x) {
    const double r = ft_round(x);
    return r > x ? r - 1.0 : r;
}

/* 2^k for an integer k in [-1022, 1023]. */
static inline double ft_pow2(double k) {
    return ft_from_bits(ft_bits(k + (0x1.8p52 + 1023.0)) << 52);
}

/* x 2^k for an integer |k| < 2000, rounded once when |x| is near 1. */
static inline double ft_ldexp(double x, double k) {
    const double half = ft_round(0.5 * k);
    return (x * ft_pow2(half)) * ft_pow2(k - half);
}

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_BESSEL_H
#define FT_BESSEL_H

#include "ft_dd.h"
#include "ft_map.h"

#include "bessel_table.inc"

/* Modulus and phase of the Bessel functions of orders 0 and 1 for x >= 2.3125.

   J = M cos(theta), Y = M sin(theta), theta = x - (order/2 + 1/4) pi + Q: DLMF 10.18. Both
   sqrt(x) M and Q = lead/x + O(x^-3) are polynomials in 1/x^2 for x >= 8 and in 1/x for x < 8.
   J. Harrison, "Fast and accurate Bessel function computation", doi:10.1109/ARITH.2009.32.

   Sums and products whose rounding error matters are exact, fused or not. */

enum { FT_BESSEL_BLOCK = 256 };

/* One function: +-M sin(x + Q - offset pi/2). Pointers, so that one text serves all four. */
struct ft_bessel {
    double order, offset, lead;
    uint64_t negative; /* the sign bit if the sign in front of M is minus */
    uint64_t odd;      /* the sign bit if the function is odd */
    uint64_t domain;   /* the bits of x that count: all but the sign for J */
    const double *far_modulus, *far_phase;
    const double *mid_modulus, *mid_phase;
    const double *lost; /* what rounding took from far_modulus[0] and mid_modulus[0] */
    const double (*series)[2];
    const double (*zeros)[3];
    ft_block *small;        /* for 2^-30 <= x < 2.3125 */
    double (*tiny)(double); /* below */
};

/* Arguments of one range and what the loops below make of them in turn. Several short loops are
   faster than a long one: more of their iterations are in flight at a time. */
struct ft_bessel_work {
    double x[FT_BESSEL_BLOCK], inverse[FT_BESSEL_BLOCK];
    double modulus[FT_BESSEL_BLOCK]; /* sqrt(x) M */
    double rest[FT_BESSEL_BLOCK];    /* x^3 (Q - lead/x) */
    double angle[FT_BESSEL_BLOCK], angle_lo[FT_BESSEL_BLOCK];
    uint64_t quarter[FT_BESSEL_BLOCK];
    double root[FT_BESSEL_BLOCK], relative[FT_BESSEL_BLOCK];
    double sine[FT_BESSEL_BLOCK]; /* where it is small, only its absolute error is */
    double y[FT_BESSEL_BLOCK];
};

/* The leading 26 bits of x: products of two such numbers are exact. */
static inline double ft_upper(double x) {
    return ft_from_bits(ft_bits(x) & UINT64_C(0xfffffffff8000000));
}

/* |sin(hi + lo + quarter pi/2)| (1 + relative) with the sign that it has for quarter 0 or 1;
   |hi| <= 0.95, and lo and relative are below 2^-52. */
static inline double ft_wave(double hi, double lo, double relative, uint64_t quarter) {
    const double q = hi * hi;
    const double half = 0.5 * q;
    const double near_one = 1.0 - half;
    const double s = hi * q * ft_poly(7, FT_SINE, q) + (lo * near_one + hi * relative);
    const double c = q * q * ft_poly(6, FT_COSINE, q) + (near_one * relative - hi * lo);
    const uint64_t odd = 0 - (quarter & 1);
    const uint64_t sine = ft_bits(hi + s);
    const uint64_t cosine = ft_bits(near_one + (((1.0 - near_one) - half) + c));
    return ft_from_bits((cosine & odd) | (sine & ~odd));
}

/* The sign bit of sin(angle + quarter pi/2) against ft_wave. */
static inline uint64_t ft_wave_sign(uint64_t quarter) {
    return (quarter & 2) << 62;
}

static void ft_bessel_far(ptrdiff_t n, struct ft_bessel_work *restrict w,
                          const struct ft_bessel *restrict f) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double inverse = 1.0 / w->x[i];
        const double s = inverse * inverse;
        w->inverse[i] = inverse;
        w->modulus[i] = ft_poly(FT_FAR_MODULUS, f->far_modulus, s);
        w->rest[i] = ft_poly(FT_FAR_PHASE, f->far_phase, s);
    }
}

static void ft_bessel_mid(ptrdiff_t n, struct ft_bessel_work *restrict w,
                          const struct ft_bessel *restrict f) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double inverse = 1.0 / w->x[i];
        const double t = inverse - FT_MID_CENTRE;
        w->inverse[i] = inverse;
        w->modulus[i] = ft_poly(FT_MID_MODULUS, f->mid_modulus, t);
        w->rest[i] = ft_poly(FT_MID_PHASE, f->mid_phase, t);
    }
}

/* The phase of x < 2^21 less the nearest multiple of pi/2, in two parts, and 1/sqrt(x). */
static void ft_bessel_reduce(ptrdiff_t n, struct ft_bessel_work *restrict w, double lost,
                             const struct ft_bessel *restrict f) {
    const double shift = 0x1.8p52;
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double x = w->x[i], inverse = w->inverse[i];
        /* Cody and Waite: 2 turns has at most 22 bits, the first two parts of pi/2 have 31. */
        const double shifted = (x * FT_TWO_OVER_PI_hi - f->offset) + shift;
        const double turns = (shifted - shift) + f->offset;
        const double a = x - turns * FT_TURN[0];
        const double b = turns * FT_TURN[1];
        const double sum = a - b;
        const double b_part = sum - a;

        /* 1/x = hi + lo to 78 bits. */
        const double head = ft_upper(x);
        const double hi = ft_upper(inverse);
        const double lo = inverse * ((1.0 - head * hi) - (x - head) * hi);
        const double c = f->lead * hi;
        const double total = sum + c;
        const double c_part = total - sum;

        double error = (a - (sum - b_part)) - (b + b_part);
        error += (sum - (total - c_part)) + (c - c_part);
        error += (f->lead * lo + inverse * inverse * inverse * w->rest[i]) - turns * FT_TURN[2];
        const double angle = total + error;
        w->angle[i] = angle;
        w->angle_lo[i] = (total - angle) + error;
        w->quarter[i] = ft_bits(shifted);

        /* 1/sqrt(x) = root (1 + defect x/2). */
        const double root = sqrt(inverse);
        const double r = ft_upper(root);
        const double defect = (hi - r * r) + (lo - (root - r) * (root + r));
        w->root[i] = root;
        w->relative[i] = 0.5 * x * defect + lost;
    }
}

/* The function from the terms that ft_bessel_far or ft_bessel_mid left. */
static void ft_bessel_finish(ptrdiff_t n, struct ft_bessel_work *restrict w, double lost,
                             const struct ft_bessel *restrict f) {
    ft_bessel_reduce(n, w, lost, f);
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double sine = ft_wave(w->angle[i], w->angle_lo[i], w->relative[i], w->quarter[i]);
        const double y = w->root[i] * (w->modulus[i] * sine);
        w->sine[i] = sine;
        w->y[i] = ft_from_bits(ft_bits(y) ^ ft_wave_sign(w->quarter[i]) ^ f->negative);
    }
}

#endif

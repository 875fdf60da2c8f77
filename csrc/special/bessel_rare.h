/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Bessel functions of orders 0 and 1, one value: next to a zero, and 2^21 <= x.
 *
 * Scalar code for the few arguments that the loops of bessel.c leave out.
 */
#ifndef FERROTRAN_BESSEL_RARE_H
#define FERROTRAN_BESSEL_RARE_H

#include "bessel_phase.h"

/// An unevaluated sum, |low| at most half an ulp of `high`.
struct pair {
    double high, low;
};

/// `a + b` exactly (Knuth), if neither is a product that the compiler may fuse into the sum.
static inline struct pair exact_sum(double a, double b) {
    double sum = a + b;
    double part = sum - a;
    return (struct pair){sum, (a - (sum - part)) + (b - part)};
}

/// `a * b` exactly (Dekker 1971, doi:10.1007/BF01397083). `volatile` rounds the product, where
/// contraction would fuse it into the next difference.
static inline struct pair exact_product(double a, double b) {
    volatile double product = a * b;
    double a1 = upper(a), b1 = upper(b);
    double a2 = a - a1, b2 = b - b1;
    return (struct pair){product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2};
}

static inline struct pair pair_sum(struct pair a, struct pair b) {
    struct pair s = exact_sum(a.high, b.high);
    return exact_sum(s.high, s.low + (a.low + b.low));
}

static inline struct pair pair_product(struct pair a, struct pair b) {
    struct pair p = exact_product(a.high, b.high);
    return exact_sum(p.high, p.low + (a.high * b.low + a.low * b.high));
}

/// The function within about 2^-7 of one of its zeros below 64.
///
/// Taylor's series at the zero; its coefficients follow from Bessel's equation.
static double near_zero(double x, const struct bessel *f) {
    ptrdiff_t k = (ptrdiff_t)((x - f->zeros[0][0]) * (two_over_pi_hi / 2) + 0.5);
    double z = f->zeros[k][0];
    double d = (x - z) - f->zeros[k][1];
    double c[8] = {0.0, 1.0};
    for (int n = 0; n < 6; ++n) {
        double known = z * (n + 1) * (2 * n + 1) * c[n + 1];
        known += (n * n + z * z - f->order * f->order) * c[n];
        known += n > 0 ? 2.0 * z * c[n - 1] : 0.0;
        known += n > 1 ? c[n - 2] : 0.0;
        c[n + 2] = -known / (z * z * (n + 2) * (n + 1));
    }
    return f->zeros[k][2] * (d + d * d * horner(6, c + 2, d));
}

/// `x 2 / pi - offset` less the nearest integer `quarter` (modulo 4); `64 <= x` is finite.
///
/// Payne and Hanek 1983, doi:10.1145/1057600.1057602: of the product of the 53-bit integer
/// significand with 1/pi only the bits that matter modulo 4 are formed, here 192 of them.
static struct pair reduce(double x, double offset, uint64_t *quarter) {
    __extension__ typedef unsigned __int128 wide;
    const int exponent = (int)(bits_of(x) >> 52) - 1075; // x = significand * 2^exponent
    const uint64_t significand = (bits_of(x) & 0xfffffffffffff) | 0x10000000000000;

    // Three words of 2^(exponent - 1) / pi after the point; inverse_pi leads with 64 zeros.
    const int start = exponent - 1 + 64;
    const uint64_t *word = inverse_pi + start / 64;
    const int shift = start % 64;
    uint64_t w[3];
    for (int i = 0; i < 3; ++i) {
        w[i] = shift ? word[i] << shift | word[i + 1] >> (64 - shift) : word[i];
    }

    // x / (2 pi) modulo 1, most significant word first.
    wide product = (wide)w[2] * significand;
    w[2] = (uint64_t)product;
    product = (wide)w[1] * significand + (uint64_t)(product >> 64);
    w[1] = (uint64_t)product;
    w[0] = w[0] * significand + (uint64_t)(product >> 64);

    // Less offset / 4, an odd number of eighths; then split off the nearest quarter turn.
    w[0] -= (uint64_t)(offset * 2.0) << 61;
    *quarter = (w[0] + (1ULL << 61)) >> 62;
    w[0] = w[0] << 2 | w[1] >> 62;
    w[1] = w[1] << 2 | w[2] >> 62;
    w[2] = w[2] << 2;
    const int minus = (int)(w[0] >> 63);
    if (minus) {
        for (int i = 0; i < 3; ++i) {
            w[i] = ~w[i]; // short of the negative by 2^-192
        }
    }
    double scale = 0x1p-64;
    while (w[0] < 1ULL << 63) { // at most about 64 bits cancel, and seldom more than a few
        w[0] = w[0] << 1 | w[1] >> 63;
        w[1] = w[1] << 1 | w[2] >> 63;
        w[2] = w[2] << 1 | 1;
        scale *= 0.5;
    }
    struct pair r = {(double)(w[0] >> 11) * (scale * 0x1p11),
                     (double)(w[0] << 53 | w[1] >> 11) * (scale * 0x1p-53)};
    return minus ? (struct pair){-r.high, -r.low} : r;
}

/// The function at finite x >= 64, with the phase in two doubles.
static double asymptotic(double x, const struct bessel *f) {
    uint64_t quarter;
    struct pair r = reduce(x, f->offset, &quarter);
    r = pair_product(r, (struct pair){turn_hi, turn_lo});

    struct pair t = {1.0 / x, 0.0};
    struct pair one = exact_product(x, t.high);
    t.low = ((1.0 - one.high) - one.low) * t.high;
    struct pair s = pair_product(t, t);
    int k = x < 256.0 ? 13 : x < 0x1p21 ? 7 : 2;
    struct pair q = {f->series[k][0], f->series[k][1]};
    while (--k >= 0) {
        q = pair_sum(pair_product(q, s), (struct pair){f->series[k][0], f->series[k][1]});
    }
    r = pair_sum(r, pair_product(q, t));

    double modulus = horner(FAR_MODULUS, f->far_modulus, s.high);
    double value = wave(r.high, r.low, f->lost[0], quarter) * modulus / __builtin_sqrt(x);
    return of_bits(bits_of(value) ^ f->negative ^ wave_sign(quarter));
}

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_BESSEL_RARE_H
#define FT_BESSEL_RARE_H

#include "ft_bessel.h"

/* Bessel functions of orders 0 and 1 one value at a time: next to a zero, and from 2^21 on. */

/* a + b, exact (Knuth). Neither may be a rounded product, which could be fused into the sum. */
static inline struct ft_dd ft_sum(double a, double b) {
    const double s = a + b;
    const double b_part = s - a;
    return (struct ft_dd){s, (a - (s - b_part)) + (b - b_part)};
}

static inline struct ft_dd ft_dd_add(struct ft_dd a, struct ft_dd b) {
    const struct ft_dd s = ft_sum(a.hi, b.hi);
    return ft_quick_sum(s.hi, s.lo + (a.lo + b.lo));
}

/* The function within about 2^-6 of one of its zeros between 2.3125 and 64: Taylor's series there,
   whose coefficients follow from Bessel's equation. */
static double ft_bessel_near_zero(double x, const struct ft_bessel *f) {
    const ptrdiff_t k = (ptrdiff_t)((x - f->zeros[0][0]) * (0.5 * FT_TWO_OVER_PI_hi) + 0.5);
    const double z = f->zeros[k][0];
    const double d = (x - z) - f->zeros[k][1];
    double c[8] = {0.0, 1.0};
    for (int n = 0; n < 6; n++) {
        double known = z * (n + 1) * (2 * n + 1) * c[n + 1];
        known += (n * n + z * z - f->order * f->order) * c[n];
        known += n > 0 ? 2.0 * z * c[n - 1] : 0.0;
        known += n > 1 ? c[n - 2] : 0.0;
        c[n + 2] = -known / (z * z * (n + 2) * (n + 1));
    }
    return f->zeros[k][2] * (d + d * d * ft_poly(6, c + 2, d));
}

/* x 2/pi - offset less the nearest integer, `quarter` modulo 4, for finite x >= 64. Of the
   product of the 53-bit significand with 2/pi only the bits that matter modulo 4 are formed,
   192 of them: Payne and Hanek 1983, doi:10.1145/1057600.1057602. */
static struct ft_dd ft_bessel_quarters(double x, double offset, uint64_t *quarter) {
    __extension__ typedef unsigned __int128 wide;
    const int exponent = (int)(ft_bits(x) >> 52) - 1075;
    const uint64_t significand =
        (ft_bits(x) & UINT64_C(0xfffffffffffff)) | UINT64_C(0x10000000000000);

    /* 2^(exponent - 1) / pi after the point, most significant word first. The table has 64 zeros
       in front, since the exponent may be as low as -46. */
    const int start = exponent - 1 + 64;
    const uint64_t *word = FT_INVERSE_PI + start / 64;
    const int shift = start % 64;
    uint64_t w[3];
    for (int i = 0; i < 3; i++)
        w[i] = shift ? word[i] << shift | word[i + 1] >> (64 - shift) : word[i];

    /* x / (2 pi) modulo 1 */
    wide product = (wide)w[2] * significand;
    w[2] = (uint64_t)product;
    product = (wide)w[1] * significand + (uint64_t)(product >> 64);
    w[1] = (uint64_t)product;
    w[0] = w[0] * significand + (uint64_t)(product >> 64);

    /* Less offset / 4, an odd number of eighths; then off with the nearest quarter turn. */
    w[0] -= (uint64_t)(offset * 2.0) << 61;
    *quarter = (w[0] + (UINT64_C(1) << 61)) >> 62;
    w[0] = w[0] << 2 | w[1] >> 62;
    w[1] = w[1] << 2 | w[2] >> 62;
    w[2] = w[2] << 2;
    const uint64_t minus = 0 - (w[0] >> 63);
    for (int i = 0; i < 3; i++)
        w[i] ^= minus; /* the negative but for 2^-192 */
    double scale = 0x1p-64;
    while (!(w[0] >> 63)) {
        w[0] = w[0] << 1 | w[1] >> 63;
        w[1] = w[1] << 1 | w[2] >> 63;
        w[2] = w[2] << 1 | 1;
        scale *= 0.5;
    }
    scale = minus ? -scale : scale;
    return (struct ft_dd){(double)(w[0] >> 11) * (scale * 0x1p11),
                          (double)(w[0] << 53 | w[1] >> 11) * (scale * 0x1p-53)};
}

/* The function at finite x >= 64, with Q from its asymptotic series, to two doubles. */
static double ft_bessel_asymptotic(double x, const struct ft_bessel *f) {
    uint64_t quarter;
    struct ft_dd angle = ft_bessel_quarters(x, f->offset, &quarter);
    angle = ft_dd_mul(angle, (struct ft_dd){FT_HALF_PI_hi, FT_HALF_PI_lo});
    double s = 0.0;
    if (x < 0x1p200) { /* Q counts, and nothing underflows */
        struct ft_dd t = {1.0 / x, 0.0};
        t.lo = ft_residual(1.0, t.hi, x) * t.hi;
        const struct ft_dd t2 = ft_dd_mul(t, t);
        int k = x < 256.0 ? FT_SERIES_PHASE - 1 : x < 0x1p21 ? 7 : 2;
        struct ft_dd q = {f->series[k][0], f->series[k][1]};
        while (--k >= 0)
            q = ft_dd_add(ft_dd_mul(q, t2), (struct ft_dd){f->series[k][0], f->series[k][1]});
        angle = ft_dd_add(angle, ft_dd_mul(q, t));
        s = x < 0x1p32 ? t2.hi : 0.0;
    }
    const double modulus = ft_poly(FT_FAR_MODULUS, f->far_modulus, s);
    const double y = ft_wave(angle.hi, angle.lo, f->lost[0], quarter) * modulus / sqrt(x);
    return ft_from_bits(ft_bits(y) ^ f->negative ^ ft_wave_sign(quarter));
}

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_bessel_rare.h"

/* Four ranges of x. Below 2.3125: polynomials in x^2 times the distance from the zero there, and
   for Y also (2/pi) log(x/zero) J, which vanishes at the same place. From 2.3125 to 8 and from 8 to
   2^21: modulus and phase (ft_bessel.h). The rest, and what is next to a zero above 2.3125, goes
   one value at a time (ft_bessel_rare.h).

   The ranges are told apart by the bits of x: integer operations raise no flag for NaN. */
static const uint64_t FT_AT_TINY = UINT64_C(0x3e10000000000000); /* 2^-30 */
static const uint64_t FT_AT_MID = UINT64_C(0x4002800000000000);  /* 2.3125 */
static const uint64_t FT_AT_FAR = UINT64_C(0x4020000000000000);  /* 8 */
static const uint64_t FT_AT_HUGE = UINT64_C(0x4140000000000000); /* 2^21 */
static const uint64_t FT_INF = UINT64_C(0x7ff0000000000000);
static const uint64_t FT_SIGN = UINT64_C(0x8000000000000000);

/* log(x / zero), relatively accurate next to the zero too; 2^-1000 < x < 2^1000. */
static inline double ft_log_ratio(double x, double zero_hi, double zero_lo) {
    /* x = m 2^e, m in [zero / sqrt 2, zero sqrt 2): m - zero_hi is exact. */
    const uint64_t biased = ft_bits(x * (0x1.6a09e667f3bcdp+0 / zero_hi)) >> 52;
    const double e = ft_from_bits(biased | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023.0);
    const double m = x * ft_from_bits((2046 - biased) << 52);
    const double s = ((m - zero_hi) - zero_lo) / (m + zero_hi);
    const double s2 = s * s;
    const double tail = 2.0 * s + s * s2 * ft_poly(FT_RATIO, FT_LOG_RATIO, s2);
    return e * FT_LOG2[0] + (tail + e * FT_LOG2[1]);
}

/* x^2 - FT_CENTRE, the square exact but for 2^-80. */
static inline double ft_centred_square(double x) {
    const double head = ft_upper(x);
    return (head * head - FT_CENTRE) + (x - head) * (x + head);
}

static void ft_j0_small(ptrdiff_t n, const double *restrict xs, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double x = xs[i], w = x * x;
        const double inner = 1.0 - (0.25 * w - w * w * ft_poly(FT_INNER, FT_J0_INNER, w));
        const double away = (x - FT_J0_ZERO_hi) - FT_J0_ZERO_lo;
        const double g = ft_poly(FT_OUTER, FT_J0_OUTER, ft_centred_square(x));
        y[i] = x < FT_J_INNER ? inner : away * (x + FT_J0_ZERO_hi) * g;
    }
}

static void ft_j1_small(ptrdiff_t n, const double *restrict xs, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double x = xs[i], w = x * x;
        const double inner = 0.5 * x + x * (w * ft_poly(FT_INNER, FT_J1_INNER, w));
        const double outer = x * ft_poly(FT_OUTER, FT_J1_OUTER, ft_centred_square(x));
        y[i] = x < FT_J_INNER ? inner : outer;
    }
}

static void ft_y0_small(ptrdiff_t n, const double *restrict xs, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double x = xs[i], u = ft_centred_square(x);
        const double away = (x - FT_Y0_ZERO_hi) - FT_Y0_ZERO_lo;
        const double rest = away * (x + FT_Y0_ZERO_hi) * ft_poly(FT_OUTER, FT_Y0_REST, u);
        const double j = ft_poly(FT_OUTER, FT_Y0_LOG, u);
        y[i] = ft_log_ratio(x, FT_Y0_ZERO_hi, FT_Y0_ZERO_lo) * j + rest;
    }
}

static void ft_y1_small(ptrdiff_t n, const double *restrict xs, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double x = xs[i], u = ft_centred_square(x);
        const double away = (x - FT_Y1_ZERO_hi) - FT_Y1_ZERO_lo;
        const double rest = away * (x + FT_Y1_ZERO_hi) * ft_poly(FT_OUTER, FT_Y1_REST, u);
        const double j = x * ft_poly(FT_OUTER, FT_Y1_LOG, u);
        y[i] = ft_log_ratio(x, FT_Y1_ZERO_hi, FT_Y1_ZERO_lo) * j + rest / x;
    }
}

/* 0 <= x < 2^-30: the first terms of the series. At 0, Y raises the flag for a pole. */
static double ft_j0_tiny(double x) {
    (void)x;
    return 1.0;
}

static double ft_j1_tiny(double x) {
    return 0.5 * x;
}

static double ft_y0_tiny(double x) {
    if (x == 0.0)
        return -1.0 / x;
    const double shift = x < 0x1p-500 ? 300.0 : 0.0; /* subnormal numbers */
    const double log = ft_log_ratio(x * ft_pow2(shift), FT_Y0_ZERO_hi, FT_Y0_ZERO_lo);
    return FT_TWO_OVER_PI_hi * (log - shift * (FT_LOG2[0] + FT_LOG2[1])) + FT_Y0_CONSTANT;
}

static double ft_y1_tiny(double x) {
    return -FT_TWO_OVER_PI_hi / x;
}

/* A value outside the ranges of the loops, or next to a zero; below 0 only if that is an error. */
static double ft_bessel_rare(double x, const struct ft_bessel *f) {
    const uint64_t bits = ft_bits(x), size = bits & ~FT_SIGN;
    if (size > FT_INF)
        return x;
    if (size == 0)
        return f->tiny(0.0);
    if (bits & FT_SIGN)
        return sqrt(x); /* NaN, and the flag for an invalid operation */
    if (bits == FT_INF)
        return 0.0;
    if (bits < FT_AT_TINY)
        return f->tiny(x);
    return x < 64.0 ? ft_bessel_near_zero(x, f) : ft_bessel_asymptotic(x, f);
}

static inline double ft_with_sign_of(double x, double y, const struct ft_bessel *f) {
    return ft_from_bits(ft_bits(y) ^ (ft_bits(x) & f->odd));
}

/* Which elements of a block are in which range: 1 or 0. */
struct ft_bessel_ranges {
    int64_t small[FT_BESSEL_BLOCK], mid[FT_BESSEL_BLOCK], far[FT_BESSEL_BLOCK];
    int64_t rare[FT_BESSEL_BLOCK];
    ptrdiff_t smalls, mids, fars;
};

static void ft_bessel_sort(ptrdiff_t n, const double *restrict x, uint64_t domain,
                           struct ft_bessel_ranges *restrict in) {
    uint64_t smalls = 0, mids = 0, fars = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        const uint64_t size = ft_bits(x[i]) & domain;
        const uint64_t small = ft_within(size, FT_AT_TINY, FT_AT_MID) & 1;
        const uint64_t mid = ft_within(size, FT_AT_MID, FT_AT_FAR) & 1;
        const uint64_t far = ft_within(size, FT_AT_FAR, FT_AT_HUGE) & 1;
        in->small[i] = (int64_t)small;
        in->mid[i] = (int64_t)mid;
        in->far[i] = (int64_t)far;
        in->rare[i] = (int64_t)(1 - (small + mid + far));
        smalls += small;
        mids += mid;
        fars += far;
    }
    in->smalls = (ptrdiff_t)smalls;
    in->mids = (ptrdiff_t)mids;
    in->fars = (ptrdiff_t)fars;
}

/* The loop for 8 <= x < 2^21 over all of a block; what is next to a zero becomes rare. */
static void ft_bessel_all_far(ptrdiff_t n, const double *restrict x, double *restrict y,
                              struct ft_bessel_ranges *restrict in,
                              const struct ft_bessel *restrict f) {
    struct ft_bessel_work w;
    for (ptrdiff_t i = 0; i < n; i++) {
        const uint64_t size = ft_bits(x[i]) & f->domain;
        const uint64_t far = 0 - (uint64_t)in->far[i];
        w.x[i] = ft_from_bits((size & far) | (FT_AT_FAR & ~far)); /* 8 raises no flag */
    }
    ft_pad(n, w.x);
    ft_bessel_far(n, &w, f);
    ft_bessel_finish(n, &w, f->lost[0], f);
    for (ptrdiff_t i = 0; i < n; i++) {
        y[i] = ft_with_sign_of(x[i], w.y[i], f);
        in->rare[i] |= w.sine[i] * w.sine[i] > FT_FAR_NEAR_ZERO ? 0 : in->far[i];
    }
}

/* The places of the members, four at a time: one that is no member's is overwritten. */
static int ft_bessel_list(ptrdiff_t n, const int64_t *member, int *place) {
    ptrdiff_t count = 0;
    int i = 0;
    for (; i + 4 <= (int)n; i += 4) {
        const ptrdiff_t two = member[i] + member[i + 1];
        place[count] = i;
        place[count + member[i]] = i + 1;
        place[count + two] = i + 2;
        place[count + two + member[i + 2]] = i + 3;
        count += two + (member[i + 2] + member[i + 3]);
    }
    for (; i < (int)n; i++) {
        place[count] = i;
        count += member[i];
    }
    return (int)count;
}

static void ft_bessel_listed_small(int count, const int *restrict place, const double *restrict x,
                                   double *restrict y, const struct ft_bessel *restrict f) {
    double size[FT_BESSEL_BLOCK], result[FT_BESSEL_BLOCK];
    for (int j = 0; j < count; j++)
        size[j] = ft_from_bits(ft_bits(x[place[j]]) & f->domain);
    ft_pad(count, size);
    f->small(count, size, result);
    for (int j = 0; j < count; j++)
        y[place[j]] = ft_with_sign_of(x[place[j]], result[j], f);
}

static void ft_bessel_listed_mid(int count, const int *restrict place, const double *restrict x,
                                 double *restrict y, const struct ft_bessel *restrict f) {
    struct ft_bessel_work w;
    for (int j = 0; j < count; j++)
        w.x[j] = ft_from_bits(ft_bits(x[place[j]]) & f->domain);
    ft_pad(count, w.x);
    ft_bessel_mid(count, &w, f);
    ft_bessel_finish(count, &w, f->lost[1], f);
    for (int j = 0; j < count; j++) {
        const int away = w.sine[j] * w.sine[j] > FT_MID_NEAR_ZERO;
        const double value = away ? w.y[j] : ft_bessel_near_zero(w.x[j], f);
        y[place[j]] = ft_with_sign_of(x[place[j]], value, f);
    }
}

static void ft_bessel_block(ptrdiff_t n, const double *restrict x, double *restrict y,
                            const struct ft_bessel *restrict f) {
    struct ft_bessel_ranges in;
    int place[FT_BESSEL_BLOCK + 4];
    ft_bessel_sort(n, x, f->domain, &in);
    if (in.fars > 0)
        ft_bessel_all_far(n, x, y, &in, f);
    if (in.smalls > 0)
        ft_bessel_listed_small(ft_bessel_list(n, in.small, place), place, x, y, f);
    if (in.mids > 0)
        ft_bessel_listed_mid(ft_bessel_list(n, in.mid, place), place, x, y, f);
    int64_t any = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        any |= in.rare[i];
    const int rares = any ? ft_bessel_list(n, in.rare, place) : 0;
    for (int j = 0; j < rares; j++) {
        const double size = ft_from_bits(ft_bits(x[place[j]]) & f->domain);
        y[place[j]] = ft_with_sign_of(x[place[j]], ft_bessel_rare(size, f), f);
    }
}

static void ft_bessel_blocks(ptrdiff_t n, const double *restrict x, double *restrict y,
                             const struct ft_bessel *f) {
    for (ptrdiff_t i = 0; i < n; i += FT_BESSEL_BLOCK)
        ft_bessel_block(n - i < FT_BESSEL_BLOCK ? n - i : FT_BESSEL_BLOCK, x + i, y + i, f);
}

static struct ft_bessel ft_bessel_of_order(int order) {
    return order ? (struct ft_bessel){.order = 1.0,
                                      .lead = 0.375,
                                      .far_modulus = FT_FAR_MODULUS1,
                                      .far_phase = FT_FAR_PHASE1,
                                      .mid_modulus = FT_MID_MODULUS1,
                                      .mid_phase = FT_MID_PHASE1,
                                      .lost = FT_LOST1,
                                      .series = FT_SERIES1}
                 : (struct ft_bessel){.order = 0.0,
                                      .lead = -0.125,
                                      .far_modulus = FT_FAR_MODULUS0,
                                      .far_phase = FT_FAR_PHASE0,
                                      .mid_modulus = FT_MID_MODULUS0,
                                      .mid_phase = FT_MID_PHASE0,
                                      .lost = FT_LOST0,
                                      .series = FT_SERIES0};
}

/* J = M cos(theta) = -M sin(theta - pi/2). */
static void ft_j0_block(ptrdiff_t n, const double *restrict x, double *restrict y) {
    struct ft_bessel f = ft_bessel_of_order(0);
    f.offset = 1.5, f.negative = FT_SIGN, f.odd = 0, f.domain = ~FT_SIGN;
    f.zeros = FT_J0_ZEROS, f.small = ft_j0_small, f.tiny = ft_j0_tiny;
    ft_bessel_blocks(n, x, y, &f);
}

static void ft_j1_block(ptrdiff_t n, const double *restrict x, double *restrict y) {
    struct ft_bessel f = ft_bessel_of_order(1);
    f.offset = 2.5, f.negative = FT_SIGN, f.odd = FT_SIGN, f.domain = ~FT_SIGN;
    f.zeros = FT_J1_ZEROS, f.small = ft_j1_small, f.tiny = ft_j1_tiny;
    ft_bessel_blocks(n, x, y, &f);
}

static void ft_y0_block(ptrdiff_t n, const double *restrict x, double *restrict y) {
    struct ft_bessel f = ft_bessel_of_order(0);
    f.offset = 0.5, f.negative = 0, f.odd = 0, f.domain = UINT64_MAX;
    f.zeros = FT_Y0_ZEROS, f.small = ft_y0_small, f.tiny = ft_y0_tiny;
    ft_bessel_blocks(n, x, y, &f);
}

static void ft_y1_block(ptrdiff_t n, const double *restrict x, double *restrict y) {
    struct ft_bessel f = ft_bessel_of_order(1);
    f.offset = 1.5, f.negative = 0, f.odd = 0, f.domain = UINT64_MAX;
    f.zeros = FT_Y1_ZEROS, f.small = ft_y1_small, f.tiny = ft_y1_tiny;
    ft_bessel_blocks(n, x, y, &f);
}

void ft_j0_f64(ptrdiff_t n, const double *x, double *y) {
    ft_map_f64(n, x, y, ft_j0_block);
}

void ft_j0_f32(ptrdiff_t n, const float *x, float *y) {
    ft_map_f32(n, x, y, ft_j0_block);
}

void ft_j1_f64(ptrdiff_t n, const double *x, double *y) {
    ft_map_f64(n, x, y, ft_j1_block);
}

void ft_j1_f32(ptrdiff_t n, const float *x, float *y) {
    ft_map_f32(n, x, y, ft_j1_block);
}

void ft_y0_f64(ptrdiff_t n, const double *x, double *y) {
    ft_map_f64(n, x, y, ft_y0_block);
}

void ft_y0_f32(ptrdiff_t n, const float *x, float *y) {
    ft_map_f32(n, x, y, ft_y0_block);
}

void ft_y1_f64(ptrdiff_t n, const double *x, double *y) {
    ft_map_f64(n, x, y, ft_y1_block);
}

void ft_y1_f32(ptrdiff_t n, const float *x, float *y) {
    ft_map_f32(n, x, y, ft_y1_block);
}

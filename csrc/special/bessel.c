/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Bessel functions J0, J1, Y0, Y1 of a real argument.
 *
 * 0 < x < 3: polynomials in x^2 about the zero of the function in that range; Y adds
 * (2/pi) log(x/zero) J, which vanishes at the same place. 3 <= x < 2^21: modulus and phase
 * (bessel_phase.h). The few other arguments, and those next to a zero above 3, go one by one
 * (bessel_rare.h).
 */
#include "bessel_rare.h"
#include "ferrotran_kernels.h"

// Limits between the ranges, as bit patterns: integer comparisons are silent on NaN.
static const int64_t limit_tiny = 0x3e10000000000000; // 2^-30
static const int64_t limit_mid = 0x4008000000000000;  // 3
static const int64_t limit_far = 0x4020000000000000;  // 8
static const int64_t limit_huge = 0x4140000000000000; // 2^21

static const double near = 0x1p-14; // square of the sine below which a zero is near

/// `log(x / zero)` with a small relative error also next to the zero; 2^-1000 < x < 2^1000.
static inline double log_ratio(double x, double zero_hi, double zero_lo) {
    // x = m 2^e with m in [zero / sqrt 2, zero sqrt 2): m - zero_hi is exact.
    uint64_t biased = bits_of(x * (0x1.6a09e667f3bcdp+0 / zero_hi)) >> 52;
    double e = of_bits(biased | 0x4330000000000000) - (0x1p52 + 1023.0);
    double m = x * of_bits((2046 - biased) << 52);
    double s = ((m - zero_hi) - zero_lo) / (m + zero_hi);
    double square = s * s;
    double tail = 2.0 * s + s * square * horner(8, log_poly, square);
    return e * log2_parts[0] + (tail + e * log2_parts[1]);
}

/// `x^2 - outer_centre` with one rounding of the difference, also without fused operations.
static inline double centred_square(double x) {
    double head = upper(x);
    return (head * head - outer_centre) + (x - head) * (x + head);
}

static inline double j0_value(double x) {
    double w = x * x;
    double inner = 1.0 - (0.25 * w - w * w * horner(7, j0_inner, w));
    double away = (x - j0_zero_hi) - j0_zero_lo;
    double outer = -away * (x + j0_zero_hi) * horner(11, j0_outer, centred_square(x));
    return x < j_inner ? inner : outer;
}

static inline double j1_value(double x) {
    double w = x * x;
    double inner = 0.5 * x + x * (w * horner(7, j1_inner, w));
    double outer = x * horner(11, j1_outer, centred_square(x));
    return x < j_inner ? inner : outer;
}

static inline double y0_value(double x) {
    double u = centred_square(x);
    double away = (x - y0_zero_hi) - y0_zero_lo;
    double rest = away * (x + y0_zero_hi) * horner(11, y0_rest, u);
    return log_ratio(x, y0_zero_hi, y0_zero_lo) * horner(11, y0_log, u) + rest;
}

static inline double y1_value(double x) {
    double u = centred_square(x);
    double away = (x - y1_zero_hi) - y1_zero_lo;
    double rest = away * (x + y1_zero_hi) * horner(11, y1_rest, u) / x;
    return x * log_ratio(x, y1_zero_hi, y1_zero_lo) * horner(11, y1_log, u) + rest;
}

/// The four functions on 2^-30 <= x < 3.
static void small_values(ptrdiff_t n, const double *restrict x, double *restrict y,
                         enum bessel_name name) {
    switch (name) {
    case BESSEL_J0:
        for (ptrdiff_t i = 0; i < n; ++i) {
            y[i] = j0_value(x[i]);
        }
        break;
    case BESSEL_J1:
        for (ptrdiff_t i = 0; i < n; ++i) {
            y[i] = j1_value(x[i]);
        }
        break;
    case BESSEL_Y0:
        for (ptrdiff_t i = 0; i < n; ++i) {
            y[i] = y0_value(x[i]);
        }
        break;
    case BESSEL_Y1:
        for (ptrdiff_t i = 0; i < n; ++i) {
            y[i] = y1_value(x[i]);
        }
        break;
    }
}

/// The four functions on 0 <= x < 2^-30: the first term of their series.
static double tiny_value(double x, enum bessel_name name) {
    switch (name) {
    case BESSEL_J0:
        return 1.0;
    case BESSEL_J1:
        return 0.5 * x;
    case BESSEL_Y1:
        return x > 0.0 ? -two_over_pi_hi / x : -1.0 / x;
    case BESSEL_Y0:
        break;
    }
    if (!(x > 0.0)) {
        return -1.0 / x; // raises the flag for a pole
    }
    double scale = x < 0x1p-500 ? 0x1p300 : 1.0; // subnormal numbers
    double shift = x < 0x1p-500 ? 300.0 : 0.0;
    double log = log_ratio(x * scale, y0_zero_hi, y0_zero_lo) - shift * (log2_parts[0] + log2_parts[1]);
    return two_over_pi_hi * log + y0_constant_hi;
}

/// One value that the loops leave out; `x >= 0` or NaN, or negative where that is an error.
static double rare_value(double x, const struct bessel *f) {
    const int64_t bits = (int64_t)bits_of(x);
    const int64_t infinite = 0x7ff0000000000000;
    if ((bits & INT64_MAX) > infinite) {
        return x;
    }
    if (bits < 0 && x != 0.0) {
        return __builtin_sqrt(x); // NaN, and raises the flag for it
    }
    if (bits == infinite) {
        return 0.0;
    }
    if (x < 0x1p-30) {
        return tiny_value(x == 0.0 ? 0.0 : x, f->name);
    }
    return x < 64.0 ? near_zero(x, f) : asymptotic(x, f);
}

static struct bessel describe(enum bessel_name name) {
    const int second = name == BESSEL_Y0 || name == BESSEL_Y1;
    const int one = name == BESSEL_J1 || name == BESSEL_Y1;
    return (struct bessel){
        .name = name,
        .order = one ? 1.0 : 0.0,
        .offset = (second ? 0.5 : 1.5) + (one ? 1.0 : 0.0),
        .lead = one ? 0.375 : -0.125,
        .negative = second ? 0 : sign_bit,
        .odd = name == BESSEL_J1 ? sign_bit : 0,
        .magnitude = second ? UINT64_MAX : ~sign_bit,
        .far_modulus = one ? far_modulus1 : far_modulus0,
        .far_phase = one ? far_phase1 : far_phase0,
        .mid_modulus = one ? mid_modulus1 : mid_modulus0,
        .mid_phase = one ? mid_phase1 : mid_phase0,
        .lost = one ? lost1 : lost0,
        .series = one ? series_phase1 : series_phase0,
        .zeros = name == BESSEL_J0   ? j0_zeros
                 : name == BESSEL_J1 ? j1_zeros
                 : name == BESSEL_Y0 ? y0_zeros
                                     : y1_zeros,
    };
}

/// All bits set if `from <= bits < to`, by operations that every instruction set has for vectors.
static inline uint64_t within(uint64_t bits, int64_t from, int64_t to) {
    uint64_t below_from = (bits - (uint64_t)from) >> 63;
    uint64_t below_to = (bits - (uint64_t)to) >> 63;
    return 0 - (below_to & ~below_from);
}

/// How many elements lie in a range.
static ptrdiff_t count_within(ptrdiff_t n, const double *x, const struct bessel *f, int64_t from,
                              int64_t to) {
    uint64_t count = 0;
    for (ptrdiff_t i = 0; i < n; ++i) {
        count -= within(bits_of(x[i]) & f->magnitude, from, to);
    }
    return (ptrdiff_t)count;
}

/// `value` with the sign that the function has at `x`.
static inline double signed_as(double x, double value, const struct bessel *f) {
    return of_bits(bits_of(value) ^ (bits_of(x) & f->odd));
}

/// Far values of the whole block; `left[i]` where that is not the answer.
static void far_values(ptrdiff_t n, const double *restrict x, double *restrict y,
                       int64_t *restrict left, const struct bessel *restrict f) {
    struct work w;
    for (ptrdiff_t i = 0; i < n; ++i) {
        uint64_t magnitude = bits_of(x[i]) & f->magnitude;
        uint64_t far = within(magnitude, limit_far, limit_huge);
        // The other lanes compute at 8, which raises no flag.
        w.x[i] = of_bits((magnitude & far) | ((uint64_t)limit_far & ~far));
        left[i] = (int64_t)(far + 1);
    }
    far_terms(n, &w, f);
    finish(n, &w, f->lost[0], f);
    for (ptrdiff_t i = 0; i < n; ++i) {
        y[i] = signed_as(x[i], w.y[i], f);
        left[i] = w.size[i] * w.size[i] > near ? left[i] : 1;
    }
}

/// Computes the elements of a block that `index` lists, all of them below 8 or rare.
static void near_values(int n, const int *restrict index, const double *restrict x,
                        double *restrict y, const struct bessel *restrict f) {
    double small_x[BLOCK], small_y[BLOCK];
    int small_index[BLOCK], mid_index[BLOCK], small = 0, mid = 0;
    struct work w;
    for (int j = 0; j < n; ++j) {
        int i = index[j];
        int64_t magnitude = (int64_t)(bits_of(x[i]) & f->magnitude);
        double a = of_bits((uint64_t)magnitude);
        int is_small = magnitude >= limit_tiny && magnitude < limit_mid;
        int is_mid = magnitude >= limit_mid && magnitude < limit_far;
        small_index[small] = i;
        small_x[small] = a;
        small += is_small;
        mid_index[mid] = i;
        w.x[mid] = a;
        mid += is_mid;
        if (!(is_small | is_mid)) {
            y[i] = signed_as(x[i], rare_value(a, f), f);
        }
    }
    small_values(small, small_x, small_y, f->name);
    for (int j = 0; j < small; ++j) {
        int i = small_index[j];
        y[i] = signed_as(x[i], small_y[j], f);
    }
    mid_terms(mid, &w, f);
    finish(mid, &w, f->lost[1], f);
    for (int j = 0; j < mid; ++j) {
        int i = mid_index[j];
        double value = w.size[j] * w.size[j] > near ? w.y[j] : near_zero(w.x[j], f);
        y[i] = signed_as(x[i], value, f);
    }
}

/// `n <= BLOCK` values.
static void block(ptrdiff_t n, const double *restrict x, double *restrict y,
                  const struct bessel *restrict f) {
    int index[BLOCK], count = 0;
    if (count_within(n, x, f, limit_far, limit_huge) > 0) {
        int64_t left[BLOCK];
        far_values(n, x, y, left, f);
        for (int i = 0; i < n; ++i) {
            index[count] = i;
            count += (int)left[i];
        }
    } else if (count_within(n, x, f, limit_tiny, limit_mid) == n) {
        double a[BLOCK];
        for (ptrdiff_t i = 0; i < n; ++i) {
            a[i] = of_bits(bits_of(x[i]) & f->magnitude);
        }
        small_values(n, a, y, f->name);
        for (ptrdiff_t i = 0; i < n; ++i) {
            y[i] = signed_as(x[i], y[i], f);
        }
    } else {
        for (int i = 0; i < n; ++i) {
            index[i] = i;
        }
        count = (int)n;
    }
    near_values(count, index, x, y, f);
}

static void f64_blocks(ptrdiff_t n, const double *restrict x, double *restrict y,
                       enum bessel_name name) {
    const struct bessel f = describe(name);
    for (ptrdiff_t i = 0; i < n; i += BLOCK) {
        block(n - i < BLOCK ? n - i : BLOCK, x + i, y + i, &f);
    }
}

/// Computes in double precision and rounds once more.
static void f32_blocks(ptrdiff_t n, const float *restrict x, float *restrict y,
                       enum bessel_name name) {
    const struct bessel f = describe(name);
    double wide_x[BLOCK], wide_y[BLOCK];
    for (ptrdiff_t i = 0; i < n; i += BLOCK) {
        const ptrdiff_t m = n - i < BLOCK ? n - i : BLOCK;
        for (ptrdiff_t j = 0; j < m; ++j) {
            wide_x[j] = (double)x[i + j];
        }
        block(m, wide_x, wide_y, &f);
        for (ptrdiff_t j = 0; j < m; ++j) {
            y[i + j] = (float)wide_y[j];
        }
    }
}

void ft_j0_f64(ptrdiff_t n, const double *restrict x, double *restrict y) {
    f64_blocks(n, x, y, BESSEL_J0);
}

void ft_j0_f32(ptrdiff_t n, const float *restrict x, float *restrict y) {
    f32_blocks(n, x, y, BESSEL_J0);
}

void ft_j1_f64(ptrdiff_t n, const double *restrict x, double *restrict y) {
    f64_blocks(n, x, y, BESSEL_J1);
}

void ft_j1_f32(ptrdiff_t n, const float *restrict x, float *restrict y) {
    f32_blocks(n, x, y, BESSEL_J1);
}

void ft_y0_f64(ptrdiff_t n, const double *restrict x, double *restrict y) {
    f64_blocks(n, x, y, BESSEL_Y0);
}

void ft_y0_f32(ptrdiff_t n, const float *restrict x, float *restrict y) {
    f32_blocks(n, x, y, BESSEL_Y0);
}

void ft_y1_f64(ptrdiff_t n, const double *restrict x, double *restrict y) {
    f64_blocks(n, x, y, BESSEL_Y1);
}

void ft_y1_f32(ptrdiff_t n, const float *restrict x, float *restrict y) {
    f32_blocks(n, x, y, BESSEL_Y1);
}

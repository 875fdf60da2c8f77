/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Modulus and phase of the Bessel functions of orders 0 and 1, x >= 3.
 *
 * J = M cos(theta), Y = M sin(theta): DLMF 10.18; theta = x - (order/2 + 1/4) pi + Q(x) with
 * Q = lead/x + O(x^-3). Both sqrt(x) M and Q are polynomials in 1/x^2 (x >= 8) or in 1/x
 * (3 <= x < 8). J. Harrison, "Fast and accurate Bessel function computation", ARITH-19, 2009,
 * doi:10.1109/ARITH.2009.32.
 *
 * The sums and products below whose rounding error matters are exact, with fused
 * multiply-adds and without.
 */
#ifndef FERROTRAN_BESSEL_PHASE_H
#define FERROTRAN_BESSEL_PHASE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bessel_table.inc"

enum { FAR_MODULUS = 12, FAR_PHASE = 14, MID_MODULUS = 15, MID_PHASE = 16 };

enum bessel_name { BESSEL_J0, BESSEL_J1, BESSEL_Y0, BESSEL_Y1 };

/// One function: `sign * M(x) * sin(theta0(x) - offset * pi / 2)` with `theta0 = x + Q(x)`.
struct bessel {
    enum bessel_name name;
    double order;
    double offset;      // in units of pi / 2
    double lead;        // Q = lead / x + ...
    uint64_t negative;  // the sign bit when `sign` is -1
    uint64_t odd;       // the sign bit when the function is odd
    uint64_t magnitude; // mask of the bits of x that count
    const double *far_modulus, *far_phase;
    const double *mid_modulus, *mid_phase;
    const double *lost; // relative rounding error of the first of each modulus
    const double (*series)[2];
    const double (*zeros)[3];
};

static inline uint64_t bits_of(double x) {
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static inline double of_bits(uint64_t b) {
    double x;
    memcpy(&x, &b, sizeof x);
    return x;
}

static const uint64_t sign_bit = 0x8000000000000000;

/// The leading 26 bits of `x`: products of two such numbers are exact.
static inline double upper(double x) { return of_bits(bits_of(x) & 0xfffffffff8000000); }

/// Polynomial with `n` coefficients `c`, constant first.
static inline double horner(int n, const double *c, double v) {
    double p = c[n - 1];
    for (int k = n - 2; k >= 0; --k) {
        p = p * v + c[k];
    }
    return p;
}

/// The same for even `n`, odd and even powers apart: half the latency, one rounding more.
static inline double paired(int n, const double *c, double v) {
    double square = v * v;
    double odd = c[n - 1], even = c[n - 2];
    for (int k = n - 3; k >= 1; k -= 2) {
        odd = odd * square + c[k];
        even = even * square + c[k - 1];
    }
    return even + odd * v;
}

/// `sin(high + low + quarter pi / 2) (1 + relative)` for |high| <= 0.92, but for the sign, which
/// only the second bit of `quarter` decides; `low` and `relative` are below 2^-52.
static inline double wave(double high, double low, double relative, uint64_t quarter) {
    double q = high * high;
    double half = 0.5 * q;
    double near_one = 1.0 - half;
    double s = high * q * paired(6, sine_poly, q) + (low * near_one + high * relative);
    double c = q * q * paired(6, cosine_poly, q) + (near_one * relative - high * low);
    uint64_t odd = 0 - (quarter & 1);
    uint64_t sine = bits_of(high + s);
    uint64_t cosine = bits_of(near_one + (((1.0 - near_one) - half) + c));
    return of_bits((cosine & odd) | (sine & ~odd));
}

/// The sign bit of the wave.
static inline uint64_t wave_sign(uint64_t quarter) { return (quarter & 2) << 62; }

/// `1/x = high + low` to 78 bits, `high` with 26 bits, from `inverse = 1/x` rounded.
static inline void reciprocal(double x, double inverse, double *high, double *low) {
    double head = upper(x);
    *high = upper(inverse);
    double residual = (1.0 - head * *high) - (x - head) * *high;
    *low = inverse * residual;
}

enum { BLOCK = 256 };

/// Arguments of one range and what the loops below make of them, one after another: short loops
/// keep more iterations in flight than one long one.
struct work {
    double x[BLOCK], inverse[BLOCK];
    double modulus[BLOCK]; // sqrt(x) M(x)
    double rest[BLOCK];    // x^3 (Q(x) - lead / x)
    double size[BLOCK];    // the sine; where it is small, only its absolute error is
    double angle[BLOCK], angle_low[BLOCK];
    uint64_t quarter[BLOCK];
    double root[BLOCK], relative[BLOCK];
    double y[BLOCK];
};

/// Modulus and phase for 8 <= x.
static void far_terms(ptrdiff_t n, struct work *restrict w, const struct bessel *restrict f) {
    for (ptrdiff_t i = 0; i < n; ++i) {
        double inverse = 1.0 / w->x[i];
        double s = inverse * inverse;
        w->inverse[i] = inverse;
        w->modulus[i] = horner(FAR_MODULUS, f->far_modulus, s);
        w->rest[i] = paired(FAR_PHASE, f->far_phase, s);
    }
}

/// Modulus and phase for 3 <= x < 8.
static void mid_terms(ptrdiff_t n, struct work *restrict w, const struct bessel *restrict f) {
    for (ptrdiff_t i = 0; i < n; ++i) {
        double inverse = 1.0 / w->x[i];
        double t = inverse - mid_centre;
        w->inverse[i] = inverse;
        w->modulus[i] = horner(MID_MODULUS, f->mid_modulus, t);
        w->rest[i] = paired(MID_PHASE, f->mid_phase, t);
    }
}

/// The angle in (-0.92, 0.92) between the phase and the nearest quarter turn, in two parts.
static void reduce_all(ptrdiff_t n, struct work *restrict w, double lost,
                       const struct bessel *restrict f) {
    for (ptrdiff_t i = 0; i < n; ++i) {
        double x = w->x[i], inverse = w->inverse[i];
        // Cody and Waite's reduction: `turns * 2` has at most 22 bits, the first parts 31.
        const double shift = 0x1.8p52;
        double shifted = (x * two_over_pi_hi - f->offset) + shift;
        double turns = (shifted - shift) + f->offset;
        double a = x - turns * turn_parts[0];
        double b = turns * turn_parts[1];
        double sum = a - b;
        double part = sum - a;
        double error = (a - (sum - part)) - (b + part);

        double high, low;
        reciprocal(x, inverse, &high, &low);
        double c = f->lead * high;
        double total = sum + c;
        part = total - sum;
        error += (sum - (total - part)) + (c - part);
        double rest = inverse * inverse * inverse * w->rest[i];
        error += (f->lead * low + rest) - turns * turn_parts[2];
        double angle = total + error;
        w->angle[i] = angle;
        w->angle_low[i] = (total - angle) + error;
        w->quarter[i] = bits_of(shifted);

        // 1 / sqrt(x) = root (1 + defect x / 2)
        double root = __builtin_sqrt(inverse);
        double head = upper(root);
        double defect = (high - head * head) + (low - (root - head) * (root + head));
        w->root[i] = root;
        w->relative[i] = 0.5 * x * defect + lost;
    }
}

/// The function at 3 <= x < 2^21 from the terms; `lost` is what rounding took from the modulus.
static void finish(ptrdiff_t n, struct work *restrict w, double lost,
                   const struct bessel *restrict f) {
    reduce_all(n, w, lost, f);
    for (ptrdiff_t i = 0; i < n; ++i) {
        double size = wave(w->angle[i], w->angle_low[i], w->relative[i], w->quarter[i]);
        double value = w->root[i] * (w->modulus[i] * size);
        w->size[i] = size;
        w->y[i] = of_bits(bits_of(value) ^ wave_sign(w->quarter[i]) ^ f->negative);
    }
}

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_erfcx.h"
#include "ft_map.h"

/* For x >= 0: a table up to 28, the asymptotic series 1/(x sqrt(pi)) (1 - 1/(2 x^2) + ...) above
   (Abramowitz and Stegun 7.1.23). */
static inline double ft_erfcx_right(double x) {
    const struct ft_dd f = ft_erfcx_table(ft_clamp(x, 28.0));
    const double inverse = 1.0 / x;
    const double v = inverse * inverse;
    const double lead = FT_INV_ROOT_PI_hi * inverse;
    const double far = lead + lead * (v * ft_poly(5, FT_ERFCX_POLY, v));
    return x < 28.0 ? f.hi + f.lo : far;
}

/* erfcx(-x) = 2 exp(x^2) - erfcx(x) for x >= 0. Beyond 2^100 the second term is lost. */
static inline double ft_erfcx_left(double x, double right) {
    const double z = ft_clamp(x, 28.0);
    const struct ft_scaled e = ft_exp(ft_product(z, z));
    const double low = e.m.lo - 0.5 * right * ft_pow2(-ft_clamp(e.k, 100.0));
    return ft_ldexp(e.m.hi + low, e.k + 1.0);
}

static void ft_erfcx_block(ptrdiff_t n, const double *restrict x, double *restrict y) {
    int negative = 0;
    for (ptrdiff_t i = 0; i < ft_padded(n); i++) {
        const double right = ft_erfcx_right(fabs(x[i]));
        y[i] = x[i] != x[i] ? x[i] : right;
        negative |= x[i] < 0.0;
    }
    if (negative)
        for (ptrdiff_t i = 0; i < ft_padded(n); i++)
            y[i] = x[i] < 0.0 ? ft_erfcx_left(x[i], y[i]) : y[i];
}

void ft_erfcx_f64(ptrdiff_t n, const double *x, double *y) {
    ft_map_f64(n, x, y, ft_erfcx_block);
}

void ft_erfcx_f32(ptrdiff_t n, const float *x, float *y) {
    ft_map_f32(n, x, y, ft_erfcx_block);
}

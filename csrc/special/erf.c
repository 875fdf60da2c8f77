/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_dd.h"
#include "ft_map.h"

#include "erf_table.inc"

/* erf(r + d) by its Taylor series about the nearest r = k/128. The derivatives are Hermite
   polynomials times erf'(r): Abramowitz and Stegun 7.1.19. Below 2.5/128, r = 0 keeps full
   relative accuracy; c6 serves that range alone and makes up for the term in d^8. Above 6,
   erf rounds to 1. */
static inline double ft_erf(double x) {
    const double z = ft_clamp(x, 6.0);
    const uint64_t mask = ft_above(z, 2.5 / 128.0);
    const double r = ft_from_bits(ft_bits(ft_round(z * 128.0) * 0x1p-7) & mask);
    const ptrdiff_t row = ft_index(z * 128.0) & (ptrdiff_t)mask;
    const double d = z - r;

    const double q = r * r;
    const double c2 = (2.0 / 3.0) * q - 1.0 / 3.0;
    const double c3 = r * (0.5 - (1.0 / 3.0) * q);
    const double c4 = ((2.0 / 15.0) * q - 0.4) * q + 0.1;
    const double c5 = r * (((-2.0 / 45.0) * q + 2.0 / 9.0) * q - 1.0 / 6.0);
    const double c6 = 1.5e-6 - 1.0 / 42.0;
    const double tail = (((((c6 * d + c5) * d + c4) * d + c3) * d + c2) * d - r) * d;
    const double step = FT_ERF_SLOPE[row] * d;
    const double y = FT_ERF[row] + (step + step * tail);
    return x != x ? x : copysign(y, x);
}

static void ft_erf_block(ptrdiff_t n, const double *restrict x, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++)
        y[i] = ft_erf(x[i]);
}

void ft_erf_f64(ptrdiff_t n, const double *x, double *y) {
    ft_map_f64(n, x, y, ft_erf_block);
}

void ft_erf_f32(ptrdiff_t n, const float *x, float *y) {
    ft_map_f32(n, x, y, ft_erf_block);
}

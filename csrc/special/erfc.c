/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ferrotran_kernels.h"
#include "ft_erfcx.h"
#include "ft_map.h"

/* erfc(|x|) = exp(-x^2) erfcx(|x|), the square carried with its rounding error (Cody 1969,
   doi:10.1090/S0025-5718-1969-0247736-4); erfc(-x) = 2 - erfc(x). Above 27.3, erfc is less
   than half the smallest subnormal. */
static inline double ft_erfc(double x) {
    const double z = ft_clamp(x, 28.0);
    const struct ft_dd square = ft_product(z, z);
    const struct ft_scaled e = ft_exp((struct ft_dd){-square.hi, -square.lo});
    const struct ft_dd f = ft_erfcx_table(z);
    const struct ft_dd p = ft_product(e.m.hi, f.hi);
    const double m = p.hi + (p.lo + (e.m.hi * f.lo + e.m.lo * (f.hi + f.lo)));
    const double tail = ft_ldexp(m, e.k);
    const double y = x < 0.0 ? 2.0 - tail : tail;
    return x != x ? x : y;
}

static void ft_erfc_block(ptrdiff_t n, const double *restrict x, double *restrict y) {
    for (ptrdiff_t i = 0; i < ft_padded(n); i++)
        y[i] = ft_erfc(x[i]);
}

void ft_erfc_f64(ptrdiff_t n, const double *x, double *y) {
    ft_map_f64(n, x, y, ft_erfc_block);
}

void ft_erfc_f32(ptrdiff_t n, const float *x, float *y) {
    ft_map_f32(n, x, y, ft_erfc_block);
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_MODEL_H
#define FT_MODEL_H

#include "../special/ft_elementary.h"

/* A model is a function of a block of points: `count` of them, a multiple of FT_MODEL_LANES, so
   that no point passes through a scalar remainder loop. Row j of `jac` is at `jac + j * row`. */
enum { FT_MODEL_LANES = 8, FT_MODEL_MOST = 5 };

typedef void ft_model_block(ptrdiff_t count, ptrdiff_t row, const double *restrict x,
                            const double *restrict p, double *restrict y, double *restrict jac);

/* Runs `block` over the whole blocks of the m points and over the rest, filled up by its first
   point. Returns 1 unless the model has the n parameters asked for. */
static inline int ft_model_map(ft_model_block *block, ptrdiff_t parameters, ptrdiff_t m,
                               ptrdiff_t n, const double *x, const double *p, double *y,
                               double *jac) {
    if (n != parameters)
        return 1;
    const ptrdiff_t whole = m - m % FT_MODEL_LANES;
    if (whole > 0)
        block(whole, m, x, p, y, jac);
    if (whole == m)
        return 0;

    double xs[FT_MODEL_LANES], ys[FT_MODEL_LANES], rows[FT_MODEL_LANES * FT_MODEL_MOST];
    for (ptrdiff_t i = 0; i < FT_MODEL_LANES; i++)
        xs[i] = x[whole + i < m ? whole + i : whole];
    block(FT_MODEL_LANES, FT_MODEL_LANES, xs, p, ys, jac ? rows : NULL);
    for (ptrdiff_t i = whole; i < m; i++) {
        y[i] = ys[i - whole];
        for (ptrdiff_t j = 0; jac && j < n; j++)
            jac[j * m + i] = rows[j * FT_MODEL_LANES + i - whole];
    }
    return 0;
}

#endif

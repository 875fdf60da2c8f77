/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_MODEL_H
#define FT_MODEL_H

#include "../special/ft_elementary.h"
#include "ferrotran_kernels.h"

/* A model of one predictor. `prepare` turns its n parameters into the numbers `q` that all points
   share; `point` puts the derivatives at x by the parameters into d[0..n) and the value into
   d[n]. Both are without branches, so that loops over points or over fits become vectors. */
enum { FT_MODEL_LANES = FT_FIT_LANES, FT_MODEL_MOST = FT_FIT_MOST, FT_MODEL_SHARED = 7 };

typedef void ft_model_prepare(const double *restrict p, double *restrict q);
typedef void ft_model_point(double x, const double *restrict q, double *restrict d);

#define FT_MODEL_INLINE static inline __attribute__((always_inline))

/* Values and derivatives at `count` points, a multiple of FT_MODEL_LANES, so that no point passes
   through a scalar remainder loop. Row j of `jac` is at `jac + j * row`. */
FT_MODEL_INLINE void ft_model_block(ft_model_point *point, int n, ptrdiff_t count, ptrdiff_t row,
                                    const double *restrict x, const double *restrict q,
                                    double *restrict y, double *restrict jac) {
    if (!jac) {
        for (ptrdiff_t i = 0; i < count; i++) {
            double d[FT_MODEL_MOST + 1];
            point(x[i], q, d);
            y[i] = d[n];
        }
        return;
    }
#pragma GCC ivdep
    for (ptrdiff_t i = 0; i < count; i++) {
        double d[FT_MODEL_MOST + 1];
        point(x[i], q, d);
        y[i] = d[n];
#pragma GCC unroll 5
        for (int j = 0; j < n; j++)
            jac[j * row + i] = d[j];
    }
}

/* Values and derivatives at m points: whole blocks, then the rest, filled up by its first point.
   Returns 1 unless the model has the `given` parameters. */
FT_MODEL_INLINE int ft_model_map(ft_model_prepare *prepare, ft_model_point *point, int n,
                                 ptrdiff_t m, ptrdiff_t given, const double *restrict x,
                                 const double *restrict p, double *restrict y,
                                 double *restrict jac) {
    if (given != n)
        return 1;
    double q[FT_MODEL_SHARED];
    prepare(p, q);
    const ptrdiff_t whole = m - m % FT_MODEL_LANES;
    ft_model_block(point, n, whole, m, x, q, y, jac);
    if (whole == m)
        return 0;

    double xs[FT_MODEL_LANES], ys[FT_MODEL_LANES], rows[FT_MODEL_LANES * FT_MODEL_MOST];
    for (ptrdiff_t i = 0; i < FT_MODEL_LANES; i++)
        xs[i] = x[whole + i < m ? whole + i : whole];
    ft_model_block(point, n, FT_MODEL_LANES, FT_MODEL_LANES, xs, q, ys, jac ? rows : NULL);
    for (ptrdiff_t i = whole; i < m; i++) {
        y[i] = ys[i - whole];
        for (ptrdiff_t j = 0; jac && j < n; j++)
            jac[j * m + i] = rows[j * FT_MODEL_LANES + i - whole];
    }
    return 0;
}

/* As many lanes as a register holds: gcc takes wider vectors apart badly. */
#if defined __AVX512F__
enum { FT_PACK = 8 };
#elif defined __AVX__
enum { FT_PACK = 4 };
#else
enum { FT_PACK = 2 };
#endif
typedef double ft_pack __attribute__((vector_size(8 * FT_PACK)));

/* One copy of the machine code for all lanes: gcc fuses products into FMA in one copy of a loop and
   not in another, and a fit is to have the same bits in each lane. */
#if defined __GNUC__ && !defined __clang__
#define FT_MODEL_ONE_COPY static __attribute__((noipa))
#else
#define FT_MODEL_ONE_COPY static __attribute__((noinline))
#endif

typedef void ft_model_sums(ptrdiff_t m, const double *restrict x, const double *restrict y,
                           const double *restrict weight, const double *restrict q,
                           double *restrict sums);

/* The sums that the normal equations of FT_PACK fits consist of: with the residuals as column n of
   the derivatives, products of columns j <= k over the points, at (j, k) in the order (0, 0),
   (0, 1), (1, 1), (0, 2), ... All arrays have FT_MODEL_LANES lanes as last index. The points are
   added one by one, so a lane does not depend on the others. */
FT_MODEL_INLINE void ft_model_add(ft_model_point *point, int n, ptrdiff_t m,
                                  const double *restrict x, const double *restrict y,
                                  const double *restrict weight, const double *restrict q,
                                  double *restrict sums) {
    ft_pack sum[(FT_MODEL_MOST + 1) * (FT_MODEL_MOST + 2) / 2];
#pragma GCC unroll 21
    for (int at = 0; at < (n + 1) * (n + 2) / 2; at++)
        sum[at] = (ft_pack){0};
    for (ptrdiff_t i = 0; i < m; i++) {
        const ptrdiff_t here = i * FT_MODEL_LANES;
        double columns[FT_MODEL_MOST + 1][FT_PACK];
        for (int l = 0; l < FT_PACK; l++) {
            double own[FT_MODEL_SHARED], d[FT_MODEL_MOST + 1];
#pragma GCC unroll 7
            for (int k = 0; k < FT_MODEL_SHARED; k++)
                own[k] = q[k * FT_MODEL_LANES + l];
            point(x[here + l], own, d);
            d[n] -= y[here + l];
#pragma GCC unroll 6
            for (int k = 0; k <= n; k++)
                columns[k][l] = d[k] * weight[here + l];
        }
        ft_pack column[FT_MODEL_MOST + 1];
        memcpy(column, columns, sizeof column);
        int at = 0;
#pragma GCC unroll 6
        for (int k = 0; k <= n; k++)
#pragma GCC unroll 6
            for (int j = 0; j <= k; j++)
                sum[at++] += column[j] * column[k];
    }
#pragma GCC unroll 21
    for (int at = 0; at < (n + 1) * (n + 2) / 2; at++)
        memcpy(sums + at * FT_MODEL_LANES, sum + at, sizeof *sum);
}

/* The sums of all lanes from the parameters. */
FT_MODEL_INLINE void ft_model_normal(ft_model_prepare *prepare, ft_model_sums *add, int n,
                                     ptrdiff_t m, const double *x, const double *y,
                                     const double *weight, const double *p, double *sums) {
    double q[FT_MODEL_SHARED * FT_MODEL_LANES];
    for (int l = 0; l < FT_MODEL_LANES; l++) {
        double given[FT_MODEL_MOST], own[FT_MODEL_SHARED] = {0};
        for (int k = 0; k < n; k++)
            given[k] = p[k * FT_MODEL_LANES + l];
        prepare(given, own);
        for (int k = 0; k < FT_MODEL_SHARED; k++)
            q[k * FT_MODEL_LANES + l] = own[k];
    }
    for (int l = 0; l < FT_MODEL_LANES; l += FT_PACK)
        add(m, x + l, y + l, weight + l, q + l, sums + l);
}

#endif

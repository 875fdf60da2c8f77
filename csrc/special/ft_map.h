/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_MAP_H
#define FT_MAP_H

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Elementwise kernels work in place on a block of n doubles and run over ft_padded(n), a multiple
   of FT_LANES. So no element passes through a scalar remainder loop, and a value's bits do not
   depend on its place in the array. The copy in and out makes `x == y` legal and gives the
   float version without a second text. */
enum { FT_LANES = 8, FT_BLOCK = 512 };

typedef void ft_block(ptrdiff_t n, double *v);

static inline ptrdiff_t ft_padded(ptrdiff_t n) {
    return (n + (FT_LANES - 1)) & ~(ptrdiff_t)(FT_LANES - 1);
}

static inline void ft_pad(ptrdiff_t n, double *v) {
    for (ptrdiff_t i = n; i < ft_padded(n); i++)
        v[i] = 1.0;
}

static inline void ft_map_f64(ptrdiff_t n, const double *x, double *y, ft_block *block) {
    double v[FT_BLOCK];
    for (ptrdiff_t start = 0; start < n; start += FT_BLOCK) {
        const ptrdiff_t m = n - start < FT_BLOCK ? n - start : FT_BLOCK;
        for (ptrdiff_t i = 0; i < m; i++)
            v[i] = x[start + i];
        ft_pad(m, v);
        block(m, v);
        for (ptrdiff_t i = 0; i < m; i++)
            y[start + i] = v[i];
    }
}

static inline void ft_map_f32(ptrdiff_t n, const float *x, float *y, ft_block *block) {
    double v[FT_BLOCK];
    for (ptrdiff_t start = 0; start < n; start += FT_BLOCK) {
        const ptrdiff_t m = n - start < FT_BLOCK ? n - start : FT_BLOCK;
        for (ptrdiff_t i = 0; i < m; i++)
            v[i] = (double)x[start + i];
        ft_pad(m, v);
        block(m, v);
        for (ptrdiff_t i = 0; i < m; i++)
            y[start + i] = (float)v[i];
    }
}

/* v[i] = block(x[i]) where lo <= x[i] < hi; returns how many those are. A range with few elements
   hands them to `block` side by side, one with many hands over all; an empty one costs a count.
   `block` must bear any argument. */
static inline ptrdiff_t ft_where(ptrdiff_t n, const double *x, double *v, double lo, double hi,
                                 ft_block *block) {
    ptrdiff_t in[FT_BLOCK];
    ptrdiff_t count = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        in[i] = (x[i] >= lo) & (x[i] < hi);
        count += in[i];
    }
    double taken[FT_BLOCK];
    if (3 * count > n) {
        memcpy(taken, x, (size_t)ft_padded(n) * sizeof *x);
        block(n, taken);
        for (ptrdiff_t i = 0; i < n; i++)
            v[i] = in[i] ? taken[i] : v[i];
    } else if (count > 0) {
        int place[FT_BLOCK];
        ptrdiff_t m = 0;
        for (int i = 0; i < (int)n; i++) {
            place[m] = i;
            m += in[i];
        }
        for (ptrdiff_t j = 0; j < count; j++)
            taken[j] = x[place[j]];
        ft_pad(count, taken);
        block(count, taken);
        for (ptrdiff_t j = 0; j < count; j++)
            v[place[j]] = taken[j];
    }
    return count;
}

/* The axis in four ranges: finite x >= edge by right[1], 0 <= x < edge by right[0] (-0.0 too),
   -edge <= x < 0 by left[0], below by left[1]. NaN and infinity stay as they are. */
static inline void ft_four_ranges(ptrdiff_t n, double *v, double edge, ft_block *const right[2],
                                  ft_block *const left[2]) {
    double x[FT_BLOCK];
    memcpy(x, v, (size_t)ft_padded(n) * sizeof *v);
    ptrdiff_t done = ft_where(n, x, v, edge, INFINITY, right[1]);
    if (done < n)
        done += ft_where(n, x, v, 0.0, edge, right[0]);
    if (done < n)
        done += ft_where(n, x, v, -edge, 0.0, left[0]);
    if (done < n)
        ft_where(n, x, v, -INFINITY, -edge, left[1]);
}

#endif

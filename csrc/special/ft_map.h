/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_MAP_H
#define FT_MAP_H

#include "ft_dd.h"

/* Elementwise kernels are functions of a block: they run over ft_padded(n) elements, a multiple of
   FT_LANES, all of which may be read and written. So no element passes through a scalar remainder
   loop, and a value's bits do not depend on its place in the array. Results go through a buffer,
   which makes `x == y` legal and gives the float version without a second text. */
enum { FT_LANES = 8, FT_BLOCK = 512 };

typedef void ft_block(ptrdiff_t n, const double *restrict x, double *restrict y);

static inline ptrdiff_t ft_padded(ptrdiff_t n) {
    return (n + (FT_LANES - 1)) & ~(ptrdiff_t)(FT_LANES - 1);
}

static inline void ft_pad(ptrdiff_t n, double *x) {
    for (ptrdiff_t i = n; i < ft_padded(n); i++)
        x[i] = 1.0;
}

static inline void ft_map_f64(ptrdiff_t n, const double *x, double *y, ft_block *block) {
    double in[FT_BLOCK], out[FT_BLOCK];
    for (ptrdiff_t start = 0; start < n; start += FT_BLOCK) {
        const ptrdiff_t m = n - start < FT_BLOCK ? n - start : FT_BLOCK;
        const double *from = x + start;
        if (m < FT_BLOCK) {
            memcpy(in, from, (size_t)m * sizeof *in);
            ft_pad(m, in);
            from = in;
        }
        block(m, from, out);
        memcpy(y + start, out, (size_t)m * sizeof *out);
    }
}

static inline void ft_map_f32(ptrdiff_t n, const float *x, float *y, ft_block *block) {
    double in[FT_BLOCK], out[FT_BLOCK];
    for (ptrdiff_t start = 0; start < n; start += FT_BLOCK) {
        const ptrdiff_t m = n - start < FT_BLOCK ? n - start : FT_BLOCK;
        for (ptrdiff_t i = 0; i < m; i++)
            in[i] = (double)x[start + i];
        ft_pad(m, in);
        block(m, in, out);
        for (ptrdiff_t i = 0; i < m; i++)
            y[start + i] = (float)out[i];
    }
}

/* Pairs of doubles between the passes of a kernel. Passes over a block, one per step of a long
   formula, are faster than one loop over all: more elements are in flight at once. */
struct ft_pairs {
    double hi[FT_BLOCK], lo[FT_BLOCK];
};

static inline void ft_put(struct ft_pairs *pairs, ptrdiff_t i, struct ft_dd x) {
    pairs->hi[i] = x.hi;
    pairs->lo[i] = x.lo;
}

static inline struct ft_dd ft_get(const struct ft_pairs *pairs, ptrdiff_t i) {
    return (struct ft_dd){pairs->hi[i], pairs->lo[i]};
}

/* y[i] = block(x[i]) where lo <= x[i] < hi; returns how many those are. A range with few elements
   hands them to `block` side by side, one with many hands over all. `block` must bear any x. */
static inline ptrdiff_t ft_where(ptrdiff_t n, const double *x, double *y, double lo, double hi,
                                 ft_block *block) {
    ptrdiff_t in[FT_BLOCK];
    ptrdiff_t count = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        in[i] = (x[i] >= lo) & (x[i] < hi);
        count += in[i];
    }
    double result[FT_BLOCK];
    if (3 * count > n) {
        block(n, x, result);
        for (ptrdiff_t i = 0; i < n; i++)
            y[i] = in[i] ? result[i] : y[i];
    } else if (count > 0) {
        /* Four at a time, without branches: a place that is not taken is overwritten. */
        int place[FT_BLOCK + 4];
        for (ptrdiff_t i = n; i < ft_padded(n); i++)
            in[i] = 0;
        ptrdiff_t m = 0;
        for (int i = 0; i < (int)n; i += 4) {
            const ptrdiff_t two = in[i] + in[i + 1];
            place[m] = i;
            place[m + in[i]] = i + 1;
            place[m + two] = i + 2;
            place[m + two + in[i + 2]] = i + 3;
            m += two + (in[i + 2] + in[i + 3]);
        }
        double taken[FT_BLOCK];
        for (ptrdiff_t j = 0; j < count; j++)
            taken[j] = x[place[j]];
        ft_pad(count, taken);
        block(count, taken, result);
        for (ptrdiff_t j = 0; j < count; j++)
            y[place[j]] = result[j];
    }
    return count;
}

/* The axis in four ranges: x >= edge, infinity and NaN by right[1], 0 <= x < edge by right[0]
   (-0.0 too), -edge <= x < 0 by left[0], x < -edge by left[1]. */
static inline void ft_four_ranges(ptrdiff_t n, const double *x, double *y, double edge,
                                  ft_block *const right[2], ft_block *const left[2]) {
    ptrdiff_t below = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        below += x[i] < edge;
    if (below < n)
        right[1](n, x, y);
    if (below > 0)
        below -= ft_where(n, x, y, 0.0, edge, right[0]);
    if (below > 0)
        below -= ft_where(n, x, y, -edge, 0.0, left[0]);
    if (below > 0)
        ft_where(n, x, y, -INFINITY, -edge, left[1]);
}

#endif

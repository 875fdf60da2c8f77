/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FT_MAP_H
#define FT_MAP_H

#include "ft_dd.h"

/* Elementwise kernels are functions of a block: they run over ft_padded(n) elements, a multiple of
   FT_LANES, all of which may be read and written. So no element passes through a scalar remainder
   loop, and a value's bits do not depend on its place in the array. Buffers serve short blocks,
   `x == y`, and the float version, which needs no second text. */
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
        if (m == FT_BLOCK && x != y) {
            block(m, x + start, y + start);
            continue;
        }
        for (ptrdiff_t i = 0; i < m; i++)
            in[i] = x[start + i];
        ft_pad(m, in);
        block(m, in, out);
        for (ptrdiff_t i = 0; i < m; i++)
            y[start + i] = out[i];
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

/* Which elements of a block are in a range: 1 or 0. */
struct ft_set {
    ptrdiff_t in[FT_BLOCK];
    ptrdiff_t count;
};

/* y[i] = block(x[i]) for the elements of the set. Few are handed to `block` side by side; for many
   it runs over all. It must bear any x. */
static inline void ft_where(ptrdiff_t n, const double *x, double *y, struct ft_set *set,
                            ft_block *block) {
    double result[FT_BLOCK];
    const ptrdiff_t *in = set->in;
    if (3 * set->count > n) {
        block(n, x, result);
        for (ptrdiff_t i = 0; i < n; i++)
            y[i] = in[i] ? result[i] : y[i];
    } else if (set->count > 0) {
        /* Four at a time, without branches: a place that is not taken is overwritten. */
        int place[FT_BLOCK + 4];
        ptrdiff_t m = 0;
        for (ptrdiff_t i = n; i < ft_padded(n); i++)
            set->in[i] = 0;
        for (int i = 0; i < (int)n; i += 4) {
            const ptrdiff_t two = in[i] + in[i + 1];
            place[m] = i;
            place[m + in[i]] = i + 1;
            place[m + two] = i + 2;
            place[m + two + in[i + 2]] = i + 3;
            m += two + (in[i + 2] + in[i + 3]);
        }
        double taken[FT_BLOCK];
        for (ptrdiff_t j = 0; j < m; j++)
            taken[j] = x[place[j]];
        ft_pad(m, taken);
        block(m, taken, result);
        for (ptrdiff_t j = 0; j < m; j++)
            y[place[j]] = result[j];
    }
}

/* The axis in four ranges: x >= edge, infinity and NaN by right[1], 0 <= x < edge by right[0]
   (-0.0 too), -edge <= x < 0 by left[0], x < -edge by left[1]. */
static inline void ft_four_ranges(ptrdiff_t n, const double *x, double *y, double edge,
                                  ft_block *const right[2], ft_block *const left[2]) {
    struct ft_set set;
    set.count = 0;
    ptrdiff_t negative = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        set.in[i] = (x[i] >= 0.0) & (x[i] < edge);
        set.count += set.in[i];
        negative += x[i] < 0.0;
    }
    if (set.count + negative < n)
        right[1](n, x, y);
    ft_where(n, x, y, &set, right[0]);
    if (negative == 0)
        return;

    set.count = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        set.in[i] = (x[i] >= -edge) & (x[i] < 0.0);
        set.count += set.in[i];
    }
    const ptrdiff_t far = negative - set.count;
    ft_where(n, x, y, &set, left[0]);
    for (ptrdiff_t i = 0; i < n; i++)
        set.in[i] = x[i] < -edge;
    set.count = far;
    ft_where(n, x, y, &set, left[1]);
}

#endif

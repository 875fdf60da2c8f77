/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Five-point diffusion, explicit in time: many steps of one tile while it stays in cache.
 *
 * The tile moves down the grid as a slanted front of rows (time skewing: Wonnacott 2002,
 * doi:10.1023/A:1015460304860; cache-oblivious form: Frigo and Strumpen 2005,
 * doi:10.1145/1088149.1088197). Position k of the front is k rows behind the loaded rows and k
 * steps ahead of them, so each row is read once and written once in `steps` steps. Tiles overlap
 * by `steps` cells and share nothing.
 *
 * Every cell is computed by one expression, whatever the tile, and no product is fused with a sum:
 * the same bits for any tiling, instruction set, language and memory order.
 */
#include <stdbool.h>
#include <string.h>

#include "ferrotran_kernels.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("fp-contract=off")
#else
#pragma STDC FP_CONTRACT OFF
#endif

/* Rows are computed four at a time; rows in `work` start on multiples of ALIGN elements. */
enum { ROWS = 4, ALIGN = 16 };

static inline ptrdiff_t largest(ptrdiff_t a, ptrdiff_t b) {
    return a > b ? a : b;
}
static inline ptrdiff_t smallest(ptrdiff_t a, ptrdiff_t b) {
    return a < b ? a : b;
}
static inline ptrdiff_t wrap(ptrdiff_t i, ptrdiff_t n) {
    return (i % n + n) % n;
}
static inline ptrdiff_t round_up(ptrdiff_t i) {
    return (i + ALIGN - 1) / ALIGN * ALIGN;
}

/* Where a tile lies, in the grid and in `work`. */
struct tile {
    ptrdiff_t m, n, steps, row0, row1, col0, col1;
    ptrdiff_t origin; /* column c of the grid is at c + origin in a row of `work` */
    ptrdiff_t ld;     /* length of a row of `work` */
    int edges;
};

/* Half-open range of rows or columns that is needed `left` steps before the end. */
static inline ptrdiff_t begin(const struct tile *t, ptrdiff_t start, ptrdiff_t left) {
    return t->edges == FT_EDGE_PERIODIC ? start - left : largest(start - left, 0);
}

static inline ptrdiff_t end(const struct tile *t, ptrdiff_t stop, ptrdiff_t left, ptrdiff_t limit) {
    return t->edges == FT_EDGE_PERIODIC ? stop + left : smallest(stop + left, limit);
}

#define REAL double
#define NAME(x) x##_f64
#include "heat2d.inc"
#undef REAL
#undef NAME

#define REAL float
#define NAME(x) x##_f32
#include "heat2d.inc"

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/** @file ferrotran/stencil.h Diffusion on a grid; included by ferrotran.h. */
#ifndef FERROTRAN_STENCIL_H
#define FERROTRAN_STENCIL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What the sides of a grid do. */
enum ft_edges {
    FT_EDGES_DIRICHLET = 0, /**< the outermost rows and columns keep their values */
    FT_EDGES_NEUMANN = 1,   /**< no flux leaves the grid */
    FT_EDGES_PERIODIC = 2,  /**< opposite sides are neighbours */
};

/** How the diffusivity of a face is made from those of its two cells. */
enum ft_mean {
    FT_MEAN_HARMONIC = 0,   /**< 2 a b / (a + b) */
    FT_MEAN_ARITHMETIC = 1, /**< (a + b) / 2 */
};

/** What to compute on a grid; filled by ft_heat2d_options_init(). */
struct ft_heat2d_options {
    size_t size;        /**< sizeof(struct ft_heat2d_options) of the caller */
    double diffusivity; /**< the same everywhere: 1; not read where each cell has its own */
    double dx;          /**< distance of neighbouring columns: 1 */
    double dy;          /**< distance of neighbouring rows: 1 */
    int edges;          /**< an enum ft_edges: FT_EDGES_DIRICHLET */
    int mean;           /**< an enum ft_mean: FT_MEAN_HARMONIC */
};

/** Fill `*options`, `size` bytes, with the defaults. Errors: FT_NULL_POINTER, FT_INVALID_ARGUMENT.
 */
int ft_heat2d_options_init(struct ft_heat2d_options *options, size_t size);

/**
 * Take `steps` explicit steps of length `dt` of the diffusion equation (forward in time, centred in
 * space) from `u` (rows x columns) to `out` (rows x columns). The rows of `u` are `u_row` apart,
 * those of `out` `out_row`. `out` may be `u` itself with the same stride. `cells` (rows x columns,
 * rows `cells_row` apart) is the diffusivity of each cell, or null for that of `options`, which may
 * be null. The work is spread over the threads.
 *
 * Errors: FT_UNSTABLE for a `dt` above that of ft_heat2d_largest_dt(); FT_NULL_POINTER;
 * FT_INVALID_ARGUMENT for a negative length, a stride of a row that is shorter than the row, an
 * unknown option or a number outside its domain; FT_OVERLAP.
 */
int ft_heat2d(ptrdiff_t rows, ptrdiff_t columns, const double *u, ptrdiff_t u_row,
              const double *cells, ptrdiff_t cells_row, double dt, ptrdiff_t steps,
              const struct ft_heat2d_options *options, double *out, ptrdiff_t out_row);

/** ft_heat2d() in single precision. */
int ft_heat2df(ptrdiff_t rows, ptrdiff_t columns, const float *u, ptrdiff_t u_row,
               const float *cells, ptrdiff_t cells_row, double dt, ptrdiff_t steps,
               const struct ft_heat2d_options *options, float *out, ptrdiff_t out_row);

/** Put the longest stable time step of ft_heat2d() into `*dt`; infinity where nothing moves. */
int ft_heat2d_largest_dt(ptrdiff_t rows, ptrdiff_t columns, const double *cells,
                         ptrdiff_t cells_row, const struct ft_heat2d_options *options, double *dt);

#ifdef __cplusplus
}
#endif

#endif

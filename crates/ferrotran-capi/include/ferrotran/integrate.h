/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/** @file ferrotran/integrate.h Quadrature, initial value problems; included by ferrotran.h. */
#ifndef FERROTRAN_INTEGRATE_H
#define FERROTRAN_INTEGRATE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- quadrature --------------------------------------------------------------------------- */

/** Put the value of the integrand at `x` into `*y`. */
typedef int (*ft_integrand)(void *ctx, double x, double *y);

/** Put the values of the integrand at the `n` nodes `x` into `y`; what is left out is NaN. */
typedef int (*ft_integrand_nodes)(void *ctx, ptrdiff_t n, const double *x, double *y);

/** ft_integrand of member `member` of a batch, counted from 0. */
typedef int (*ft_integrand_member)(void *ctx, ptrdiff_t member, double x, double *y);

/** ft_integrand_nodes of member `member` of a batch, counted from 0. */
typedef int (*ft_integrand_member_nodes)(void *ctx, ptrdiff_t member, ptrdiff_t n, const double *x,
                                         double *y);

/** Tolerances, effort and break points of a quadrature; filled by ft_quad_options_init(). */
struct ft_quad_options {
    size_t size;          /**< sizeof(struct ft_quad_options) of the caller */
    double epsabs;        /**< absolute error that is good enough: 1.49e-8 */
    double epsrel;        /**< relative error that is good enough: 1.49e-8 */
    ptrdiff_t limit;      /**< most subintervals: 50 */
    ptrdiff_t npoints;    /**< number of break points: 0 */
    const double *points; /**< (npoints) where a finite range has singularities or jumps: null */
};

/** What a quadrature found. */
struct ft_quad_result {
    double value;           /**< the integral */
    double abs_error;       /**< estimate of its absolute error */
    ptrdiff_t evaluations;  /**< evaluations of the integrand */
    ptrdiff_t subintervals; /**< subintervals in use at the end */
    int status;             /**< FT_OK, or why the tolerance may be missed */
};

/** Fill `*options`, `size` bytes, with the defaults. Errors: FT_NULL_POINTER, FT_INVALID_ARGUMENT.
 */
int ft_quad_options_init(struct ft_quad_options *options, size_t size);

/**
 * Integrate `f` from `a` to `b` adaptively (QUADPACK's QAGS, QAGI, QAGP). Either limit may be
 * infinite, and `b` below `a`. `options` may be null.
 *
 * Returns the status in `*result`: FT_OK, or FT_MAX_SUBDIVISIONS, FT_ROUNDOFF, FT_BAD_INTEGRAND,
 * FT_NO_CONVERGENCE or FT_DIVERGENT with the best value found. FT_STOPPED: the callback stopped it,
 * and `*result` is NaN. Refused: FT_NULL_POINTER; FT_INVALID_ARGUMENT for tolerances that are both
 * too small or NaN, a `limit` not above `npoints`, a break point outside the range.
 */
int ft_quad(ft_integrand f, void *ctx, double a, double b, const struct ft_quad_options *options,
            struct ft_quad_result *result);

/** ft_quad() with an integrand of many nodes at once: 15 to 60 in each call, in any order. */
int ft_quad_nodes(ft_integrand_nodes f, void *ctx, double a, double b,
                  const struct ft_quad_options *options, struct ft_quad_result *result);

/**
 * Integrate `batch` integrands, member i from `a[i * inca]` to `b[i * incb]`, into `results`
 * (batch). A stride of 0 uses one limit for all.
 *
 * Returns FT_OK, or FT_SOME_FAILED when a member has another status; else as ft_quad(). FT_STOPPED
 * ends the batch: members that had not ended are NaN with the status FT_NOT_RUN.
 */
int ft_quad_batch(ft_integrand_member f, void *ctx, ptrdiff_t batch, const double *a,
                  ptrdiff_t inca, const double *b, ptrdiff_t incb,
                  const struct ft_quad_options *options, struct ft_quad_result *results);

/** ft_quad_batch() with an integrand of many nodes at once. */
int ft_quad_batch_nodes(ft_integrand_member_nodes f, void *ctx, ptrdiff_t batch, const double *a,
                        ptrdiff_t inca, const double *b, ptrdiff_t incb,
                        const struct ft_quad_options *options, struct ft_quad_result *results);

/** ft_quad_batch() on many threads: `f` is called from several at once. The same bits. */
int ft_par_quad_batch(ft_integrand_member f, void *ctx, ptrdiff_t batch, const double *a,
                      ptrdiff_t inca, const double *b, ptrdiff_t incb,
                      const struct ft_quad_options *options, struct ft_quad_result *results);

/** ft_quad_batch_nodes() on many threads: `f` is called from several at once. The same bits. */
int ft_par_quad_batch_nodes(ft_integrand_member_nodes f, void *ctx, ptrdiff_t batch,
                            const double *a, ptrdiff_t inca, const double *b, ptrdiff_t incb,
                            const struct ft_quad_options *options, struct ft_quad_result *results);

/* ---- initial value problems --------------------------------------------------------------- */

/** How to integrate an initial value problem. */
enum ft_ivp_method {
    FT_IVP_RK45 = 0,   /**< Dormand and Prince, orders 5 and 4: for loose tolerances */
    FT_IVP_DOP853 = 1, /**< Dormand and Prince, order 8: for tight tolerances */
    FT_IVP_RADAU = 2,  /**< Radau IIA, order 5, implicit: for stiff problems */
};

/**
 * Put the derivatives of the state `y` (n) at time `t`, with the parameters `p`, into `dydt` (n);
 * what is left out is NaN. As a Jacobian, put the derivative of dydt[i] by y[j] into element
 * i * n + j of `dydt` (n x n), with a band into element (i - j + upper) * n + j of
 * (lower + upper + 1 x n); what is left out is zero.
 */
typedef int (*ft_rhs)(void *ctx, double t, ptrdiff_t n, const double *y, double *dydt,
                      const double *p);

/** Method, tolerances and steps of an integration; filled by ft_ivp_options_init(). */
struct ft_ivp_options {
    size_t size;             /**< sizeof(struct ft_ivp_options) of the caller */
    int method;              /**< an enum ft_ivp_method: FT_IVP_RK45 */
    int banded;              /**< 1 if the Jacobian is zero outside a band: 0 */
    double rtol;             /**< relative error of a step that is good enough: 1e-3 */
    double atol;             /**< absolute error of a step that is good enough: 1e-6 */
    const double *atol_each; /**< (n) one for each component, in place of `atol`: null */
    double first_step;       /**< size of the first step; 0: the method chooses */
    double max_step;         /**< largest step: infinity */
    ptrdiff_t max_steps;     /**< most tries at a step; 0: no limit */
    ptrdiff_t lower;         /**< diagonals below the main one, where `banded`: 0 */
    ptrdiff_t upper;         /**< diagonals above the main one, where `banded`: 0 */
    ft_rhs jacobian;         /**< called with the `ctx` of the right-hand side: null */
};

/** What became of an integration. */
struct ft_ivp_result {
    double t;           /**< the time it reached */
    ptrdiff_t nfev;     /**< evaluations of the right-hand side */
    ptrdiff_t njev;     /**< evaluations of the Jacobian */
    ptrdiff_t nlu;      /**< LU decompositions */
    ptrdiff_t accepted; /**< steps that were accepted */
    ptrdiff_t rejected; /**< steps that were tried again with a shorter one */
    ptrdiff_t stiff;    /**< steps at which an explicit method found the problem stiff */
    int status;         /**< FT_OK, or why it ended early */
};

/** Fill `*options`, `size` bytes, with the defaults. Errors: FT_NULL_POINTER, FT_INVALID_ARGUMENT.
 */
int ft_ivp_options_init(struct ft_ivp_options *options, size_t size);

/**
 * Integrate dy/dt = f(t, y, p) from `t0`, where y is `y0` (n), to `t1`, which may lie before it,
 * with the parameters `p` (npar). `y` (n x nt) has the states at the times `t_eval` (nt), which are
 * sorted in the direction of integration; null with `nt` = 1 stands for `t1`. Behind the time that
 * was reached, `y` is NaN.
 *
 * Returns the status in `*result`: FT_OK, or FT_STEP_TOO_SMALL, FT_STATE_NOT_FINITE,
 * FT_MATRIX_SINGULAR or FT_MAX_STEPS. FT_STOPPED: a callback stopped it, and `y` is NaN. Refused:
 * FT_NULL_POINTER; FT_INVALID_ARGUMENT for options, times or lengths outside their domain;
 * FT_OVERLAP.
 */
int ft_solve_ivp(ft_rhs f, void *ctx, double t0, double t1, ptrdiff_t n, const double *y0,
                 ptrdiff_t npar, const double *p, ptrdiff_t nt, const double *t_eval,
                 const struct ft_ivp_options *options, double *y, struct ft_ivp_result *result);

/**
 * Integrate an ensemble: member i starts from row i of `y0` (members x n), its rows `y0_row` apart,
 * with row i of `p` (members x npar), its rows `p_row` apart; a stride of 0 uses one row for all.
 * `y` is (members x n x nt), `results` (members). Each member has the bits that it has alone.
 *
 * Returns FT_OK, or FT_SOME_FAILED when a member has another status; else as ft_solve_ivp().
 * FT_STOPPED ends the batch: `y` is NaN, and every member has the status FT_NOT_RUN.
 */
int ft_solve_ivp_batch(ft_rhs f, void *ctx, double t0, double t1, ptrdiff_t members, ptrdiff_t n,
                       const double *y0, ptrdiff_t y0_row, ptrdiff_t npar, const double *p,
                       ptrdiff_t p_row, ptrdiff_t nt, const double *t_eval,
                       const struct ft_ivp_options *options, double *y,
                       struct ft_ivp_result *results);

/** ft_solve_ivp_batch() on many threads: callbacks are called from several at once. The same bits.
 */
int ft_par_solve_ivp_batch(ft_rhs f, void *ctx, double t0, double t1, ptrdiff_t members,
                           ptrdiff_t n, const double *y0, ptrdiff_t y0_row, ptrdiff_t npar,
                           const double *p, ptrdiff_t p_row, ptrdiff_t nt, const double *t_eval,
                           const struct ft_ivp_options *options, double *y,
                           struct ft_ivp_result *results);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/** @file ferrotran/optimize.h Curve fits and least squares; included by ferrotran.h. */
#ifndef FERROTRAN_OPTIMIZE_H
#define FERROTRAN_OPTIMIZE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- curve fits --------------------------------------------------------------------------- */

/** The built-in models, with their parameters in order. */
enum ft_model {
    FT_MODEL_GAUSSIAN = 0,           /**< a, m, s, c: a exp(-(x - m)^2 / (2 s^2)) + c */
    FT_MODEL_LORENTZIAN = 1,         /**< a, m, w, c: a / (1 + ((x - m) / w)^2) + c */
    FT_MODEL_PSEUDO_VOIGT = 2,       /**< a, m, w, f, c: a mixture of the two, f Lorentzian */
    FT_MODEL_EXPONENTIAL = 3,        /**< a, k, c: a exp(-k x) + c */
    FT_MODEL_DOUBLE_EXPONENTIAL = 4, /**< a, k, b, l, c: a exp(-k x) + b exp(-l x) + c */
    FT_MODEL_POWER = 5,              /**< a, b, c: a x^b + c, NaN for x < 0 */
    FT_MODEL_LOGISTIC = 6,           /**< a, m, k, c: a / (1 + exp(-k (x - m))) + c */
    FT_MODEL_POLYNOMIAL = 7,         /**< any number: c0 + c1 x + c2 x^2 + ... */
    FT_MODEL_SINE = 8,               /**< a, f, h, c: a sin(2 pi f x + h) + c */
};

/** What happens to points that are NaN. */
enum ft_nan_policy {
    FT_NAN_REFUSE = 0, /**< the fit has the status FT_DATA_NOT_FINITE */
    FT_NAN_OMIT = 1,   /**< they are left out */
};

/**
 * Put the values of a model at `m` points `x` (predictors x m) with `n` parameters `p` into `y` (m)
 * and, unless `jac` is null, their derivatives by parameter j into `jac[j * m]` and the m - 1
 * places behind it. What is left out is NaN.
 */
typedef int (*ft_model_function)(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x,
                                 const double *p, double *y, double *jac);

/** Uncertainties, tolerances and bounds of a fit; filled by ft_fit_options_init(). */
struct ft_fit_options {
    size_t size;           /**< sizeof(struct ft_fit_options) of the caller */
    const double *sigma;   /**< (m) standard deviations of `y`, or (batch x m): null */
    ptrdiff_t sigma_row;   /**< stride between the rows of `sigma`; 0: one row for all */
    int absolute_sigma;    /**< 1 if `sigma` is in the units of `y`: 0 */
    int nan_policy;        /**< an enum ft_nan_policy: FT_NAN_REFUSE */
    double ftol;           /**< relative change of the sum of squares: 1.49012e-8 */
    double xtol;           /**< relative change of the parameters: 1.49012e-8 */
    double gtol;           /**< cosine between residuals and derivatives: 0 */
    double factor;         /**< first radius of the trust region: 100 */
    double diff_step;      /**< relative step of differences; 0: root of the machine epsilon */
    ptrdiff_t max_nfev;    /**< most evaluations; 0: the method chooses */
    const double *lower;   /**< (n) lower bounds: null */
    const double *upper;   /**< (n) upper bounds: null */
    const double *x_scale; /**< (n) typical sizes of the parameters: null */
};

/** How a fit ended. */
struct ft_fit_result {
    double cost;    /**< half the sum of the squares of the weighted residuals */
    ptrdiff_t nfev; /**< evaluations of the model for residuals */
    int status;     /**< FT_GTOL, FT_FTOL, ...: see ft_status_converged() */
};

/** Fill `*options`, `size` bytes, with the defaults. Errors: FT_NULL_POINTER, FT_INVALID_ARGUMENT.
 */
int ft_fit_options_init(struct ft_fit_options *options, size_t size);

/** Put the number of parameters of an `enum ft_model` into `*n`; 0 for the polynomial: any. */
int ft_model_parameters(int model, ptrdiff_t *n);

/**
 * Fit a built-in model to `m` points `x`, `y` by nonlinear least squares (Levenberg, Marquardt).
 *
 * `n` is the number of parameters of the model; a polynomial has degree n - 1. `p0` (n) is the
 * start, or null for one found from the data. `popt` (n) gets the parameters, `pcov` (n x n), which
 * may be null, their covariance. `options` may be null.
 *
 * Returns FT_OK when a tolerance is met, else the status in `*result`, and the numbers are the best
 * found, or NaN for FT_DATA_NOT_FINITE, FT_BAD_SIGMA, FT_BAD_START and FT_TOO_FEW_POINTS. Refused:
 * FT_NULL_POINTER; FT_INVALID_ARGUMENT for an unknown model, a number of parameters that is not the
 * model's or above `m`, or options outside their domain; FT_OVERLAP.
 */
int ft_curve_fit(int model, ptrdiff_t m, const double *x, const double *y, ptrdiff_t n,
                 const double *p0, const struct ft_fit_options *options, double *popt, double *pcov,
                 struct ft_fit_result *result);

/**
 * Fit a built-in model to `batch` sets of data, spread over the threads: `x`, `y` (batch x m) and
 * `p0` (batch x n), rows `x_row`, `y_row` and `p0_row` apart; a stride of 0 uses one row for all.
 * `popt` is (batch x n), `pcov` (batch x n x n) or null, `results` (batch). Each fit has the bits
 * that it has alone.
 *
 * Returns FT_OK, or FT_SOME_FAILED when a fit did not converge; refused as ft_curve_fit() is.
 */
int ft_curve_fit_batch(int model, ptrdiff_t batch, ptrdiff_t m, const double *x, ptrdiff_t x_row,
                       const double *y, ptrdiff_t y_row, ptrdiff_t n, const double *p0,
                       ptrdiff_t p0_row, const struct ft_fit_options *options, double *popt,
                       double *pcov, struct ft_fit_result *results);

/**
 * ft_curve_fit_batch() with a model of the caller, on this thread. `x` is (batch x predictors x m).
 * Unless `has_jacobian`, `f` is always called with a null `jac`, and derivatives are differences.
 * `p0` is required. FT_STOPPED ends the batch: the fits that had not ended are NaN and FT_NOT_RUN.
 */
int ft_fit_model_batch(ft_model_function f, void *ctx, int has_jacobian, ptrdiff_t predictors,
                       ptrdiff_t batch, ptrdiff_t m, const double *x, ptrdiff_t x_row,
                       const double *y, ptrdiff_t y_row, ptrdiff_t n, const double *p0,
                       ptrdiff_t p0_row, const struct ft_fit_options *options, double *popt,
                       double *pcov, struct ft_fit_result *results);

/** ft_fit_model_batch() on many threads: `f` is called from several at once. The same bits. */
int ft_par_fit_model_batch(ft_model_function f, void *ctx, int has_jacobian, ptrdiff_t predictors,
                           ptrdiff_t batch, ptrdiff_t m, const double *x, ptrdiff_t x_row,
                           const double *y, ptrdiff_t y_row, ptrdiff_t n, const double *p0,
                           ptrdiff_t p0_row, const struct ft_fit_options *options, double *popt,
                           double *pcov, struct ft_fit_result *results);

/* ---- least squares ------------------------------------------------------------------------ */

/**
 * Put the `m` residuals at `x` (n) into `r` (m) unless `r` is null, and, unless `jac` is null,
 * their derivatives by x[j] into `jac[j * m]` and the m - 1 places behind it. What is left out is
 * NaN.
 */
typedef int (*ft_residuals)(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, double *r,
                            double *jac);

/** ft_residuals of member `member` of a batch, counted from 0. */
typedef int (*ft_residuals_member)(void *ctx, ptrdiff_t member, ptrdiff_t m, ptrdiff_t n,
                                   const double *x, double *r, double *jac);

/** Tolerances, effort, bounds and scaling; filled by ft_least_squares_options_init(). */
struct ft_least_squares_options {
    size_t size;           /**< sizeof(struct ft_least_squares_options) of the caller */
    double ftol;           /**< relative change of the sum of squares: 1e-8 */
    double xtol;           /**< relative change of the parameters: 1e-8 */
    double gtol;           /**< cosine between residuals and derivatives: 1e-8 */
    double factor;         /**< first radius of the trust region: 100 */
    double diff_step;      /**< relative step of differences; 0: root of the machine epsilon */
    ptrdiff_t max_nfev;    /**< most evaluations; 0: the method chooses */
    const double *lower;   /**< (n) lower bounds: null */
    const double *upper;   /**< (n) upper bounds: null */
    const double *x_scale; /**< (n) typical sizes of the parameters: null */
    const double *weights; /**< (m) weights of the residuals: null */
};

/** How a search for the least squares ended. */
struct ft_least_squares_result {
    double cost;       /**< half the sum of the squares of the residuals */
    double optimality; /**< largest element of the gradient in size */
    ptrdiff_t rank;    /**< rank of the Jacobian */
    ptrdiff_t nfev;    /**< evaluations of the residuals, also those for differences */
    ptrdiff_t njev;    /**< evaluations of the derivatives */
    int status;        /**< FT_GTOL, FT_FTOL, ...: see ft_status_converged() */
};

/** Fill `*options`, `size` bytes, with the defaults. Errors: FT_NULL_POINTER, FT_INVALID_ARGUMENT.
 */
int ft_least_squares_options_init(struct ft_least_squares_options *options, size_t size);

/**
 * Minimise half the sum of the squares of `m` residuals over `x` (n), on entry the start, on return
 * the minimum. `fun` (m) gets the residuals there, `jac` (n x m) their derivatives, `cov` (n x n)
 * the inverse of J^T J, NaN where J has a lower rank than n; each may be null. Unless
 * `has_jacobian`, derivatives are differences and `f` is called with a null `jac`.
 *
 * Returns FT_OK when a tolerance is met, else the status in `*result` with the best point found.
 * FT_STOPPED: the callback stopped it, and `x` is as it was. Refused: FT_NULL_POINTER;
 * FT_INVALID_ARGUMENT for `m` below `n`, a start outside the bounds, options outside their domain;
 * FT_OVERLAP.
 */
int ft_least_squares(ft_residuals f, void *ctx, int has_jacobian, ptrdiff_t m, ptrdiff_t n,
                     const struct ft_least_squares_options *options, double *x, double *fun,
                     double *jac, double *cov, struct ft_least_squares_result *result);

/**
 * Minimise as ft_least_squares() for `members` problems of one size: `x` (members x n), on entry
 * the starts, `cov` (members x n x n) or null, `results` (members). Each has the bits that it has
 * alone.
 *
 * Returns FT_OK, or FT_SOME_FAILED when a search did not converge; refused as ft_least_squares()
 * is. FT_STOPPED ends the batch: members that had not ended keep their start and are FT_NOT_RUN.
 */
int ft_least_squares_batch(ft_residuals_member f, void *ctx, int has_jacobian, ptrdiff_t members,
                           ptrdiff_t m, ptrdiff_t n, const struct ft_least_squares_options *options,
                           double *x, double *cov, struct ft_least_squares_result *results);

/** ft_least_squares_batch() on many threads: `f` is called from several at once. The same bits. */
int ft_par_least_squares_batch(ft_residuals_member f, void *ctx, int has_jacobian,
                               ptrdiff_t members, ptrdiff_t m, ptrdiff_t n,
                               const struct ft_least_squares_options *options, double *x,
                               double *cov, struct ft_least_squares_result *results);

#ifdef __cplusplus
}
#endif

#endif

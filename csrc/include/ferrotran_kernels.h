/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef FERROTRAN_KERNELS_H
#define FERROTRAN_KERNELS_H

#include <stddef.h>

/// Outcome of a kernel; `ferrotran_status.def` holds the list.
enum ft_status {
#define FT_STATUS(name, value, text) name = value,
#include "ferrotran_status.def"
#undef FT_STATUS
};

/* ---- linalg ------------------------------------------------------------------------------- */

/// Solve `nsys` tridiagonal systems of order `n` by elimination with partial pivoting.
///
/// `dl` (nsys x n-1), `d` (nsys x n), `du` (nsys x n-1) are the sub-, main and superdiagonals, `b`
/// (nsys x n) the right-hand sides, `x` (nsys x n) the solutions. `layout` holds, for each of
/// `dl, d, du, b, x` in turn, the index of the first element, the stride between systems and the
/// stride between rows, in elements; no index may be negative, and `x` overlaps nothing. `work`
/// holds `ft_tridiag_work_f64(nsys, n)` elements. `info[s]` is 0, or the row (from 1) of the first
/// zero pivot of system `s`, whose solution is NaN; then `*status` is `FT_SINGULAR`.
void ft_tridiag_pivot_f64(ptrdiff_t nsys, ptrdiff_t n, const ptrdiff_t *restrict layout,
                          const double *restrict dl, const double *restrict d,
                          const double *restrict du, const double *restrict b, double *restrict x,
                          double *restrict work, ptrdiff_t *restrict info, int *restrict status);

/// `ft_tridiag_pivot_f64` in single precision.
void ft_tridiag_pivot_f32(ptrdiff_t nsys, ptrdiff_t n, const ptrdiff_t *restrict layout,
                          const float *restrict dl, const float *restrict d,
                          const float *restrict du, const float *restrict b, float *restrict x,
                          float *restrict work, ptrdiff_t *restrict info, int *restrict status);

/// `ft_tridiag_pivot_f64` without pivoting: for diagonally dominant matrices.
void ft_tridiag_thomas_f64(ptrdiff_t nsys, ptrdiff_t n, const ptrdiff_t *restrict layout,
                           const double *restrict dl, const double *restrict d,
                           const double *restrict du, const double *restrict b, double *restrict x,
                           double *restrict work, ptrdiff_t *restrict info, int *restrict status);

/// `ft_tridiag_thomas_f64` in single precision.
void ft_tridiag_thomas_f32(ptrdiff_t nsys, ptrdiff_t n, const ptrdiff_t *restrict layout,
                           const float *restrict dl, const float *restrict d,
                           const float *restrict du, const float *restrict b, float *restrict x,
                           float *restrict work, ptrdiff_t *restrict info, int *restrict status);

/// Elements of `work` for `nsys` systems of order `n` in double precision.
ptrdiff_t ft_tridiag_work_f64(ptrdiff_t nsys, ptrdiff_t n);

/// Elements of `work` for `nsys` systems of order `n` in single precision.
ptrdiff_t ft_tridiag_work_f32(ptrdiff_t nsys, ptrdiff_t n);

/* ---- special ------------------------------------------------------------------------------ */

/* Elementwise: `y` may be `x` itself, but they may not overlap otherwise. */

/// The error function of `x[0..n)`.
void ft_erf_f64(ptrdiff_t n, const double *x, double *y);
/// The error function of `x[0..n)`, in float.
void ft_erf_f32(ptrdiff_t n, const float *x, float *y);

/// 1 - erf of `x[0..n)`.
void ft_erfc_f64(ptrdiff_t n, const double *x, double *y);
/// 1 - erf of `x[0..n)`, in float.
void ft_erfc_f32(ptrdiff_t n, const float *x, float *y);

/// exp(x^2) erfc(x) of `x[0..n)`.
void ft_erfcx_f64(ptrdiff_t n, const double *x, double *y);
/// exp(x^2) erfc(x) of `x[0..n)`, in float.
void ft_erfcx_f32(ptrdiff_t n, const float *x, float *y);

/// Gamma of `x[0..n)`: inf at +0, -inf at -0, NaN at the other poles.
void ft_gamma_f64(ptrdiff_t n, const double *x, double *y);
/// Gamma of `x[0..n)`: inf at +0, -inf at -0, NaN at the other poles, in float.
void ft_gamma_f32(ptrdiff_t n, const float *x, float *y);

/// log|Gamma| of `x[0..n)`: inf at the poles.
void ft_gammaln_f64(ptrdiff_t n, const double *x, double *y);
/// log|Gamma| of `x[0..n)`: inf at the poles, in float.
void ft_gammaln_f32(ptrdiff_t n, const float *x, float *y);

/// Bessel function J of order 0 of `x[0..n)`.
void ft_j0_f64(ptrdiff_t n, const double *x, double *y);
/// Bessel function J of order 0 of `x[0..n)`, in float.
void ft_j0_f32(ptrdiff_t n, const float *x, float *y);

/// Bessel function J of order 1 of `x[0..n)`.
void ft_j1_f64(ptrdiff_t n, const double *x, double *y);
/// Bessel function J of order 1 of `x[0..n)`, in float.
void ft_j1_f32(ptrdiff_t n, const float *x, float *y);

/// Bessel function Y of order 0 of `x[0..n)`: -inf at 0, NaN below.
void ft_y0_f64(ptrdiff_t n, const double *x, double *y);
/// Bessel function Y of order 0 of `x[0..n)`: -inf at 0, NaN below, in float.
void ft_y0_f32(ptrdiff_t n, const float *x, float *y);

/// Bessel function Y of order 1 of `x[0..n)`: -inf at 0, NaN below.
void ft_y1_f64(ptrdiff_t n, const double *x, double *y);
/// Bessel function Y of order 1 of `x[0..n)`: -inf at 0, NaN below, in float.
void ft_y1_f32(ptrdiff_t n, const float *x, float *y);

/* ---- integrate ---------------------------------------------------------------------------- */

/// Integrate `f` from `a` to `b`, either may be infinite, to max(epsabs, epsrel*|result|): QAGS,
/// QAGI and QAGP. `points` ascend strictly inside a finite range. `f` puts its values at the
/// `n` <= 60 nodes `x` into `y`; nonzero stops. On return `last` intervals are in use: their
/// ends, integrals, errors, numbers (from 1) by decreasing error, and bisections behind each;
/// `ndin[i]` is 1 where the first error of part `i` between break points was replaced.
void ft_quad_f64(int (*f)(void *ctx, ptrdiff_t n, const double *x, double *y), void *ctx, double a,
                 double b, ptrdiff_t npoints, const double *points, double epsabs, double epsrel,
                 ptrdiff_t limit, double *alist, double *blist, double *rlist, double *elist,
                 ptrdiff_t *iord, ptrdiff_t *level, ptrdiff_t *ndin, double *result, double *abserr,
                 ptrdiff_t *neval, ptrdiff_t *last, int *status);

/* Systems for trials: `t` holds `lanes` numbers, `y` and `dydt` (n x lanes), `p` (parameters x
 * lanes), the lane running fastest; `jac` (n x n x lanes) holds d dydt[i] / d y[j] in row i, column
 * j. `ctx` is not used, and 0 is returned. */

/// Lorenz's system of order 3; `p` is sigma, rho, beta.
int ft_ode_lorenz_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t, const double *y,
                      double *restrict dydt, const double *p);
/// Van der Pol's oscillator of order 2; `p` is mu.
int ft_ode_van_der_pol_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                           const double *y, double *restrict dydt, const double *p);
/// Its Jacobian.
int ft_ode_van_der_pol_jac_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                               const double *y, double *restrict jac, const double *p);
/// Robertson's chemical reaction of order 3; `p` is its three rates.
int ft_ode_robertson_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t, const double *y,
                         double *restrict dydt, const double *p);
/// Its Jacobian.
int ft_ode_robertson_jac_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                             const double *y, double *restrict jac, const double *p);
/// The restricted three-body problem in a plane, of order 4; `p` is the mass ratio mu.
int ft_ode_three_body_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t, const double *y,
                          double *restrict dydt, const double *p);

/// What the explicit Runge-Kutta methods keep of each lane: places in `lane`, places in `tally`,
/// phases and outcomes; `ferrotran_lanes.def` holds the list.
enum ft_lane {
#define FT_LANE(name, value, text) name = value,
#include "ferrotran_lanes.def"
#undef FT_LANE
};

/// Try one step of Dormand and Prince's method of order 5(4) in the lane, if it is busy.
///
/// `f` puts the derivatives at `t` (lanes) and `y` (n x lanes) with the parameters `p`
/// (npar x lanes) into `dydt`; nonzero stops. `atol` (n); `lane` (6 x lanes) and `tally`
/// (11 x lanes) as `ferrotran_lanes.def` says; `y` (3 x n x lanes): the start and the end of the
/// step, and the last stage before; `k` (7 x n x lanes): the derivatives of the stages. A member
/// enters with its start in `y`, `FT_T`, `FT_T_END`, `FT_MAX_STEP`, `FT_NEXT_STEP` and
/// `FT_FRESH`, all else of its lane 0; its state is at the end of the step where `FT_MOVED`.
void ft_rk45_x1_f64(int (*f)(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                             const double *y, double *dydt, const double *p),
                    void *ctx, ptrdiff_t n, ptrdiff_t npar, const double *p, double rtol,
                    const double *atol, double *lane, ptrdiff_t *tally, double *y, double *k,
                    int *status);
/// `ft_rk45_x1_f64` for 8 members side by side.
void ft_rk45_x8_f64(int (*f)(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                             const double *y, double *dydt, const double *p),
                    void *ctx, ptrdiff_t n, ptrdiff_t npar, const double *p, double rtol,
                    const double *atol, double *lane, ptrdiff_t *tally, double *y, double *k,
                    int *status);

/// Set `dense` (5 x n x lanes), the coefficients of y(s) = d1 + s (d2 + (1 - s) (d3 + s (d4 + ...
/// over the last step of `ft_rk45_x1_f64`, s from 0 to 1.
void ft_rk45_x1_dense_f64(ptrdiff_t n, const double *lane, const double *y, const double *k,
                          double *dense);
/// `ft_rk45_x1_dense_f64` for 8 members side by side.
void ft_rk45_x8_dense_f64(ptrdiff_t n, const double *lane, const double *y, const double *k,
                          double *dense);

/// `ft_rk45_x1_f64` by the method of order 8(5,3), DOP853, with `k` (16 x n x lanes).
void ft_dop853_x1_f64(int (*f)(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                               const double *y, double *dydt, const double *p),
                      void *ctx, ptrdiff_t n, ptrdiff_t npar, const double *p, double rtol,
                      const double *atol, double *lane, ptrdiff_t *tally, double *y, double *k,
                      int *status);
/// `ft_dop853_x1_f64` for 8 members side by side.
void ft_dop853_x8_f64(int (*f)(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                               const double *y, double *dydt, const double *p),
                      void *ctx, ptrdiff_t n, ptrdiff_t npar, const double *p, double rtol,
                      const double *atol, double *lane, ptrdiff_t *tally, double *y, double *k,
                      int *status);

/// `ft_rk45_x1_dense_f64` for `ft_dop853_x1_f64`: `dense` (8 x n x lanes). Where `FT_WANTED` it
/// makes 3 evaluations; the other lanes are undefined.
void ft_dop853_x1_dense_f64(int (*f)(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                                     const double *y, double *dydt, const double *p),
                            void *ctx, ptrdiff_t n, ptrdiff_t npar, const double *p,
                            const double *lane, ptrdiff_t *tally, double *y, double *k,
                            double *dense, int *status);
/// `ft_dop853_x1_dense_f64` for 8 members side by side.
void ft_dop853_x8_dense_f64(int (*f)(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                                     const double *y, double *dydt, const double *p),
                            void *ctx, ptrdiff_t n, ptrdiff_t npar, const double *p,
                            const double *lane, ptrdiff_t *tally, double *y, double *k,
                            double *dense, int *status);

/// What RADAU5 keeps of a member: places in `lane`, places in `tally`, outcomes;
/// `ferrotran_radau5.def` holds the list.
enum ft_radau5 {
#define FT_RADAU5(name, value, text) name = value,
#include "ferrotran_radau5.def"
#undef FT_RADAU5
};

/// Try one step of RADAU5 for a member of order `n`.
///
/// `f` puts the derivative at `t` and `y` (n) with the parameters `p` (npar) into `dydt`, with
/// `lanes` = 1; nonzero stops. `jac`, if not null, puts the Jacobian into `dfdy`: d f[i] / d y[j]
/// in row i of (n x n) where `ml` is negative, else of a band of `ml` diagonals below the main one
/// and `mu` above, in row i - j + mu, column j of (ml + mu + 1 x n). `lane` and `tally` as
/// `ferrotran_radau5.def` says, `y` the state, `dense` (3 x n) the divided differences d of
/// y(s) = y + s (d1 + (s + 1 - c2) (d2 + (s + 1 - c1) d3)) over the last step, s = (t - t_new)/h,
/// c1 and c2 = (4 -+ sqrt(6))/10. `pivot` (2 x n) and `work` (`ft_radau5_work_f64(n, ml, mu)`) last
/// from call to call. A member enters with its start in `y`, the places T, T_END, MAX_STEP and
/// NEXT_STEP of `lane`, all else of `lane` and `tally` 0. `*status` is FT_OK or FT_STOPPED.
void ft_radau5_f64(int (*f)(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                            const double *y, double *dydt, const double *p),
                   void *ctx,
                   int (*jac)(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                              const double *y, double *dfdy, const double *p),
                   void *jac_ctx, ptrdiff_t n, ptrdiff_t ml, ptrdiff_t mu, ptrdiff_t npar,
                   const double *p, double rtol, const double *atol, double *lane, ptrdiff_t *tally,
                   double *y, double *dense, ptrdiff_t *pivot, double *work, int *status);

/// Elements of `work` for order `n` and `ml` and `mu` diagonals; negative `ml`: full.
ptrdiff_t ft_radau5_work_f64(ptrdiff_t n, ptrdiff_t ml, ptrdiff_t mu);

/// Try one step of `ft_radau5_f64`, with full Jacobians, in each busy lane of 8 members side by
/// side; each has the bits that it has alone.
///
/// `p`, `lane`, `tally`, `y`, `dense` and `pivot` are those of `ft_radau5_f64` x 8, the lane
/// running fastest, and `work` holds `ft_radau5_x8_work_f64(n)` numbers; `f` and `jac` are called
/// with `lanes` = 8. In lanes without a member FT_RADAU5_STEPS is -1, and T, `y` and `p` go to `f`.
void ft_radau5_x8_f64(int (*f)(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                               const double *y, double *dydt, const double *p),
                      void *ctx,
                      int (*jac)(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                                 const double *y, double *dfdy, const double *p),
                      void *jac_ctx, ptrdiff_t n, ptrdiff_t npar, const double *p, double rtol,
                      const double *atol, double *lane, ptrdiff_t *tally, double *y, double *dense,
                      ptrdiff_t *pivot, double *work, int *status);

/// Elements of `work` of `ft_radau5_x8_f64` for order `n`.
ptrdiff_t ft_radau5_x8_work_f64(ptrdiff_t n);

/* ---- optimize ----------------------------------------------------------------------------- */

/// Minimise half the sum of the squares of `m` residuals over `n` <= m parameters, from `x`, by
/// the method of Levenberg and Marquardt (More 1978). `f` puts the residuals at `x` into `r` and
/// their derivatives into `jac` (n x m: row j is d r / d x_j), where they are not null; nonzero
/// stops. With `diff_step` > 0 derivatives are forward differences with that relative step, and
/// `f` never gets `jac`; with 0, `f` gets both pointers each time if `together` is nonzero, else
/// one. Bounds `lb` and `ub` are both null or `n` each with x inside; `x_scale` holds typical
/// sizes, null: from the derivatives. `factor` |D x| is the first radius of the trust region. On
/// return `r` and `jac` belong to `x`; `cov` (n x n, may be null) is the inverse of J^T J, NaN
/// where `rank` < n; `optimality` the largest element of the gradient, held bounds left out.
/// `nfev` counts evaluations of residuals, also those of differences, `njev` of derivatives.
void ft_least_squares_f64(int (*f)(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, double *r,
                                   double *jac),
                          void *ctx, ptrdiff_t m, ptrdiff_t n, double *x, const double *lb,
                          const double *ub, const double *x_scale, int together, double diff_step,
                          double ftol, double xtol, double gtol, double factor, ptrdiff_t max_nfev,
                          double *r, double *jac, double *cov, ptrdiff_t *rank, double *cost,
                          double *optimality, ptrdiff_t *nfev, ptrdiff_t *njev, double *work,
                          ptrdiff_t *iwork, int *status);

/// Elements of `work` for `m` residuals and `n` parameters.
ptrdiff_t ft_least_squares_work_f64(ptrdiff_t m, ptrdiff_t n);
/// Elements of `iwork` for `n` parameters.
ptrdiff_t ft_least_squares_iwork_f64(ptrdiff_t n);

/* Models: the values of a function of `n` parameters `p` at the `m` points `x` go into `y`, and,
   unless `jac` is null, their derivatives into `jac` (n x m: row j is dy / dp_j). `ctx` is not
   used. Nothing may overlap. Nonzero: `n` is not the number of parameters. */

/// Gaussian: amplitude a, mean, sigma, offset c; a exp(-(x - mean)^2 / (2 sigma^2)) + c.
int ft_model_gaussian_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                          double *y, double *jac);
/// Lorentzian: amplitude a, center, width w, offset c; a / (1 + ((x - center) / w)^2) + c.
int ft_model_lorentzian_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                            double *y, double *jac);
/// Pseudo-Voigt: amplitude a, center, width w, fraction f, offset c;
/// a (f / (1 + z^2) + (1 - f) exp(-log(2) z^2)) + c, z = (x - center) / w.
int ft_model_pseudo_voigt_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                              double *y, double *jac);
/// Exponential: amplitude a, rate k, offset c; a exp(-k x) + c.
int ft_model_exponential_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                             double *y, double *jac);
/// Two exponentials: a, k, a2, k2, offset c; a exp(-k x) + a2 exp(-k2 x) + c.
int ft_model_double_exponential_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x,
                                    const double *p, double *y, double *jac);
/// Power: amplitude a, exponent b, offset c; a x^b + c. NaN for x < 0.
int ft_model_power_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                       double *y, double *jac);
/// Logistic: amplitude a, center, rate k, offset c; a / (1 + exp(-k (x - center))) + c.
int ft_model_logistic_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                          double *y, double *jac);
/// Polynomial: n >= 1 coefficients, lowest degree first.
int ft_model_polynomial_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                            double *y, double *jac);
/// Sine: amplitude a, frequency f, phase, offset c; a sin(2 pi f x + phase) + c.
int ft_model_sine_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                      double *y, double *jac);

enum ft_fit { /* sizes and phases of fits side by side */
#define FT_FIT(name, value, text) name = value,
#include "ferrotran_fit.def"
#undef FT_FIT
};

/// Normal equations of FT_FIT_LANES fits, the lane running fastest: `x`, `y` and `weight`, by which
/// residuals are multiplied, (m x lanes); `p` (n x lanes). With the residuals as
/// column n of the derivatives, `sums` gets the products of columns j <= k over the points, in the
/// order (0, 0), (0, 1), (1, 1), (0, 2), ...: (n + 1) (n + 2) / 2 x lanes.
typedef void ft_normal_equations(ptrdiff_t m, const double *x, const double *y,
                                 const double *weight, const double *p, double *sums);
/// Of the models named alike.
ft_normal_equations ft_normal_gaussian_f64, ft_normal_lorentzian_f64, ft_normal_pseudo_voigt_f64,
    ft_normal_exponential_f64, ft_normal_double_exponential_f64, ft_normal_power_f64,
    ft_normal_logistic_f64, ft_normal_sine_f64;

/// One round of `ft_least_squares_f64`, without bounds, for FT_FIT_LANES problems, n <=
/// FT_FIT_MOST: judges the trial points by `sums`, chooses the next. A problem enters with its
/// start in `point` and `x` (n x lanes), `nfev` 0, `phase` FT_FIT_FRESH; `best`, like `sums`,
/// belongs to `x`; `d` (n x lanes), `own` (FT_FIT_OWN x lanes) are the search's. It ends with a
/// `status`, FT_FIT_EMPTY, its sum of squares last in `best`, the inverse of J^T J in `cov` (lanes
/// x n x n).
void ft_least_squares_lanes_f64(ptrdiff_t n, const double *x_scale, double ftol, double xtol,
                                double gtol, double factor, ptrdiff_t max_nfev, const double *sums,
                                double *best, double *point, double *x, double *d, double *own,
                                ptrdiff_t *phase, ptrdiff_t *nfev, double *cov, int *status);

/// One fit: a model with its context, `m` points `x` and `y`, and, unless null, `weight` (m), by
/// which residuals are multiplied, or `factor` (m x m, by columns), the lower Cholesky factor of
/// the covariance of `y`, by which they are divided.
struct ft_curve_fit {
    int (*model)(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p, double *y,
                 double *jac);
    void *ctx;
    const double *x;
    const double *y;
    const double *weight;
    const double *factor;
};
/// The residuals of the fit `ctx` (a struct ft_curve_fit) at `p` (n) into `r` (m) and, unless null,
/// their derivatives into `jac` (n x m); what the model returns.
int ft_curve_fit_residual_f64(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *p, double *r,
                              double *jac);

/// The lower Cholesky factor of `a` (m x m), by columns, in its place; the other triangle is not
/// read. FT_SINGULAR: `a` is not positive definite.
void ft_cholesky_f64(ptrdiff_t m, double *a, int *status);

/* ---- stencil ------------------------------------------------------------------------------ */

/// What the sides of a grid do; `ferrotran_edges.def` holds the list.
enum ft_edge {
#define FT_EDGE(name, value, text) name = value,
#include "ferrotran_edges.def"
#undef FT_EDGE
};

/// Takes `steps` explicit five-point diffusion steps of one tile, in Fortran: rows `row0..row1`
/// and columns `col0..col1` of the m x n row-major grid `dst` (row stride `ld_dst`) from the grid
/// `src` (row stride `ld_src`), which is read up to `steps` cells further out. With `fx == NULL`
/// the factors are cx = D dt / dx^2 between columns and cy = D dt / dy^2 between rows. Else cx and
/// cy are not read, and `fx` and `fy`, m x n and contiguous, hold the factors of the face between
/// cells (i, j - 1) and (i, j) and of the face between (i - 1, j) and (i, j). `edges` is an
/// `ft_edge`. `work` holds at least (4 * steps + 20) * (col1 - col0 + 2 * steps + 80) numbers, best
/// aligned to 64 bytes. FT_INVALID_ARGUMENT: `nwork` is too small or the tile is not in the grid.
void ft_heat2d_f64(ptrdiff_t m, ptrdiff_t n, ptrdiff_t ld_src, const double *restrict src,
                   ptrdiff_t ld_dst, double *restrict dst, int edges, ptrdiff_t steps,
                   ptrdiff_t row0, ptrdiff_t row1, ptrdiff_t col0, ptrdiff_t col1, double cx,
                   double cy, const double *fx, const double *fy, ptrdiff_t nwork,
                   double *restrict work, int *status);
/// `ft_heat2d_f64` in single precision.
void ft_heat2d_f32(ptrdiff_t m, ptrdiff_t n, ptrdiff_t ld_src, const float *restrict src,
                   ptrdiff_t ld_dst, float *restrict dst, int edges, ptrdiff_t steps,
                   ptrdiff_t row0, ptrdiff_t row1, ptrdiff_t col0, ptrdiff_t col1, float cx,
                   float cy, const float *fx, const float *fy, ptrdiff_t nwork,
                   float *restrict work, int *status);

/// The same in C: same arguments, same bits.
void ft_heat2d_c_f64(ptrdiff_t m, ptrdiff_t n, ptrdiff_t ld_src, const double *restrict src,
                     ptrdiff_t ld_dst, double *restrict dst, int edges, ptrdiff_t steps,
                     ptrdiff_t row0, ptrdiff_t row1, ptrdiff_t col0, ptrdiff_t col1, double cx,
                     double cy, const double *fx, const double *fy, ptrdiff_t nwork,
                     double *restrict work, int *status);
/// `ft_heat2d_c_f64` in single precision.
void ft_heat2d_c_f32(ptrdiff_t m, ptrdiff_t n, ptrdiff_t ld_src, const float *restrict src,
                     ptrdiff_t ld_dst, float *restrict dst, int edges, ptrdiff_t steps,
                     ptrdiff_t row0, ptrdiff_t row1, ptrdiff_t col0, ptrdiff_t col1, float cx,
                     float cy, const float *fx, const float *fy, ptrdiff_t nwork,
                     float *restrict work, int *status);

#endif

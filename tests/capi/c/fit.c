/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "check.h"

enum { M = 40, BATCH = 25 };

/* Points of a exp(-k x) + c. */
static void decay(double *x, double *y, double a, double k, double c) {
    for (int i = 0; i < M; i++) {
        x[i] = 0.1 * i;
        y[i] = a * exp(-k * x[i]) + c;
    }
}

/* The same model, and the derivatives when asked. */
static int model(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p, double *y,
                 double *jac) {
    (void)n;
    if (ctx)
        ++*(int *)ctx;
    for (ptrdiff_t i = 0; i < m; i++) {
        double e = exp(-p[1] * x[i]);
        y[i] = p[0] * e + p[2];
        if (jac) {
            jac[i] = e;
            jac[m + i] = -p[0] * x[i] * e;
            jac[2 * m + i] = 1;
        }
    }
    return 0;
}

/* A plane over two predictors. */
static int plane(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p, double *y,
                 double *jac) {
    (void)ctx, (void)n, (void)jac;
    for (ptrdiff_t i = 0; i < m; i++)
        y[i] = p[0] + p[1] * x[i] + p[2] * x[m + i];
    return 0;
}

static void built_in(void) {
    double *x = doubles(M, 0), *y = doubles(M, 0), *p = doubles(3, 0), *cov = doubles(9, 0);
    struct ft_fit_options *o = guarded(sizeof *o);
    struct ft_fit_result *r = guarded(sizeof *r);
    decay(x, y, 2.5, 1.3, 0.5);
    GOOD(ft_curve_fit(FT_MODEL_EXPONENTIAL, M, x, y, 3, NULL, NULL, p, cov, r));
    CHECK(fabs(p[0] - 2.5) < 1e-8 && fabs(p[1] - 1.3) < 1e-8 && fabs(p[2] - 0.5) < 1e-8);
    CHECK(ft_status_converged(r->status) && r->status != FT_OK && r->nfev > 0 && r->cost < 1e-20);
    CHECK(cov[0] >= 0 && cov[1] == cov[3]);
    double start[] = {1, 1, 1}, line[2], sigma[M];
    GOOD(ft_curve_fit(FT_MODEL_EXPONENTIAL, M, x, y, 3, start, NULL, p, NULL, r));
    CHECK(fabs(p[1] - 1.3) < 1e-8);
    GOOD(ft_curve_fit(FT_MODEL_POLYNOMIAL, M, x, x, 2, NULL, NULL, line, NULL, r));
    CHECK(fabs(line[0]) < 1e-10 && fabs(line[1] - 1) < 1e-10);
    GOOD(ft_fit_options_init(o, sizeof *o));
    CHECK(o->size == sizeof *o && o->ftol == 1.49012e-8 && o->factor == 100 && !o->sigma);
    for (int i = 0; i < M; i++)
        sigma[i] = 0.1;
    double lower[] = {0, 1.5, -10};
    o->lower = lower;
    o->sigma = sigma;
    o->absolute_sigma = 1;
    GOOD(ft_curve_fit(FT_MODEL_EXPONENTIAL, M, x, y, 3, NULL, o, p, cov, r));
    CHECK(p[1] == 1.5);
    sigma[3] = 0;
    BAD(ft_curve_fit(FT_MODEL_EXPONENTIAL, M, x, y, 3, NULL, o, p, cov, r), FT_BAD_SIGMA, "sigma");
    o->sigma = NULL;
    y[3] = NAN;
    BAD(ft_curve_fit(FT_MODEL_EXPONENTIAL, M, x, y, 3, NULL, o, p, cov, r), FT_DATA_NOT_FINITE,
        "not finite");
    CHECK(isnan(p[0]) && isnan(cov[8]) && r->status == FT_DATA_NOT_FINITE);
    o->lower = NULL;
    o->nan_policy = FT_NAN_OMIT;
    GOOD(ft_curve_fit(FT_MODEL_EXPONENTIAL, M, x, y, 3, NULL, o, p, cov, r));
    CHECK(fabs(p[1] - 1.3) < 1e-8);
    ptrdiff_t n = -1;
    GOOD(ft_model_parameters(FT_MODEL_GAUSSIAN, &n));
    CHECK(n == 4);
    GOOD(ft_model_parameters(FT_MODEL_POLYNOMIAL, &n));
    CHECK(n == 0);
}

static void batches(void) {
    double *x = doubles(M, 0), *y = doubles(BATCH * M, 0), *start = doubles(3, 1);
    double *p = doubles(BATCH * 3, 0), *many = doubles(BATCH * 3, 0);
    double *cov = doubles(BATCH * 9, 0);
    struct ft_fit_result *r = guarded(BATCH * sizeof *r);
    int calls = 0;
    for (int k = 0; k < BATCH; k++)
        decay(x, y + k * M, 2, 1 + 0.05 * k, 0.5);
    GOOD(ft_curve_fit_batch(FT_MODEL_EXPONENTIAL, BATCH, M, x, 0, y, M, 3, start, 0, NULL, p, cov,
                            r));
    for (int k = 0; k < BATCH; k++)
        CHECK(fabs(p[3 * k + 1] - (1 + 0.05 * k)) < 1e-7 && ft_status_converged(r[k].status));
    for (int jacobian = 0; jacobian < 2; jacobian++) {
        GOOD(ft_fit_model_batch(model, &calls, jacobian, 1, BATCH, M, x, 0, y, M, 3, start, 0, NULL,
                                p, cov, r));
        CHECK(fabs(p[3 * 7 + 1] - 1.35) < 1e-6 && calls > BATCH);
        GOOD(ft_set_num_threads(3));
        GOOD(ft_par_fit_model_batch(model, NULL, jacobian, 1, BATCH, M, x, 0, y, M, 3, start, 0,
                                    NULL, many, NULL, r));
        CHECK(memcmp(p, many, BATCH * 3 * sizeof *p) == 0);
        GOOD(ft_set_num_threads(0));
    }
    y[2 * M + 1] = NAN;
    BAD(ft_curve_fit_batch(FT_MODEL_EXPONENTIAL, BATCH, M, x, 0, y, M, 3, start, 0, NULL, p, cov,
                           r),
        FT_SOME_FAILED, "1 of 25 members failed, the first is number 2: the data are not finite");
    CHECK(r[2].status == FT_DATA_NOT_FINITE && isnan(p[6]) && isnan(cov[18]) && !isnan(p[9]));
    GOOD(ft_curve_fit_batch(FT_MODEL_EXPONENTIAL, 0, M, NULL, M, NULL, M, 3, NULL, 3, NULL, NULL,
                            NULL, NULL));
    double uv[2 * 4] = {0, 1, 0, 1, 0, 0, 1, 1}, z[] = {1, 3, 4, 6}, found[3];
    GOOD(ft_fit_model_batch(plane, NULL, 0, 2, 1, 4, uv, 8, z, 4, 3, start, 3, NULL, found, NULL,
                            r));
    CHECK(fabs(found[0] - 1) < 1e-7 && fabs(found[1] - 2) < 1e-7 && fabs(found[2] - 3) < 1e-7);
}

static void refusals(void) {
    double x[M], y[M], p[9], start[3] = {1, 1, 1};
    struct ft_fit_options o;
    struct ft_fit_result r;
    decay(x, y, 1, 1, 0);
    for (int i = 0; i < 9; i++)
        p[i] = 9;
    ptrdiff_t n;
    int exponential = FT_MODEL_EXPONENTIAL;
    BAD(ft_model_parameters(9, &n), FT_INVALID_ARGUMENT, "`model` is 9, expected 0 to 8");
    BAD(ft_model_parameters(0, NULL), FT_NULL_POINTER, "`n` is null");
    BAD(ft_curve_fit(-1, M, x, y, 3, NULL, NULL, p, NULL, &r), FT_INVALID_ARGUMENT, "`model`");
    BAD(ft_curve_fit(exponential, M, x, y, 4, NULL, NULL, p, NULL, &r), FT_INVALID_ARGUMENT,
        "`n` is 4, expected 3");
    BAD(ft_curve_fit(FT_MODEL_POLYNOMIAL, M, x, y, 0, NULL, NULL, p, NULL, &r), FT_INVALID_ARGUMENT,
        "`n` is 0");
    BAD(ft_curve_fit(exponential, M, NULL, y, 3, NULL, NULL, p, NULL, &r), FT_NULL_POINTER, "`x`");
    BAD(ft_curve_fit(exponential, M, x, NULL, 3, NULL, NULL, p, NULL, &r), FT_NULL_POINTER, "`y`");
    BAD(ft_curve_fit(exponential, M, x, y, 3, NULL, NULL, NULL, NULL, &r), FT_NULL_POINTER,
        "`popt` is null");
    BAD(ft_curve_fit(exponential, M, x, y, 3, NULL, NULL, p, NULL, NULL), FT_NULL_POINTER,
        "`results` is null");
    BAD(ft_curve_fit(exponential, -1, x, y, 3, NULL, NULL, p, NULL, &r), FT_INVALID_ARGUMENT,
        "`m` is -1");
    BAD(ft_curve_fit(exponential, 2, x, y, 3, NULL, NULL, p, NULL, &r), FT_INVALID_ARGUMENT,
        "no more than points");
    BAD(ft_curve_fit(exponential, M, x, y, 3, p, NULL, p, NULL, &r), FT_OVERLAP, "`popt`");
    BAD(ft_curve_fit(exponential, M, x, y, 3, NULL, NULL, x, NULL, &r), FT_OVERLAP, "`popt`");
    GOOD(ft_fit_options_init(&o, sizeof o));
    o.nan_policy = 2;
    BAD(ft_curve_fit(exponential, M, x, y, 3, NULL, &o, p, NULL, &r), FT_INVALID_ARGUMENT,
        "`options.nan_policy` is 2");
    o.nan_policy = 0;
    o.absolute_sigma = 7;
    BAD(ft_curve_fit(exponential, M, x, y, 3, NULL, &o, p, NULL, &r), FT_INVALID_ARGUMENT,
        "`options.absolute_sigma` is 7");
    o.absolute_sigma = 0;
    o.ftol = -1;
    BAD(ft_curve_fit(exponential, M, x, y, 3, NULL, &o, p, NULL, &r), FT_INVALID_ARGUMENT,
        "`ftol` is -1");
    o.ftol = 0;
    o.max_nfev = -1;
    BAD(ft_curve_fit(exponential, M, x, y, 3, NULL, &o, p, NULL, &r), FT_INVALID_ARGUMENT,
        "`options.max_nfev` is -1");
    BAD(ft_fit_model_batch(NULL, NULL, 0, 1, 1, M, x, 0, y, 0, 3, start, 0, NULL, p, NULL, &r),
        FT_NULL_POINTER, "`f` is null");
    BAD(ft_fit_model_batch(model, NULL, 0, 1, 1, M, x, 0, y, 0, 3, NULL, 0, NULL, p, NULL, &r),
        FT_NULL_POINTER, "`p0` is null");
    BAD(ft_fit_model_batch(model, NULL, 2, 1, 1, M, x, 0, y, 0, 3, start, 0, NULL, p, NULL, &r),
        FT_INVALID_ARGUMENT, "`has_jacobian` is 2");
    BAD(ft_fit_model_batch(model, NULL, 0, 0, 1, M, x, 0, y, 0, 3, start, 0, NULL, p, NULL, &r),
        FT_INVALID_ARGUMENT, "`predictors` is 0");
    BAD(ft_fit_model_batch(model, NULL, 0, 1, -1, M, x, 0, y, 0, 3, start, 0, NULL, p, NULL, &r),
        FT_INVALID_ARGUMENT, "`batch` is -1");
    for (int i = 0; i < 9; i++)
        CHECK(p[i] == 9);
}

int main(void) {
    built_in();
    batches();
    refusals();
    return outcome();
}

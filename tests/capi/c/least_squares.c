/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "check.h"

static int rosenbrock(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, double *r,
                      double *jac) {
    (void)m, (void)n;
    if (ctx)
        ++*(int *)ctx;
    if (r) {
        r[0] = 10 * (x[1] - x[0] * x[0]);
        r[1] = 1 - x[0];
    }
    if (jac) {
        jac[0] = -20 * x[0];
        jac[1] = -1;
        jac[2] = 10;
        jac[3] = 0;
    }
    return 0;
}

static void minima(void) {
    double *x = doubles(2, 0), *fun = doubles(2, 9), *jac = doubles(4, 9), *cov = doubles(4, 9);
    struct ft_least_squares_options *o = guarded(sizeof *o);
    struct ft_least_squares_result *r = guarded(sizeof *r);
    for (int jacobian = 0; jacobian < 2; jacobian++) {
        int calls = 0;
        x[0] = -1.2;
        x[1] = 1;
        GOOD(ft_least_squares(rosenbrock, &calls, jacobian, 2, 2, NULL, x, fun, jac, cov, r));
        CHECK(fabs(x[0] - 1) < 1e-7 && fabs(x[1] - 1) < 1e-7 && fabs(fun[0]) < 1e-6);
        CHECK(fabs(jac[0] + 20) < 1e-5 && jac[1] == -1 && jac[2] == 10 && jac[3] == 0);
        CHECK(cov[0] > 0 && cov[1] == cov[2] && r->rank == 2);
        CHECK(r->nfev > 0 && (r->njev > 0) && calls >= r->nfev);
        CHECK(ft_status_converged(r->status) && r->status != FT_OK);
    }
    GOOD(ft_least_squares_options_init(o, sizeof *o));
    CHECK(o->size == sizeof *o && o->ftol == 1e-8 && o->factor == 100 && !o->weights);
    const double upper[] = {0.5, 10};
    o->upper = upper;
    x[0] = -1.2;
    x[1] = 1;
    GOOD(ft_least_squares(rosenbrock, NULL, 1, 2, 2, o, x, NULL, NULL, NULL, r));
    CHECK(x[0] == 0.5);
    o->upper = NULL;
    o->max_nfev = 2;
    x[0] = -1.2;
    BAD(ft_least_squares(rosenbrock, NULL, 1, 2, 2, o, x, NULL, NULL, NULL, r), FT_MAX_EVALUATIONS,
        "maximum number");
    CHECK(r->status == FT_MAX_EVALUATIONS && r->nfev == 2);
}

/* The square root of the number of the member, counted from 1; `ctx` is one that stops. */
static int root(void *ctx, ptrdiff_t member, ptrdiff_t m, ptrdiff_t n, const double *x, double *r,
                double *jac) {
    (void)m, (void)n;
    if (r)
        r[0] = x[0] * x[0] - (double)(member + 1);
    if (jac)
        jac[0] = 2 * x[0];
    return ctx && member == *(int *)ctx ? 8 : 0;
}

static void batches(void) {
    enum { MEMBERS = 60 };
    double *x = doubles(MEMBERS, 1), *many = doubles(MEMBERS, 1), *cov = doubles(MEMBERS, 9);
    struct ft_least_squares_result *r = guarded(MEMBERS * sizeof *r);
    GOOD(ft_set_num_threads(3));
    for (int jacobian = 0; jacobian < 2; jacobian++) {
        for (int k = 0; k < MEMBERS; k++)
            x[k] = many[k] = 1;
        GOOD(ft_least_squares_batch(root, NULL, jacobian, MEMBERS, 1, 1, NULL, x, cov, r));
        for (int k = 0; k < MEMBERS; k++)
            CHECK(fabs(x[k] - sqrt(k + 1)) < 1e-7 && fabs(cov[k] * 4 * (k + 1) - 1) < 1e-6);
        GOOD(ft_par_least_squares_batch(root, NULL, jacobian, MEMBERS, 1, 1, NULL, many, NULL, r));
        CHECK(memcmp(x, many, MEMBERS * sizeof *x) == 0 && r[5].rank == 1 && r[5].nfev > 1);
    }
    GOOD(ft_set_num_threads(0));
    int stop = 4;
    for (int k = 0; k < MEMBERS; k++)
        x[k] = 1.25;
    BAD(ft_least_squares_batch(root, &stop, 0, MEMBERS, 1, 1, NULL, x, cov, r), FT_STOPPED, "8");
    CHECK(fabs(x[3] - 2) < 1e-7 && x[4] == 1.25 && r[4].status == FT_NOT_RUN);
    CHECK(ft_last_callback_code() == 8);
    struct ft_least_squares_options o;
    GOOD(ft_least_squares_options_init(&o, sizeof o));
    o.max_nfev = 3;
    for (int k = 0; k < MEMBERS; k++)
        x[k] = 1;
    BAD(ft_least_squares_batch(root, NULL, 1, MEMBERS, 1, 1, &o, x, NULL, r), FT_SOME_FAILED,
        "59 of 60 members failed, the first is number 1: the maximum number");
    const double upper = 2;
    o.upper = &upper;
    for (int k = 0; k < MEMBERS; k++)
        x[k] = 1;
    x[7] = 3;
    BAD(ft_least_squares_batch(root, NULL, 1, MEMBERS, 1, 1, &o, x, NULL, r), FT_INVALID_ARGUMENT,
        "`x` is 3, expected a number within the bounds");
    CHECK(x[6] == 1);
    BAD(ft_least_squares_batch(NULL, NULL, 1, MEMBERS, 1, 1, NULL, x, NULL, r), FT_NULL_POINTER,
        "`f` is null");
    BAD(ft_least_squares_batch(root, NULL, 1, -1, 1, 1, NULL, x, NULL, r), FT_INVALID_ARGUMENT,
        "`members` is -1");
    BAD(ft_least_squares_batch(root, NULL, 1, 2, 1, 1, NULL, NULL, NULL, r), FT_NULL_POINTER,
        "`x` is null");
    BAD(ft_least_squares_batch(root, NULL, 1, 2, 1, 1, NULL, x, x, r), FT_OVERLAP, "`cov`");
    GOOD(ft_least_squares_batch(root, NULL, 1, 0, 1, 1, NULL, NULL, NULL, NULL));
}

static void refusals(void) {
    double x[] = {-1.2, 1}, fun[2] = {9, 9};
    struct ft_least_squares_options o;
    struct ft_least_squares_result r;
    BAD(ft_least_squares(NULL, NULL, 0, 2, 2, NULL, x, fun, NULL, NULL, &r), FT_NULL_POINTER,
        "`f` is null");
    BAD(ft_least_squares(rosenbrock, NULL, 0, 2, 2, NULL, NULL, fun, NULL, NULL, &r),
        FT_NULL_POINTER, "`x` is null");
    BAD(ft_least_squares(rosenbrock, NULL, 0, 2, 2, NULL, x, fun, NULL, NULL, NULL),
        FT_NULL_POINTER, "`result` is null");
    BAD(ft_least_squares(rosenbrock, NULL, 3, 2, 2, NULL, x, fun, NULL, NULL, &r),
        FT_INVALID_ARGUMENT, "`has_jacobian` is 3");
    BAD(ft_least_squares(rosenbrock, NULL, 0, 1, 2, NULL, x, fun, NULL, NULL, &r),
        FT_INVALID_ARGUMENT, "`m` is 1");
    BAD(ft_least_squares(rosenbrock, NULL, 0, -2, 2, NULL, x, fun, NULL, NULL, &r),
        FT_INVALID_ARGUMENT, "`m` is -2");
    BAD(ft_least_squares(rosenbrock, NULL, 0, 2, 0, NULL, x, fun, NULL, NULL, &r),
        FT_INVALID_ARGUMENT, "`x` has length 0");
    BAD(ft_least_squares(rosenbrock, NULL, 0, 2, 2, NULL, x, x, NULL, NULL, &r), FT_OVERLAP,
        "`x` overlaps `fun`");
    GOOD(ft_least_squares_options_init(&o, sizeof o));
    o.factor = 0;
    BAD(ft_least_squares(rosenbrock, NULL, 0, 2, 2, &o, x, fun, NULL, NULL, &r),
        FT_INVALID_ARGUMENT, "`factor` is 0");
    o.factor = 100;
    const double bound[] = {5, 5};
    o.lower = bound;
    BAD(ft_least_squares(rosenbrock, NULL, 0, 2, 2, &o, x, fun, NULL, NULL, &r),
        FT_INVALID_ARGUMENT, "`x` is -1.2, expected a number within the bounds");
    CHECK(x[0] == -1.2 && x[1] == 1 && fun[0] == 9);
}

int main(void) {
    minima();
    batches();
    refusals();
    return outcome();
}

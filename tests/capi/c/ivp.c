/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "check.h"

static int decay(void *ctx, double t, ptrdiff_t n, const double *y, double *dydt, const double *p) {
    (void)ctx, (void)t;
    for (ptrdiff_t i = 0; i < n; i++)
        dydt[i] = -p[0] * y[i];
    return 0;
}

static int decay_jacobian(void *ctx, double t, ptrdiff_t n, const double *y, double *jac,
                          const double *p) {
    (void)t, (void)y;
    ++*(int *)ctx;
    for (ptrdiff_t i = 0; i < n; i++)
        jac[i * n + i] = -p[0];
    return 0;
}

static int blow_up(void *ctx, double t, ptrdiff_t n, const double *y, double *dydt,
                   const double *p) {
    (void)ctx, (void)t, (void)n, (void)p;
    dydt[0] = y[0] * y[0];
    return 0;
}

static void one(void) {
    double *y0 = doubles(2, 1), *p = doubles(1, 0.5), *t = doubles(3, 0), *y = doubles(6, 0);
    struct ft_ivp_options *o = guarded(sizeof *o);
    struct ft_ivp_result *r = guarded(sizeof *r);
    y0[1] = 2;
    t[1] = 1;
    t[2] = 2;
    GOOD(ft_ivp_options_init(o, sizeof *o));
    CHECK(o->size == sizeof *o && o->rtol == 1e-3 && isinf(o->max_step) && !o->jacobian);
    o->rtol = 1e-10;
    o->atol = 1e-12;
    for (int method = FT_IVP_RK45; method <= FT_IVP_RADAU; method++) {
        o->method = method;
        GOOD(ft_solve_ivp(decay, NULL, 0, 2, 2, y0, 1, p, 3, t, o, y, r));
        /* The local errors of about a hundred steps add up. */
        CHECK(y[0] == 1 && y[3] == 2 && fabs(y[2] - exp(-1)) < 1e-8 &&
              fabs(y[4] - 2 * exp(-0.5)) < 1e-8);
        CHECK(r->status == FT_OK && r->t == 2 && r->nfev > 0 && r->accepted > 0);
    }
    int calls = 0;
    o->jacobian = decay_jacobian;
    GOOD(ft_solve_ivp(decay, &calls, 0, 2, 2, y0, 1, p, 3, t, o, y, r));
    CHECK(calls > 0 && r->njev > 0 && fabs(y[2] - exp(-1)) < 1e-8);
    GOOD(ft_solve_ivp(decay, NULL, 0, 2, 2, y0, 1, p, 1, NULL, NULL, y, r));
    CHECK(fabs(y[0] - exp(-1)) < 1e-3 && fabs(y[1] - 2 * exp(-1)) < 2e-3);
    GOOD(ft_solve_ivp(decay, NULL, 2, 0, 1, y0, 1, p, 1, NULL, NULL, y, r));
    CHECK(fabs(y[0] - exp(1)) < 1e-2);
    GOOD(ft_solve_ivp(decay, NULL, 0, 2, 2, y0, 1, p, 0, NULL, NULL, NULL, r));
    CHECK(r->t == 2);
}

static void early_ends(void) {
    double y0 = 1, y[2], t[] = {0.5, 2};
    struct ft_ivp_options o;
    struct ft_ivp_result r;
    BAD(ft_solve_ivp(blow_up, NULL, 0, 2, 1, &y0, 0, NULL, 2, t, NULL, y, &r), FT_STEP_TOO_SMALL,
        "spacing of numbers");
    CHECK(r.status == FT_STEP_TOO_SMALL && r.t < 1.1 && fabs(y[0] - 2) < 0.1 && isnan(y[1]));
    GOOD(ft_ivp_options_init(&o, sizeof o));
    o.max_steps = 2;
    CHECK(ft_solve_ivp(blow_up, NULL, 0, 0.9, 1, &y0, 0, NULL, 1, NULL, &o, y, &r) == FT_MAX_STEPS);
    y0 = NAN;
    CHECK(ft_solve_ivp(blow_up, NULL, 0, 0.9, 1, &y0, 0, NULL, 1, NULL, NULL, y, &r) ==
          FT_STATE_NOT_FINITE);
}

static void ensembles(void) {
    enum { M = 37, N = 2, T = 2 };
    double *y0 = doubles(N, 1), *p = doubles(M, 0), t[T] = {0.5, 1};
    double *one = doubles(M * N * T, 0), *many = doubles(M * N * T, 0);
    struct ft_ivp_result *r = guarded(M * sizeof *r);
    for (int k = 0; k < M; k++)
        p[k] = 0.1 * k;
    GOOD(ft_solve_ivp_batch(decay, NULL, 0, 1, M, N, y0, 0, 1, p, 1, T, t, NULL, one, r));
    for (int k = 0; k < M; k++) {
        double alone[N * T];
        struct ft_ivp_result found;
        GOOD(ft_solve_ivp(decay, NULL, 0, 1, N, y0, 1, p + k, T, t, NULL, alone, &found));
        CHECK(memcmp(alone, one + k * N * T, sizeof alone) == 0 && r[k].nfev == found.nfev);
        CHECK(fabs(alone[1] - exp(-p[k])) < 1e-2);
    }
    GOOD(ft_set_num_threads(4));
    GOOD(ft_par_solve_ivp_batch(decay, NULL, 0, 1, M, N, y0, 0, 1, p, 1, T, t, NULL, many, r));
    CHECK(memcmp(one, many, M * N * T * sizeof *one) == 0);
    GOOD(ft_set_num_threads(0));
    double starts[] = {1, NAN, 0.5}, ends[3];
    BAD(ft_solve_ivp_batch(blow_up, NULL, 0, 0.5, 3, 1, starts, 1, 0, NULL, 0, 1, NULL, NULL, ends,
                           r),
        FT_SOME_FAILED, "1 of 3 members failed, the first is number 1");
    CHECK(r[0].status == FT_OK && r[1].status == FT_STATE_NOT_FINITE && isnan(ends[1]));
    GOOD(ft_solve_ivp_batch(decay, NULL, 0, 1, 0, 2, NULL, 2, 1, NULL, 1, 1, NULL, NULL, NULL,
                            NULL));
}

static void refusals(void) {
    double y0[2] = {1, 1}, p = 1, t[2] = {0.5, 1}, y[4] = {9, 9, 9, 9};
    struct ft_ivp_options o;
    struct ft_ivp_result r;
    BAD(ft_solve_ivp(NULL, NULL, 0, 1, 2, y0, 1, &p, 2, t, NULL, y, &r), FT_NULL_POINTER, "`f`");
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, NULL, 1, &p, 2, t, NULL, y, &r), FT_NULL_POINTER,
        "`y0` is null");
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, y0, 1, NULL, 2, t, NULL, y, &r), FT_NULL_POINTER,
        "`p` is null");
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, y0, 1, &p, 2, NULL, NULL, y, &r), FT_NULL_POINTER,
        "`t_eval` is null");
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, y0, 1, &p, 2, t, NULL, NULL, &r), FT_NULL_POINTER,
        "`y` is null");
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, y0, 1, &p, 2, t, NULL, y, NULL), FT_NULL_POINTER,
        "`results` is null");
    BAD(ft_solve_ivp(decay, NULL, 0, 1, -2, y0, 1, &p, 2, t, NULL, y, &r), FT_INVALID_ARGUMENT,
        "`n` is -2");
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, y0, -1, &p, 2, t, NULL, y, &r), FT_INVALID_ARGUMENT,
        "`npar` is -1");
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, y0, 1, &p, -2, t, NULL, y, &r), FT_INVALID_ARGUMENT,
        "`nt` is -2");
    BAD(ft_solve_ivp(decay, NULL, 0, NAN, 2, y0, 1, &p, 2, t, NULL, y, &r), FT_INVALID_ARGUMENT,
        "`t1` is NaN, expected a finite time");
    BAD(ft_solve_ivp(decay, NULL, 0, 0.7, 2, y0, 1, &p, 2, t, NULL, y, &r), FT_INVALID_ARGUMENT,
        "t_eval");
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, y0, 1, &p, 1, NULL, NULL, y0, &r), FT_OVERLAP,
        "`y` overlaps `y0`");
    GOOD(ft_ivp_options_init(&o, sizeof o));
    o.method = 3;
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, y0, 1, &p, 2, t, &o, y, &r), FT_INVALID_ARGUMENT,
        "`options.method` is 3");
    o.method = FT_IVP_RADAU;
    o.banded = 1;
    o.lower = 2;
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, y0, 1, &p, 2, t, &o, y, &r), FT_INVALID_ARGUMENT,
        "`options.lower` or `options.upper` is 2");
    o.lower = -1;
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, y0, 1, &p, 2, t, &o, y, &r), FT_INVALID_ARGUMENT,
        "`options.lower` is -1");
    o.lower = 0;
    o.rtol = -1;
    BAD(ft_solve_ivp(decay, NULL, 0, 1, 2, y0, 1, &p, 2, t, &o, y, &r), FT_INVALID_ARGUMENT,
        "`rtol` is -1");
    for (int i = 0; i < 4; i++)
        CHECK(y[i] == 9);
}

int main(void) {
    one();
    early_ends();
    ensembles();
    refusals();
    return outcome();
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Callbacks that stop, that call the library, and that are left. */
#include "check.h"

#include <setjmp.h>

static int stop_at(void *ctx, double x, double *y) {
    *y = x;
    return x > 0.5 ? *(int *)ctx : 0;
}

static int stop_member(void *ctx, ptrdiff_t member, double x, double *y) {
    *y = x;
    return member == *(int *)ctx ? 77 : 0;
}

static int stop_rhs(void *ctx, double t, ptrdiff_t n, const double *y, double *dydt,
                    const double *p) {
    (void)ctx, (void)n, (void)p;
    dydt[0] = y[0];
    return t > 0.5 ? -3 : 0;
}

static int stop_model(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, const double *p,
                      double *y, double *jac) {
    (void)ctx, (void)m, (void)n, (void)x, (void)p, (void)y, (void)jac;
    return 5;
}

static int stop_residuals(void *ctx, ptrdiff_t m, ptrdiff_t n, const double *x, double *r,
                          double *jac) {
    (void)ctx, (void)m, (void)n, (void)x, (void)r, (void)jac;
    return 6;
}

static void stops(void) {
    int code = 42, member = 3;
    struct ft_quad_result q, many[50];
    BAD(ft_quad(stop_at, &code, 0, 1, NULL, &q), FT_STOPPED, "the callback returned 42");
    CHECK(ft_last_callback_code() == 42 && isnan(q.value) && q.status == FT_STOPPED);
    code = 0;
    GOOD(ft_quad(stop_at, &code, 0, 1, NULL, &q));
    CHECK(ft_last_callback_code() == 0);
    double a = 0, b = 1;
    BAD(ft_quad_batch(stop_member, &member, 50, &a, 0, &b, 0, NULL, many), FT_STOPPED, "77");
    CHECK(many[2].status == FT_OK && many[3].status == FT_NOT_RUN && isnan(many[49].value));
    GOOD(ft_set_num_threads(3));
    BAD(ft_par_quad_batch(stop_member, &member, 50, &a, 0, &b, 0, NULL, many), FT_STOPPED, "77");
    CHECK(ft_last_callback_code() == 77 && many[3].status == FT_NOT_RUN);

    double y[2], y0 = 1;
    struct ft_ivp_result r[2];
    BAD(ft_solve_ivp(stop_rhs, NULL, 0, 1, 1, &y0, 0, NULL, 1, NULL, NULL, y, r), FT_STOPPED, "-3");
    CHECK(ft_last_callback_code() == -3 && isnan(y[0]) && r[0].status == FT_STOPPED);
    BAD(ft_par_solve_ivp_batch(stop_rhs, NULL, 0, 1, 2, 1, &y0, 0, 0, NULL, 0, 1, NULL, NULL, y, r),
        FT_STOPPED, "-3");
    CHECK(isnan(y[1]) && r[1].status == FT_NOT_RUN);

    double x[] = {1, 2, 3}, p[1], p0 = 1;
    struct ft_fit_result f;
    BAD(ft_fit_model_batch(stop_model, NULL, 0, 1, 1, 3, x, 0, x, 0, 1, &p0, 0, NULL, p, NULL, &f),
        FT_STOPPED, "5");
    CHECK(isnan(p[0]) && f.status == FT_NOT_RUN);
    struct ft_least_squares_result l;
    BAD(ft_least_squares(stop_residuals, NULL, 0, 1, 1, NULL, &p0, NULL, NULL, NULL, &l),
        FT_STOPPED, "6");
    CHECK(p0 == 1 && l.status == FT_STOPPED && ft_last_callback_code() == 6);
    GOOD(ft_set_num_threads(0));
}

/* The inner integral of x y over y from 0 to 1. */
static int inner(void *ctx, double y, double *z) {
    *z = *(const double *)ctx * y;
    return 0;
}

static int outer(void *ctx, double x, double *z) {
    struct ft_quad_result r;
    int status = ft_quad(inner, &x, 0, 1, NULL, &r);
    *z = r.value;
    if (ctx)
        (void)ft_erf(-1, NULL, 1, NULL, 1);
    return status;
}

static void calls_from_callbacks(void) {
    struct ft_quad_result r;
    GOOD(ft_quad(outer, NULL, 0, 1, NULL, &r));
    CHECK(near_to(r.value, 0.25, 8));
    GOOD(ft_quad(outer, &r, 0, 1, NULL, &r)); /* the failure inside leaves no message */
}

static jmp_buf environment;

static int leave(void *ctx, double x, double *y) {
    (void)ctx, (void)x, (void)y;
    longjmp(environment, 1);
}

/* Calls from a deeper frame than that of the callback, after other frames have been there. */
static int __attribute__((noinline)) deep(int depth) {
    volatile char room[4096];
    memset((char *)room, depth, sizeof room);
    if (depth > 0)
        return deep(depth - 1) + (room[1] - room[0]);
    return ft_check_header();
}

static int jump_then(int (*call)(int), int argument) {
    struct ft_quad_result r;
    if (setjmp(environment) == 0)
        (void)ft_quad(leave, NULL, 0, 1, NULL, &r);
    return call(argument);
}

static int shallow(int unused) {
    (void)unused;
    return ft_check_header();
}

static int outer_of_left(void *ctx, double x, double *y) {
    *y = x;
    *(int *)ctx = jump_then(shallow, 0);
    return 0;
}

static void left_callbacks(void) {
    BAD(jump_then(shallow, 0), FT_CALLBACK_LEFT, "left by longjmp");
    GOOD(ft_check_header());
    BAD(jump_then(deep, 20), FT_CALLBACK_LEFT, "left by longjmp");
    GOOD(ft_check_header());
    int inside = 0;
    struct ft_quad_result r;
    GOOD(ft_quad(outer_of_left, &inside, 0, 1, NULL, &r));
    CHECK(inside == FT_CALLBACK_LEFT && near_to(r.value, 0.5, 8));
    GOOD(ft_quad(outer, NULL, 0, 1, NULL, &r));
    CHECK(near_to(r.value, 0.25, 8));
}

int main(void) {
    stops();
    calls_from_callbacks();
    left_callbacks();
    return outcome();
}

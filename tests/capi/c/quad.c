/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "check.h"

static const double root_pi = 1.7724538509055160273;

static int gauss(void *ctx, double x, double *y) {
    *y = exp(-x * x);
    if (ctx)
        ++*(ptrdiff_t *)ctx;
    return 0;
}

static int squares(void *ctx, ptrdiff_t n, const double *x, double *y) {
    (void)ctx;
    for (ptrdiff_t i = 0; i < n; i++)
        y[i] = x[i] * x[i];
    return 0;
}

static int nothing(void *ctx, ptrdiff_t n, const double *x, double *y) {
    (void)ctx, (void)n, (void)x, (void)y;
    return 0;
}

static int power(void *ctx, ptrdiff_t member, double x, double *y) {
    *y = pow(x, ((const double *)ctx)[member]);
    return 0;
}

static int powers(void *ctx, ptrdiff_t member, ptrdiff_t n, const double *x, double *y) {
    for (ptrdiff_t i = 0; i < n; i++)
        y[i] = pow(x[i], ((const double *)ctx)[member]);
    return 0;
}

static int inverse(void *ctx, double x, double *y) {
    (void)ctx;
    *y = 1 / x;
    return 0;
}

static void one(void) {
    struct ft_quad_result *r = guarded(sizeof *r);
    ptrdiff_t calls = 0;
    GOOD(ft_quad(gauss, &calls, -INFINITY, INFINITY, NULL, r));
    CHECK(fabs(r->value - root_pi) <= r->abs_error && r->abs_error < 1e-7);
    CHECK(r->evaluations == calls && r->subintervals >= 1 && r->status == FT_OK);
    GOOD(ft_quad_nodes(squares, NULL, 3, 0, NULL, r));
    CHECK(near_to(r->value, -9, 4) && r->evaluations == 21);
    GOOD(ft_quad_nodes(nothing, NULL, 0, 1, NULL, r));
    CHECK(isnan(r->value));
    int status = ft_quad(inverse, NULL, 0, 1, NULL, r);
    CHECK(status == r->status && strstr(ft_last_error_message(), ft_status_message(status)));
    CHECK(r->status != FT_OK && r->evaluations > 21);
}

static void options(void) {
    struct ft_quad_options *o = guarded(sizeof *o);
    struct ft_quad_result r;
    const double points[] = {0.25, 0.5};
    GOOD(ft_quad_options_init(o, sizeof *o));
    CHECK(o->size == sizeof *o && o->limit == 50 && o->epsabs == 1.49e-8 && !o->points);
    o->points = points;
    o->npoints = 2;
    GOOD(ft_quad_nodes(squares, NULL, 0, 3, o, &r));
    CHECK(r.subintervals == 3 && near_to(r.value, 9, 8));
    o->npoints = -1;
    BAD(ft_quad(gauss, NULL, 0, 1, o, &r), FT_INVALID_ARGUMENT, "`options.npoints` is -1");
    o->npoints = 2;
    BAD(ft_quad(gauss, NULL, 0.3, 1, o, &r), FT_INVALID_ARGUMENT, "`points` is 0.25");
    BAD(ft_quad(gauss, NULL, 0, INFINITY, o, &r), FT_INVALID_ARGUMENT, "infinite range");
    o->points = NULL;
    BAD(ft_quad(gauss, NULL, 0, 1, o, &r), FT_NULL_POINTER, "`options.points` is null");
    o->npoints = 0;
    o->limit = 0;
    BAD(ft_quad(gauss, NULL, 0, 1, o, &r), FT_INVALID_ARGUMENT, "`limit` is 0");
    o->limit = PTRDIFF_MAX;
    BAD(ft_quad(gauss, NULL, 0, 1, o, &r), FT_INVALID_ARGUMENT, "`limit`");
    o->limit = -1;
    BAD(ft_quad(gauss, NULL, 0, 1, o, &r), FT_INVALID_ARGUMENT, "`options.limit` is -1");
    o->limit = 1;
    CHECK(ft_quad(inverse, NULL, 1e-9, 1, o, &r) == FT_MAX_SUBDIVISIONS);
    CHECK(r.status == FT_MAX_SUBDIVISIONS && r.evaluations == 21);
    o->epsabs = NAN;
    BAD(ft_quad(gauss, NULL, 0, 1, o, &r), FT_INVALID_ARGUMENT, "`epsabs` is NaN");
    o->epsabs = o->epsrel = 0;
    BAD(ft_quad(gauss, NULL, 0, 1, o, &r), FT_INVALID_ARGUMENT, "`epsrel` is 0");
}

static void batches(void) {
    enum { N = 200 };
    double *a = doubles(1, 0), *b = doubles(N, 1), *p = doubles(N, 0);
    struct ft_quad_result *one = guarded(N * sizeof *one), *many = guarded(N * sizeof *many);
    for (int i = 0; i < N; i++)
        p[i] = 1 + 0.1 * i;
    GOOD(ft_quad_batch(power, p, N, a, 0, b, 1, NULL, one));
    for (int i = 0; i < N; i++)
        CHECK(fabs(one[i].value - 1 / (p[i] + 1)) <= one[i].abs_error && one[i].abs_error < 2e-8);
    GOOD(ft_set_num_threads(3));
    GOOD(ft_par_quad_batch(power, p, N, a, 0, b, 1, NULL, many));
    for (int i = 0; i < N; i++)
        CHECK(many[i].value == one[i].value && many[i].evaluations == one[i].evaluations);
    GOOD(ft_par_quad_batch_nodes(powers, p, N, a, 0, b, 1, NULL, many));
    for (int i = 0; i < N; i++)
        CHECK(many[i].value == one[i].value);
    GOOD(ft_quad_batch_nodes(powers, p, N, a, 0, b + N - 1, -1, NULL, many));
    CHECK(many[0].value == one[0].value);
    GOOD(ft_set_num_threads(0));
    p[5] = -2; /* divergent at 0 */
    BAD(ft_quad_batch(power, p, N, a, 0, b, 1, NULL, many), FT_SOME_FAILED,
        "1 of 200 members failed, the first is number 5");
    CHECK(many[5].status != FT_OK && many[6].value == one[6].value);
    GOOD(ft_quad_batch(power, p, 0, NULL, 0, NULL, 0, NULL, NULL));
}

static void refusals(void) {
    double a[4] = {0}, b[4] = {1, 1, 1, 1}, p[4] = {1, 1, 1, 1};
    struct ft_quad_result r[4];
    memset(r, 0, sizeof r);
    BAD(ft_quad(NULL, NULL, 0, 1, NULL, r), FT_NULL_POINTER, "ft_quad: `f` is null");
    BAD(ft_quad(gauss, NULL, 0, 1, NULL, NULL), FT_NULL_POINTER, "`result` is null");
    BAD(ft_quad_nodes(NULL, NULL, 0, 1, NULL, r), FT_NULL_POINTER, "`f` is null");
    BAD(ft_quad_batch(NULL, p, 4, a, 1, b, 1, NULL, r), FT_NULL_POINTER, "`f` is null");
    BAD(ft_quad_batch(power, p, 4, NULL, 1, b, 1, NULL, r), FT_NULL_POINTER, "`a` is null");
    BAD(ft_quad_batch(power, p, 4, a, 1, NULL, 1, NULL, r), FT_NULL_POINTER, "`b` is null");
    BAD(ft_quad_batch(power, p, 4, a, 1, b, 1, NULL, NULL), FT_NULL_POINTER, "`results` is null");
    BAD(ft_quad_batch(power, p, -4, a, 1, b, 1, NULL, r), FT_INVALID_ARGUMENT, "`batch` is -4");
    BAD(ft_par_quad_batch(power, p, 4, &r->value, 1, b, 1, NULL, r), FT_OVERLAP, "`results`");
    struct ft_quad_options o;
    GOOD(ft_quad_options_init(&o, sizeof o));
    const double point = 0.5;
    o.points = &point;
    o.npoints = 1;
    b[2] = 0.25;
    BAD(ft_quad_batch(power, p, 4, a, 1, b, 1, &o, r), FT_INVALID_ARGUMENT, "`points` is 0.5");
    CHECK(r[0].evaluations == 0 && r[0].status == 0); /* as they were */
}

int main(void) {
    one();
    options();
    batches();
    refusals();
    return outcome();
}

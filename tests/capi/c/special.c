/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "check.h"

typedef int (*doubles_function)(ptrdiff_t, const double *, ptrdiff_t, double *, ptrdiff_t);
typedef int (*floats_function)(ptrdiff_t, const float *, ptrdiff_t, float *, ptrdiff_t);

/* Values at 1.5: mpmath, 20 digits. */
static const struct {
    doubles_function f;
    floats_function single;
    double value;
} functions[] = {
    {ft_erf, ft_erff, 0.96610514647531072707},
    {ft_erfc, ft_erfcf, 0.033894853524689272933},
    {ft_erfcx, ft_erfcxf, 0.32158541645431748959},
    {ft_gamma, ft_gammaf, 0.88622692545275801365},
    {ft_gammaln, ft_gammalnf, -0.12078223763524522235},
    {ft_j0, ft_j0f, 0.51182767173591812875},
    {ft_j1, ft_j1f, 0.55793650791009964199},
    {ft_y0, ft_y0f, 0.38244892379775884396},
    {ft_y1, ft_y1f, -0.41230862697391129595},
};
enum { COUNT = sizeof functions / sizeof *functions };

static void values(void) {
    for (int k = 0; k < COUNT; k++) {
        double *x = doubles(3, 1.5), *y = doubles(3, 0);
        float *xs = guarded(sizeof(float)), *ys = guarded(sizeof(float));
        GOOD(functions[k].f(3, x, 1, y, 1));
        /* The largest error of any of them is 3.3 units of the last place. */
        CHECK(near_to(y[0], functions[k].value, 3.5) && y[1] == y[0] && y[2] == y[0]);
        *xs = 1.5F;
        GOOD(functions[k].single(1, xs, 1, ys, 1));
        CHECK(fabs((double)*ys - functions[k].value) <= 6e-8 * fabs(functions[k].value));
        CHECK(functions[k].f(1, NULL, 1, y, 1) == FT_NULL_POINTER);
        CHECK(functions[k].single(-1, xs, 1, ys, 1) == FT_INVALID_ARGUMENT);
    }
}

static void strides(void) {
    double x[] = {0, 9, 1, 9, 2}, y[] = {7, 7, 7, 7, 7, 7};
    GOOD(ft_erf(3, x + 4, -2, y + 1, 2));
    CHECK(y[0] == 7 && y[2] == 7 && y[4] == 7);
    CHECK(y[5] == 0 && near_to(y[3], erf(1), 2) && near_to(y[1], erf(2), 2));
    GOOD(ft_erf(3, x + 2, 0, y + 5, -1));
    CHECK(y[5] == y[3] && y[4] == y[3] && near_to(y[3], erf(1), 2));
    /* Real and imaginary parts of complex numbers interleave. */
    double z[] = {1, 0, 2, 0};
    GOOD(ft_erf(2, z, 2, z + 1, 2));
    CHECK(z[0] == 1 && z[2] == 2 && near_to(z[3], erf(2), 2));
}

static void in_place(void) {
    double x[] = {0, 1, 2}, *large = doubles(600000, 0.5);
    GOOD(ft_erf(3, x, 1, x, 1));
    CHECK(x[0] == 0 && near_to(x[2], erf(2), 2));
    GOOD(ft_erf(600000, large, 1, large, 1));
    int same = 1;
    for (int i = 0; i < 600000; i++)
        same = same && large[i] == large[0];
    CHECK(same && near_to(large[0], erf(0.5), 2));
    double v[] = {0, 1, 2};
    GOOD(ft_erf(3, v + 2, -1, v + 2, -1));
    CHECK(v[0] == 0 && near_to(v[2], erf(2), 2));
}

static void refusals(void) {
    double x[8] = {0}, y[8] = {0};
    GOOD(ft_erf(0, NULL, 1, NULL, 1));
    BAD(ft_erf(3, NULL, 1, y, 1), FT_NULL_POINTER, "ft_erf: `x` is null");
    BAD(ft_erf(3, x, 1, NULL, 1), FT_NULL_POINTER, "`y` is null");
    BAD(ft_erf(-3, x, 1, y, 1), FT_INVALID_ARGUMENT, "`n` is -3, expected zero or more");
    BAD(ft_erf(3, x, 1, y, 0), FT_INVALID_ARGUMENT, "stride of y");
    BAD(ft_erf(3, x, 1, x + 1, 1), FT_OVERLAP, "`y` overlaps `x`");
    BAD(ft_erf(3, x, 1, x, 2), FT_OVERLAP, "`y` overlaps `x`");
    BAD(ft_erf(3, x, -1, x, 1), FT_OVERLAP, "`y` overlaps `x`");
    BAD(ft_erf(PTRDIFF_MAX, x, 1, y, 1), FT_INVALID_ARGUMENT, "`x` is too large");
    BAD(ft_erf(2, x, PTRDIFF_MAX, y, 1), FT_INVALID_ARGUMENT, "`x` is too large");
    BAD(ft_erf(2, x, PTRDIFF_MIN, y, 1), FT_INVALID_ARGUMENT, "`x` is too large");
    BAD(ft_erf(1, (double *)((char *)x + 1), 1, y, 1), FT_INVALID_ARGUMENT, "a multiple of 8");
    for (int i = 0; i < 8; i++)
        CHECK(y[i] == 0);
}

static void threads_give_the_same_bits(void) {
    enum { N = 100003 };
    double *x = doubles(N, 0), *one = doubles(N, 0), *many = doubles(N, 0);
    for (int i = 0; i < N; i++)
        x[i] = 1e-4 * i;
    GOOD(ft_set_num_threads(1));
    GOOD(ft_gamma(N, x, 1, one, 1));
    GOOD(ft_set_num_threads(4));
    GOOD(ft_gamma(N, x, 1, many, 1));
    CHECK(memcmp(one, many, N * sizeof *one) == 0);
    GOOD(ft_set_num_threads(0));
}

int main(void) {
    values();
    strides();
    in_place();
    refusals();
    threads_give_the_same_bits();
    return outcome();
}

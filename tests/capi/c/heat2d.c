/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "check.h"

enum { ROWS = 6, COLUMNS = 9, CELLS = ROWS * COLUMNS };

static double sum(const double *u) {
    double total = 0;
    for (int i = 0; i < CELLS; i++)
        total += u[i];
    return total;
}

static void steps(void) {
    double *u = doubles(CELLS, 0), *v = doubles(CELLS, 0), *cells = doubles(CELLS, 1);
    double *wide = doubles(ROWS * 20, 5);
    struct ft_heat2d_options *o = guarded(sizeof *o);
    u[3 * COLUMNS + 4] = 1;
    GOOD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, NULL, 0, 0.1, 1, NULL, v, COLUMNS));
    /* One step: the cell loses four parts of 0.1 and its neighbours get one each. */
    CHECK(near_to(v[3 * COLUMNS + 4], 0.6, 2) && near_to(v[2 * COLUMNS + 4], 0.1, 2) &&
          near_to(v[3 * COLUMNS + 5], 0.1, 2));
    GOOD(ft_heat2d_options_init(o, sizeof *o));
    CHECK(o->size == sizeof *o && o->diffusivity == 1 && o->dx == 1 && o->dy == 1);
    o->edges = FT_EDGES_NEUMANN;
    GOOD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, NULL, 0, 0.2, 40, o, v, COLUMNS));
    CHECK(near_to(sum(v), 1, 1000) && v[0] > 0);
    GOOD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, cells, COLUMNS, 0.2, 40, o, wide, 20));
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < 20; j++)
            CHECK(j < COLUMNS ? near_to(wide[20 * i + j], v[COLUMNS * i + j], 200)
                              : wide[20 * i + j] == 5 || i == ROWS - 1);
    GOOD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, NULL, 0, 0.2, 40, o, u, COLUMNS));
    CHECK(memcmp(u, v, CELLS * sizeof *u) == 0);
    float us[9] = {0, 0, 0, 0, 1, 0, 0, 0, 0}, vs[9];
    GOOD(ft_heat2df(3, 3, us, 3, NULL, 0, 0.1, 1, NULL, vs, 3));
    CHECK(fabsf(vs[4] - 0.6F) < 1e-6F);
    GOOD(ft_heat2d(0, 5, NULL, 5, NULL, 0, 0.1, 1, NULL, NULL, 5));
}

static void threads_give_the_same_bits(void) {
    enum { N = 256 };
    double *u = doubles(N * N, 0), *one = doubles(N * N, 0), *many = doubles(N * N, 0);
    for (int i = 0; i < N * N; i++)
        u[i] = i % 17;
    GOOD(ft_set_num_threads(1));
    GOOD(ft_heat2d(N, N, u, N, NULL, 0, 0.2, 50, NULL, one, N));
    GOOD(ft_set_num_threads(3));
    GOOD(ft_heat2d(N, N, u, N, NULL, 0, 0.2, 50, NULL, many, N));
    CHECK(memcmp(one, many, N * N * sizeof *one) == 0);
    GOOD(ft_set_num_threads(0));
}

static void largest(void) {
    double dt = 0, *cells = doubles(CELLS, 0.5);
    GOOD(ft_heat2d_largest_dt(ROWS, COLUMNS, NULL, 0, NULL, &dt));
    CHECK(near_to(dt, 0.25, 4));
    GOOD(ft_heat2d_largest_dt(ROWS, COLUMNS, cells, COLUMNS, NULL, &dt));
    CHECK(near_to(dt, 0.5, 4));
    BAD(ft_heat2d_largest_dt(ROWS, COLUMNS, NULL, 0, NULL, NULL), FT_NULL_POINTER, "`dt` is null");
}

static void refusals(void) {
    double u[CELLS] = {0}, v[2 * CELLS];
    struct ft_heat2d_options o;
    for (int i = 0; i < 2 * CELLS; i++)
        v[i] = 9;
    BAD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, NULL, 0, 0.3, 1, NULL, v, COLUMNS), FT_UNSTABLE,
        "`dt` is 0.3, expected at most 0.25");
    BAD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, NULL, 0, NAN, 1, NULL, v, COLUMNS),
        FT_INVALID_ARGUMENT, "`dt` is NaN");
    BAD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, NULL, 0, 0.1, -1, NULL, v, COLUMNS),
        FT_INVALID_ARGUMENT, "`steps` is -1");
    BAD(ft_heat2d(-1, COLUMNS, u, COLUMNS, NULL, 0, 0.1, 1, NULL, v, COLUMNS), FT_INVALID_ARGUMENT,
        "`rows` is -1");
    BAD(ft_heat2d(ROWS, -1, u, COLUMNS, NULL, 0, 0.1, 1, NULL, v, COLUMNS), FT_INVALID_ARGUMENT,
        "`columns` is -1");
    BAD(ft_heat2d(ROWS, COLUMNS, NULL, COLUMNS, NULL, 0, 0.1, 1, NULL, v, COLUMNS), FT_NULL_POINTER,
        "`u` is null");
    BAD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, NULL, 0, 0.1, 1, NULL, NULL, COLUMNS), FT_NULL_POINTER,
        "`out` is null");
    BAD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, NULL, 0, 0.1, 1, NULL, v, COLUMNS - 1),
        FT_INVALID_ARGUMENT, "stride of out");
    BAD(ft_heat2d(ROWS, COLUMNS, v, COLUMNS, NULL, 0, 0.1, 1, NULL, v + 1, COLUMNS), FT_OVERLAP,
        "`out` overlaps `u`");
    BAD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, v, COLUMNS, 0.1, 1, NULL, v, COLUMNS), FT_OVERLAP,
        "`out` overlaps `cells`");
    GOOD(ft_heat2d_options_init(&o, sizeof o));
    o.edges = 3;
    BAD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, NULL, 0, 0.1, 1, &o, v, COLUMNS), FT_INVALID_ARGUMENT,
        "`options.edges` is 3, expected 0 to 2");
    o.edges = 0;
    o.mean = -1;
    BAD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, NULL, 0, 0.1, 1, &o, v, COLUMNS), FT_INVALID_ARGUMENT,
        "`options.mean` is -1");
    o.mean = 0;
    o.dx = 0;
    BAD(ft_heat2d(ROWS, COLUMNS, u, COLUMNS, NULL, 0, 0.1, 1, &o, v, COLUMNS), FT_INVALID_ARGUMENT,
        "`dx` is 0");
    for (int i = 0; i < 2 * CELLS; i++)
        CHECK(v[i] == 9);
}

int main(void) {
    steps();
    threads_give_the_same_bits();
    largest();
    refusals();
    return outcome();
}

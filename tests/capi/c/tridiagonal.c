/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "check.h"

enum { N = 5, BATCH = 7 };

/* Fills a batch of systems whose solution has the elements 1, 2, ... in each row. */
static void systems(double *dl, double *d, double *du, double *b) {
    for (int s = 0; s < BATCH; s++) {
        for (int i = 0; i < N; i++) {
            double low = i > 0 ? 1.0 : 0.0, high = i < N - 1 ? 2.0 : 0.0;
            if (i > 0)
                dl[s * (N - 1) + i - 1] = low;
            if (i < N - 1)
                du[s * (N - 1) + i] = high;
            d[s * N + i] = 8 + s;
            b[s * N + i] = low * i + (8 + s) * (i + 1) + high * (i + 2);
        }
    }
}

static int solved(const double *x, ptrdiff_t row, ptrdiff_t step) {
    for (int s = 0; s < BATCH; s++)
        for (int i = 0; i < N; i++)
            /* Dominant matrices: the error is below 8 N units of the last place. */
            if (!near_to(x[s * row + i * step], i + 1, 8 * N))
                return 0;
    return 1;
}

static void batches(void) {
    double *dl = doubles(BATCH * (N - 1), 0), *d = doubles(BATCH * N, 0);
    double *du = doubles(BATCH * (N - 1), 0), *b = doubles(BATCH * N, 0);
    double *x = doubles(BATCH * N, 0);
    ptrdiff_t *info = guarded(BATCH * sizeof *info);
    systems(dl, d, du, b);
    for (int pivoting = 0; pivoting < 2; pivoting++) {
        memset(x, 0, BATCH * N * sizeof *x);
        GOOD(ft_solve_tridiagonal_batch(BATCH, N, dl, d, du, b, pivoting, x, NULL, info));
        CHECK(solved(x, N, 1) && info[0] == 0 && info[BATCH - 1] == 0);
    }
    /* One row of off-diagonals for all, and a solution whose systems are columns. */
    const ptrdiff_t strides[] = {0, 1, N, 1, 0, 1, N, 1, 1, BATCH};
    GOOD(ft_solve_tridiagonal_batch(BATCH, N, dl, d, du, b, 0, x, strides, NULL));
    CHECK(solved(x, 1, BATCH));
    memset(x, 0, BATCH * N * sizeof *x);
    GOOD(ft_solve_tridiagonal(N, dl, d, du, b, FT_PIVOTING_PARTIAL, x, info));
    CHECK(near_to(x[N - 1], N, 8 * N) && x[N] == 0 && *info == 0);
    GOOD(ft_solve_tridiagonal_batch(0, N, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL));
    GOOD(ft_solve_tridiagonal(0, NULL, NULL, NULL, NULL, 0, NULL, info));
    GOOD(ft_solve_tridiagonal(1, NULL, d, NULL, b, 0, x, NULL));
    CHECK(x[0] == b[0] / d[0]);
}

static void single_precision(void) {
    float off[] = {1, 1}, d[] = {2, 2, 2, 2, 2, 2}, b[] = {3, 4, 3, 3, 4, 3}, x[6];
    const ptrdiff_t strides[] = {0, 1, 3, 1, 0, 1, 3, 1, 3, 1};
    GOOD(ft_solve_tridiagonalf(3, off, d, off, b, 0, x, NULL));
    CHECK(fabsf(x[0] - 1) < 1e-6F && fabsf(x[2] - 1) < 1e-6F);
    GOOD(ft_solve_tridiagonal_batchf(2, 3, off, d, off, b, 1, x, strides, NULL));
    CHECK(fabsf(x[3] - 1) < 1e-6F && fabsf(x[5] - 1) < 1e-6F);
}

static void singular_systems(void) {
    double off[] = {0, 0}, d[] = {1, 1, 0, 1}, b[] = {1, 1, 1, 1}, x[4] = {9, 9, 9, 9};
    ptrdiff_t info[2] = {-1, -1};
    BAD(ft_solve_tridiagonal_batch(2, 2, off, d, off, b, 1, x, NULL, info), FT_SINGULAR,
        "1 of 2 systems are singular, the first is number 1, whose pivot of row 0 is zero");
    CHECK(x[0] == 1 && x[1] == 1 && isnan(x[2]) && isnan(x[3]));
    CHECK(info[0] == 0 && info[1] == 1);
    BAD(ft_solve_tridiagonal(2, off, d + 2, off, b, 1, x, NULL), FT_SINGULAR, "singular");
}

static void refusals(void) {
    double off[12] = {0}, d[12] = {1, 1, 1, 1, 1, 1}, b[12] = {0}, x[12];
    for (int i = 0; i < 12; i++)
        x[i] = 9;
    BAD(ft_solve_tridiagonal(3, NULL, d, off, b, 0, x, NULL), FT_NULL_POINTER, "`dl` is null");
    BAD(ft_solve_tridiagonal(3, off, NULL, off, b, 0, x, NULL), FT_NULL_POINTER, "`d` is null");
    BAD(ft_solve_tridiagonal(3, off, d, NULL, b, 0, x, NULL), FT_NULL_POINTER, "`du` is null");
    BAD(ft_solve_tridiagonal(3, off, d, off, NULL, 0, x, NULL), FT_NULL_POINTER, "`b` is null");
    BAD(ft_solve_tridiagonal(3, off, d, off, b, 0, NULL, NULL), FT_NULL_POINTER, "`x` is null");
    BAD(ft_solve_tridiagonal(-1, off, d, off, b, 0, x, NULL), FT_INVALID_ARGUMENT, "`n` is -1");
    BAD(ft_solve_tridiagonal(3, off, d, off, b, 2, x, NULL), FT_INVALID_ARGUMENT,
        "`pivoting` is 2, expected 0 to 1");
    BAD(ft_solve_tridiagonal(3, off, d, off, b, -1, x, NULL), FT_INVALID_ARGUMENT, "`pivoting`");
    BAD(ft_solve_tridiagonal(3, off, d, off, b, 0, b, NULL), FT_OVERLAP, "`x` overlaps `b`");
    BAD(ft_solve_tridiagonal(3, off, d, off, b, 0, d + 2, NULL), FT_OVERLAP, "`x` overlaps `d`");
    BAD(ft_solve_tridiagonal_batch(-2, 3, off, d, off, b, 0, x, NULL, NULL), FT_INVALID_ARGUMENT,
        "`batch` is -2");
    ptrdiff_t same_row[] = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
    BAD(ft_solve_tridiagonal_batch(2, 3, off, d, off, b, 0, x, same_row, NULL), FT_INVALID_ARGUMENT,
        "stride of x");
    ptrdiff_t rows_meet[] = {0, 1, 0, 1, 0, 1, 0, 1, 2, 1};
    BAD(ft_solve_tridiagonal_batch(2, 3, off, d, off, b, 0, x, rows_meet, NULL),
        FT_INVALID_ARGUMENT, "stride of x");
    BAD(ft_solve_tridiagonal_batch(PTRDIFF_MAX, 3, off, d, off, b, 0, x, NULL, NULL),
        FT_INVALID_ARGUMENT, "too large");
    BAD(ft_solve_tridiagonal_batch(1, 3, off, d, off, b, 0, x, NULL, (ptrdiff_t *)(void *)x),
        FT_OVERLAP, "`x` overlaps `info`");
    for (int i = 0; i < 12; i++)
        CHECK(x[i] == 9);
}

int main(void) {
    batches();
    single_precision();
    singular_systems();
    refusals();
    return outcome();
}

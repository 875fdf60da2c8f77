/* A batch of tridiagonal systems, a quadrature, erf, and an error, from C. */
#include <ferrotran.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 3, N = 4, POINTS = 5 };

/* Ends the program with what the library says of the last call. */
static void check(int status) {
    if (status != FT_OK) {
        fprintf(stderr, "status %d: %s\n", status, ft_last_error_message());
        exit(EXIT_FAILURE);
    }
}

static void print_row(int n, const double x[]) {
    for (int i = 0; i < n; i++)
        printf("%22.17f", x[i]);
    printf("\n");
}

/* c / ((1 + x) sqrt(x)), whose integral over the positive numbers is c pi. */
static int integrand(void *ctx, double x, double *y) {
    const double *c = ctx;
    *y = *c / ((1.0 + x) * sqrt(x));
    return 0;
}

int main(void) {
    check(ft_check_header());

    double dl[BATCH][N - 1], d[BATCH][N], du[BATCH][N - 1], b[BATCH][N], x[BATCH][N];
    for (int k = 0; k < BATCH; k++) {
        for (int i = 0; i < N; i++) {
            d[k][i] = 2.0 + k;
            b[k][i] = i + 1.0;
            if (i < N - 1)
                dl[k][i] = du[k][i] = -1.0;
        }
    }
    check(ft_solve_tridiagonal_batch(BATCH, N, &dl[0][0], &d[0][0], &du[0][0], &b[0][0],
                                     FT_PIVOTING_PARTIAL, &x[0][0], NULL, NULL));
    printf("tridiagonal systems\n");
    for (int k = 0; k < BATCH; k++)
        print_row(N, x[k]);

    double c = 2.0;
    struct ft_quad_result area;
    check(ft_quad(integrand, &c, 0.0, INFINITY, NULL, &area));
    printf("quadrature\n%22.17f, %td evaluations\n", area.value, area.evaluations);

    double points[POINTS], values[POINTS];
    for (int i = 0; i < POINTS; i++)
        points[i] = 0.5 * (i + 1);
    check(ft_erf(POINTS, points, 1, values, 1));
    printf("erf\n");
    print_row(POINTS, values);

    /* A step that is too long; D and the spacing of the grid are 1. */
    double u[N * N] = {0.0};
    int status = ft_heat2d(N, N, u, N, NULL, 0, 0.5, 1, NULL, u, N);
    printf("error: %s\n", ft_last_error_message());
    return status == FT_UNSTABLE ? EXIT_SUCCESS : EXIT_FAILURE;
}

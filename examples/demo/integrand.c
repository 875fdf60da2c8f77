/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* cos(p sin t), whose integral over [0, pi] is pi J0(p): QUADPACK's test 3, in two forms. */
#include <math.h>
#include <stddef.h>

double one_node(int n, double *x);
int all_nodes(void *parameters, ptrdiff_t n, const double *t, double *y);

/// One value: x[0] is t, x[1] is p. The form that SciPy takes.
double one_node(int n, double *x) {
    (void)n;
    return cos(x[1] * sin(x[0]));
}

/// The values at all nodes of an interval; the compiler turns the loop into SIMD.
int all_nodes(void *parameters, ptrdiff_t n, const double *t, double *y) {
    double p = *(const double *)parameters;
    for (ptrdiff_t i = 0; i < n; i++) {
        y[i] = cos(p * sin(t[i]));
    }
    return 0;
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Systems of ordinary differential equations for trials, tests and measurements.
 *
 * Arrays are (n x lanes), the lane running fastest. Each system is one loop over the lanes,
 * compiled for any number of them and for LANES. No product is fused with a sum, so that a member
 * has the same bits in any lane of any number of lanes, on any instruction set.
 */
#include <math.h>

#include "ferrotran_kernels.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("fp-contract=off")
#else
#pragma STDC FP_CONTRACT OFF
#endif

/* Members that the solvers advance side by side. */
enum { LANES = 8 };

typedef const double *restrict in;
typedef double *restrict out;

/* Lorenz 1963, doi:10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2: p = sigma, rho, beta. */
static inline void lorenz(ptrdiff_t m, in y, out dydt, in p) {
    for (ptrdiff_t k = 0; k < m; ++k) {
        const double u = y[k], v = y[m + k], w = y[2 * m + k];
        const double sigma = p[k], rho = p[m + k], beta = p[2 * m + k];
        dydt[k] = sigma * (v - u);
        dydt[m + k] = u * (rho - w) - v;
        dydt[2 * m + k] = u * v - beta * w;
    }
}

int ft_ode_lorenz_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t, const double *y,
                      double *restrict dydt, const double *p) {
    (void)ctx, (void)n, (void)t;
    if (lanes == LANES)
        lorenz(LANES, y, dydt, p);
    else
        lorenz(lanes, y, dydt, p);
    return 0;
}

/* Van der Pol 1926, doi:10.1080/14786442608564127: p = mu. */
static inline void van_der_pol(ptrdiff_t m, in y, out dydt, in p) {
    for (ptrdiff_t k = 0; k < m; ++k) {
        const double u = y[k], v = y[m + k];
        dydt[k] = v;
        dydt[m + k] = p[k] * ((1.0 - u * u) * v) - u;
    }
}

static inline void van_der_pol_jac(ptrdiff_t m, in y, out jac, in p) {
    for (ptrdiff_t k = 0; k < m; ++k) {
        const double u = y[k], v = y[m + k];
        jac[k] = 0.0;
        jac[m + k] = 1.0;
        jac[2 * m + k] = p[k] * (-2.0 * u * v) - 1.0;
        jac[3 * m + k] = p[k] * (1.0 - u * u);
    }
}

int ft_ode_van_der_pol_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                           const double *y, double *restrict dydt, const double *p) {
    (void)ctx, (void)n, (void)t;
    if (lanes == LANES)
        van_der_pol(LANES, y, dydt, p);
    else
        van_der_pol(lanes, y, dydt, p);
    return 0;
}

int ft_ode_van_der_pol_jac_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                               const double *y, double *restrict jac, const double *p) {
    (void)ctx, (void)n, (void)t;
    if (lanes == LANES)
        van_der_pol_jac(LANES, y, jac, p);
    else
        van_der_pol_jac(lanes, y, jac, p);
    return 0;
}

/* Robertson 1966, The solution of a set of reaction rate equations, in J. Walsh (ed.), Numerical
 * Analysis: An Introduction, pp. 178-182. A -> B at the rate a, B + B -> B + C at b, B + C -> A + C
 * at c: p = a, b, c. */
static inline void robertson(ptrdiff_t m, in y, out dydt, in p) {
    for (ptrdiff_t k = 0; k < m; ++k) {
        const double u = y[k], v = y[m + k], w = y[2 * m + k];
        const double decay = p[k] * u, back = p[2 * m + k] * v * w, made = p[m + k] * (v * v);
        dydt[k] = back - decay;
        dydt[m + k] = decay - back - made;
        dydt[2 * m + k] = made;
    }
}

static inline void robertson_jac(ptrdiff_t m, in y, out jac, in p) {
    for (ptrdiff_t k = 0; k < m; ++k) {
        const double v = y[m + k], w = y[2 * m + k];
        const double a = p[k], bv = 2.0 * p[m + k] * v, cv = p[2 * m + k] * v,
                     cw = p[2 * m + k] * w;
        jac[k] = -a;
        jac[m + k] = cw;
        jac[2 * m + k] = cv;
        jac[3 * m + k] = a;
        jac[4 * m + k] = -cw - bv;
        jac[5 * m + k] = -cv;
        jac[6 * m + k] = 0.0;
        jac[7 * m + k] = bv;
        jac[8 * m + k] = 0.0;
    }
}

int ft_ode_robertson_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t, const double *y,
                         double *restrict dydt, const double *p) {
    (void)ctx, (void)n, (void)t;
    if (lanes == LANES)
        robertson(LANES, y, dydt, p);
    else
        robertson(lanes, y, dydt, p);
    return 0;
}

int ft_ode_robertson_jac_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t,
                             const double *y, double *restrict jac, const double *p) {
    (void)ctx, (void)n, (void)t;
    if (lanes == LANES)
        robertson_jac(LANES, y, jac, p);
    else
        robertson_jac(lanes, y, jac, p);
    return 0;
}

/* A light body in the plane of two heavy ones that circle each other, in coordinates that turn with
 * them: Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I, 2nd ed., Springer
 * 1993, section II.0. p = the share mu of the second body in the mass; y = two coordinates, two
 * velocities. */
static inline void three_body(ptrdiff_t m, in y, out dydt, in p) {
    for (ptrdiff_t k = 0; k < m; ++k) {
        const double x1 = y[k], x2 = y[m + k], v1 = y[2 * m + k], v2 = y[3 * m + k];
        const double mu = p[k], nu = 1.0 - mu;
        const double near = x1 - nu, far = x1 + mu, side = x2 * x2;
        const double r = far * far + side, s = near * near + side;
        const double pull_far = nu / (r * sqrt(r)), pull_near = mu / (s * sqrt(s));
        dydt[k] = v1;
        dydt[m + k] = v2;
        dydt[2 * m + k] = (x1 + 2.0 * v2) - (pull_far * far + pull_near * near);
        dydt[3 * m + k] = (x2 - 2.0 * v1) - (pull_far * x2 + pull_near * x2);
    }
}

int ft_ode_three_body_f64(void *ctx, ptrdiff_t lanes, ptrdiff_t n, const double *t, const double *y,
                          double *restrict dydt, const double *p) {
    (void)ctx, (void)n, (void)t;
    if (lanes == LANES)
        three_body(LANES, y, dydt, p);
    else
        three_body(lanes, y, dydt, p);
    return 0;
}

/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/** @file ferrotran/special.h Special functions over arrays; included by ferrotran.h. */
#ifndef FERROTRAN_SPECIAL_H
#define FERROTRAN_SPECIAL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Each function puts its value at `x[i * incx]` into `y[i * incy]` for i from 0 to n - 1. `y` may
 * be `x` itself with the same stride, else they may not overlap. Large arrays are spread over the
 * threads. Errors: FT_NULL_POINTER; FT_INVALID_ARGUMENT for a negative `n` or an `incy` of 0;
 * FT_OVERLAP.
 */

/** The error function. */
int ft_erf(ptrdiff_t n, const double *x, ptrdiff_t incx, double *y, ptrdiff_t incy);
/** ft_erf() in single precision. */
int ft_erff(ptrdiff_t n, const float *x, ptrdiff_t incx, float *y, ptrdiff_t incy);

/** The complementary error function 1 - erf(x), without cancellation. */
int ft_erfc(ptrdiff_t n, const double *x, ptrdiff_t incx, double *y, ptrdiff_t incy);
/** ft_erfc() in single precision. */
int ft_erfcf(ptrdiff_t n, const float *x, ptrdiff_t incx, float *y, ptrdiff_t incy);

/** The scaled complementary error function exp(x^2) erfc(x). */
int ft_erfcx(ptrdiff_t n, const double *x, ptrdiff_t incx, double *y, ptrdiff_t incy);
/** ft_erfcx() in single precision. */
int ft_erfcxf(ptrdiff_t n, const float *x, ptrdiff_t incx, float *y, ptrdiff_t incy);

/** The gamma function; NaN at its poles but 0, where it is infinite. */
int ft_gamma(ptrdiff_t n, const double *x, ptrdiff_t incx, double *y, ptrdiff_t incy);
/** ft_gamma() in single precision. */
int ft_gammaf(ptrdiff_t n, const float *x, ptrdiff_t incx, float *y, ptrdiff_t incy);

/** The logarithm of the absolute value of the gamma function; infinite at its poles. */
int ft_gammaln(ptrdiff_t n, const double *x, ptrdiff_t incx, double *y, ptrdiff_t incy);
/** ft_gammaln() in single precision. */
int ft_gammalnf(ptrdiff_t n, const float *x, ptrdiff_t incx, float *y, ptrdiff_t incy);

/** The Bessel function of the first kind of order 0. */
int ft_j0(ptrdiff_t n, const double *x, ptrdiff_t incx, double *y, ptrdiff_t incy);
/** ft_j0() in single precision. */
int ft_j0f(ptrdiff_t n, const float *x, ptrdiff_t incx, float *y, ptrdiff_t incy);

/** The Bessel function of the first kind of order 1. */
int ft_j1(ptrdiff_t n, const double *x, ptrdiff_t incx, double *y, ptrdiff_t incy);
/** ft_j1() in single precision. */
int ft_j1f(ptrdiff_t n, const float *x, ptrdiff_t incx, float *y, ptrdiff_t incy);

/** The Bessel function of the second kind of order 0; -infinity at 0, NaN below. */
int ft_y0(ptrdiff_t n, const double *x, ptrdiff_t incx, double *y, ptrdiff_t incy);
/** ft_y0() in single precision. */
int ft_y0f(ptrdiff_t n, const float *x, ptrdiff_t incx, float *y, ptrdiff_t incy);

/** The Bessel function of the second kind of order 1; -infinity at 0, NaN below. */
int ft_y1(ptrdiff_t n, const double *x, ptrdiff_t incx, double *y, ptrdiff_t incy);
/** ft_y1() in single precision. */
int ft_y1f(ptrdiff_t n, const float *x, ptrdiff_t incx, float *y, ptrdiff_t incy);

#ifdef __cplusplus
}
#endif

#endif
